"""How little of a person a list may show."""

import re
import unicodedata
from typing import Final

import orjson

from gateway.domain.differences import Difference
from gateway.domain.screening import is_invisible
from gateway.ports.views import MaskedDifference

_NAME: Final = "aac003"  # 姓名 on the wire
_FORM: Final = "person"
_RECORDS: Final = frozenset({"", f"/{_FORM}", "/outcome"})
"""Where the members stand that are known here; a local registration is a form and an outcome."""
_NAMES: Final = frozenset({_NAME, "aae019", "checker", "approver"})
_CERTIFICATES: Final = frozenset({"aac147"})
_IMPERSONAL: Final = frozenset(
    {
        *("kind", "application_no", "acc412", "place_division", "submitted_at", "forwarded_at"),
        *("policy", "channel", "code_set", "trace_id", "withdrawn_at"),
        *("revision", "dispatch_no", "aae016", "refusal_reason", "aae017", "aae020", "aae022"),
        *("aae036", "review_state"),
    }
)
"""Members of a record that are about the application, the agency or the message."""
_NUMBERS: Final = re.compile(
    r"(?<![0-9A-Za-z])(?:1[3-9][0-9]{9}|[0-9]{15}|[0-9]{17}[0-9Xx])(?![0-9A-Za-z])"
)
"""Mobile numbers (手机号码) and citizens' numbers, wherever they stand in a text."""
_HIDDEN: Final = "***"
_MOST_STARS: Final = 3
_MOST_MARKS: Final = 4
"""On one character; more are no writing, and cover what stands around them."""
_CONTROLS: Final = frozenset({"Cc", "Cs"})
_MARKS: Final = frozenset({"Mn", "Me", "Mc"})
_MIDDLE_DOT: Final = "\u00b7"
_PROVINCE_DIGITS: Final = 2
_CITIZEN_NUMBER_LENGTH: Final = 18


def shown_name(content: bytes) -> str:
    """Return the masked name in a form as received; empty when there is none to read.

    A local registration has the form as a member of its own.
    """
    try:
        record = orjson.loads(content)
    except orjson.JSONDecodeError:
        return ""
    form = record.get(_FORM, record) if isinstance(record, dict) else None
    name = form.get(_NAME) if isinstance(form, dict) else None
    return mask_name(name) if isinstance(name, str) else ""


def shown_difference(difference: Difference) -> MaskedDifference:
    """Return a difference with both values masked as lists mask them.

    A name and a certificate number keep what a list shows of them; the closed list of members that
    say nothing about the person stay as they are; of anything else only stars are shown.
    """
    pointer = difference.pointer
    return MaskedDifference(
        pointer, _shown(pointer, difference.first), _shown(pointer, difference.other)
    )


def mask_member(member: str, value: str) -> str:
    """Return the value of a member of a form, masked as `shown_difference` masks it.

    `member` is its path in the record: `aac003`, `qualifications/0/name`.
    """
    return _shown(f"/{member}", orjson.dumps(value).decode()) or ""


def _shown(pointer: str, written: str | None) -> str | None:
    if written is None:
        return None
    value: object = orjson.loads(written)
    record, _, member = pointer.rpartition("/")
    if record not in _RECORDS:
        return _HIDDEN
    if isinstance(value, str) and member in _NAMES:
        return mask_name(value)
    if isinstance(value, str) and member in _CERTIFICATES:
        return mask_certificate(value)
    if member not in _IMPERSONAL or isinstance(value, dict | list):
        return _HIDDEN
    return _spelled_out(value) if isinstance(value, str) else written


def _spelled_out(text: str) -> str:
    """Return a text with every character that shows nothing, or turns others, as its number."""
    return "".join(f"\\u{{{ord(sign):x}}}" if _is_hidden(sign) else sign for sign in text)


def _is_hidden(sign: str) -> bool:
    return is_invisible(sign) or unicodedata.category(sign) in _CONTROLS


def mask_name(name: str) -> str:
    """Return the first character and a star for each further one, three at most.

    Of a name with U+00B7 (间隔号) only the first part counts; a name of one character is a star.
    Of the signs that join the first character, a few stay, and none that shows nothing or turns
    the direction of what stands beside the name.
    """
    letters = _graphemes(name.partition(_MIDDLE_DOT)[0].strip())
    if not letters:
        return "*" if name.strip() else ""
    return letters[0] + "*" * min(len(letters) - 1, _MOST_STARS) if len(letters) > 1 else "*"


def mask_certificate(number: str) -> str:
    """Return the province digits of a citizen's number (公民身份号码), and stars for the rest."""
    shown = _PROVINCE_DIGITS if _is_citizen_number(number) else 0
    return number[:shown] + "*" * (len(number) - shown)


def shown_text(text: str) -> str:
    """Return what a person wrote, its telephone and certificate numbers masked, on one line.

    Names stay: nothing tells them from other words. What shows nothing is spelled out.
    """
    masked = _NUMBERS.sub(lambda found: mask_certificate(found[0]), text)
    return _spelled_out(" ".join(masked.split()))


def _is_citizen_number(number: str) -> bool:
    first = number[:-1]
    return len(number) == _CITIZEN_NUMBER_LENGTH and first.isascii() and first.isdecimal()


def _graphemes(text: str) -> list[str]:
    """Split into what a reader takes for one character: marks stay with what they mark."""
    letters: list[str] = []
    for sign in text:
        if is_invisible(sign):
            continue
        if not letters or unicodedata.category(sign) not in _MARKS:
            letters.append(sign)
        elif len(letters[-1]) <= _MOST_MARKS:
            letters[-1] += sign
    return letters
