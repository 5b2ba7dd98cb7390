"""证件号码: what can be told from a certificate number alone; remarks, never refusals."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from operator import mul
from types import MappingProxyType
from typing import Final

_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_OF_ZEROS: Final = ord("0") * sum(_WEIGHTS)
_CHECK_CHARACTERS: Final = "10X98765432"
_CITIZEN: Final = re.compile("[0-9]{17}[0-9Xx]")
"""Digits of ASCII only: `str.isdigit` and `int` also take full-width and Arabic-Indic ones."""
_RESIDENCE_PREFIXES: Final = ("81", "82", "83")
_OTHER_CARDS: Final[Mapping[str, str]] = MappingProxyType({"01": "09", "90": "0"})
"""First digits that no number of a type has: no region begins with 0, and 9 is the foreigner's
permanent residence card (外国人永久居留身份证), who may well hold a 社会保障卡."""
_EARLIEST_YEAR: Final = 1900

RESIDENT_CARD, SOCIAL_SECURITY_CARD = "01", "90"
"""AAC058 证件类型: 居民身份证, 社会保障卡."""
HONG_KONG_PERMIT, MACAO_PERMIT, TAIWAN_PERMIT = "04", "05", "06"
"""AAC058: 港澳居民来往内地通行证 (two values), 台湾居民来往大陆通行证."""
RESIDENCE_PERMIT: Final = "17"
"""AAC058: 港澳台居民居住证. Assumed: the value; lists differ."""

_HONG_KONG_MACAO_TAIWAN: Final = frozenset(
    {HONG_KONG_PERMIT, MACAO_PERMIT, TAIWAN_PERMIT, RESIDENCE_PERMIT}
)


class Remark(StrEnum):
    """What is doubtful about a certificate number; a person decides what follows from it."""

    SHAPE = "certificate.shape"  # not the characters or the length of its type
    OLD_FORM = "certificate.old-form"  # 15 digits, valid for looking up history only
    CHECKSUM = "certificate.checksum"  # the last character does not follow from the others
    DATE = "certificate.date"  # the birth date is no day of the calendar, or lies ahead
    EARLY_BIRTH = "certificate.early-birth"  # born before 1900
    TYPE_MISMATCH = "certificate.type-mismatch"  # a sound number of another type
    UNLISTED_TYPE = "certificate.unlisted-type"  # not among the types of the service


def check_certificate(
    certificate_type: str, number: str, *, today: date | None = None
) -> tuple[Remark, ...]:
    """Return what is doubtful about a certificate number; empty when nothing is.

    The area prefix of a citizen number is that of its first issue: it may be abolished, decides
    nothing and is never remarked on; only a first digit that its type cannot have is.

    Args:
        certificate_type: AAC058 value.
        number: As it was sent; an `x` at the end counts as `X`.
        today: Beijing date against which a birth date can lie in the future.

    Source: GB 11643; 人社厅发〔2020〕3号 art. 3 (types of the service).
        Assumed: 06 (the pass of residents of Taiwan), by a notice of 2018 and not in the article.
    """
    check = _CHECKS.get(certificate_type)
    if check is None:
        return (Remark.UNLISTED_TYPE,)
    remarks = check(number, today)
    if _is_citizen_shape(number) and number[0] in _OTHER_CARDS.get(certificate_type, ""):
        remarks = (*remarks, Remark.TYPE_MISMATCH)
    return remarks


def is_of_hong_kong_macao_taiwan(certificate_type: str, number: str) -> bool:
    """Say whether a certificate is that of a resident of Hong Kong, Macao or Taiwan (港澳台居民).

    A 社会保障卡 of such a resident bears the number of the 居住证.
    """
    if certificate_type in (SOCIAL_SECURITY_CARD, RESIDENT_CARD):
        return _is_citizen_shape(number) and _is_residence_prefix(number)
    return certificate_type in _HONG_KONG_MACAO_TAIWAN


def birth_date(number: str) -> date | None:
    """Return the birth date of an 18-character number; None when it has none that exists."""
    return _birth_date(number) if _is_citizen_shape(number) else None


def sex_digit(number: str) -> str | None:
    """Return AAC004 (`1` 男, `2` 女) as the 17th digit says; None for another shape."""
    if not _is_citizen_shape(number):
        return None
    return "1" if number[16] in "13579" else "2"


def age_on(born: date, day: date) -> int:
    """Return the age in full years on a Beijing date; a person born on 29 February ages on 1 March.

    Assumed: the day of the birthday completes the year (the 16th birthday is eligible).
    """
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def check_character(first_17: str) -> str:
    """Return the last character of a citizen number (ISO 7064 MOD 11-2) for its first 17 digits.

    Raises:
        ValueError: These are not 17 ASCII digits.
    """
    if len(first_17) != 17 or not _all_digits(first_17):
        raise ValueError("a citizen number has 17 digits before its check character")
    return _check_character(first_17)


def _check_character(first_17: str) -> str:
    return _CHECK_CHARACTERS[(sum(map(mul, first_17.encode(), _WEIGHTS)) - _OF_ZEROS) % 11]


def _birth_date(number: str) -> date | None:
    """Return the birth date in a number of sound shape; None for a day that does not exist."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def _all_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _is_citizen_shape(number: str) -> bool:
    return _CITIZEN.fullmatch(number) is not None


def _is_residence_prefix(number: str) -> bool:
    return number.startswith(_RESIDENCE_PREFIXES)


def _is_hong_kong_macao_shape(number: str, letters: str = "HM") -> bool:
    return len(number) in (9, 11) and number[0] in letters and _all_digits(number[1:])


def _is_taiwan_shape(number: str) -> bool:
    if len(number) == 8:
        return _all_digits(number)
    return len(number) == 11 and _all_digits(number[:10]) and "A" <= number[10] <= "Z"


def _citizen(number: str, today: date | None) -> tuple[Remark, ...]:
    """18 characters; what is wrong inside a sound shape is told one by one."""
    if len(number) == 15 and _all_digits(number):
        return (Remark.OLD_FORM,)
    if not _is_citizen_shape(number):
        other = _is_hong_kong_macao_shape(number) or _is_taiwan_shape(number)
        return (Remark.TYPE_MISMATCH,) if other else (Remark.SHAPE,)
    remarks: list[Remark] = []
    if _check_character(number[:17]) != number[17].upper():
        remarks.append(Remark.CHECKSUM)
    born = _birth_date(number)
    if born is None or (today is not None and born > today):
        remarks.append(Remark.DATE)
    elif born.year < _EARLIEST_YEAR:
        remarks.append(Remark.EARLY_BIRTH)
    return tuple(remarks)


def _resident_card(number: str, today: date | None) -> tuple[Remark, ...]:
    remarks = _citizen(number, today)
    mismatch = _is_citizen_shape(number) and _is_residence_prefix(number)
    return (*remarks, Remark.TYPE_MISMATCH) if mismatch else remarks


def _residence_permit(number: str, today: date | None) -> tuple[Remark, ...]:
    remarks = _citizen(number, today)
    mismatch = _is_citizen_shape(number) and not _is_residence_prefix(number)
    return (*remarks, Remark.TYPE_MISMATCH) if mismatch else remarks


def _travel_permit(letter: str) -> Callable[[str, date | None], tuple[Remark, ...]]:
    def check(number: str, _: date | None) -> tuple[Remark, ...]:
        if _is_hong_kong_macao_shape(number, letter):
            return ()
        other = (
            _is_hong_kong_macao_shape(number)
            or _is_citizen_shape(number)
            or _is_taiwan_shape(number)
        )
        return (Remark.TYPE_MISMATCH,) if other else (Remark.SHAPE,)

    return check


def _taiwan_permit(number: str, _: date | None) -> tuple[Remark, ...]:
    if _is_taiwan_shape(number):
        return ()
    other = _is_hong_kong_macao_shape(number) or _is_citizen_shape(number)
    return (Remark.TYPE_MISMATCH,) if other else (Remark.SHAPE,)


_CHECKS: Final[Mapping[str, Callable[[str, date | None], tuple[Remark, ...]]]] = MappingProxyType(
    {
        RESIDENT_CARD: _resident_card,
        SOCIAL_SECURITY_CARD: _citizen,
        RESIDENCE_PERMIT: _residence_permit,
        HONG_KONG_PERMIT: _travel_permit("H"),
        MACAO_PERMIT: _travel_permit("M"),
        TAIWAN_PERMIT: _taiwan_permit,
    }
)
