"""How little of a person a list may show."""

import unicodedata
from typing import Final

import orjson

_NAME: Final = "aac003"  # 姓名 on the wire
_MOST_STARS: Final = 3
_MIDDLE_DOT: Final = "\u00b7"
_PROVINCE_DIGITS: Final = 2
_CITIZEN_NUMBER_LENGTH: Final = 18


def shown_name(content: bytes) -> str:
    """Return the masked name in an application as received; empty when there is none to read."""
    try:
        form = orjson.loads(content)
    except orjson.JSONDecodeError:
        return ""
    name = form.get(_NAME) if isinstance(form, dict) else None
    return mask_name(name) if isinstance(name, str) else ""


def mask_name(name: str) -> str:
    """Return the first character and a star for each further one, three at most.

    Of a name with U+00B7 (间隔号) only the first part counts; a name of one character is a star.
    """
    letters = _graphemes(name.partition(_MIDDLE_DOT)[0].strip())
    if not letters:
        return ""
    return letters[0] + "*" * min(len(letters) - 1, _MOST_STARS) if len(letters) > 1 else "*"


def mask_certificate(number: str) -> str:
    """Return the province digits of a citizen's number (公民身份号码), and stars for the rest."""
    shown = _PROVINCE_DIGITS if _is_citizen_number(number) else 0
    return number[:shown] + "*" * (len(number) - shown)


def _is_citizen_number(number: str) -> bool:
    first = number[:-1]
    return len(number) == _CITIZEN_NUMBER_LENGTH and first.isascii() and first.isdecimal()


def _graphemes(text: str) -> list[str]:
    """Split into what a reader takes for one character: marks stay with what they mark."""
    letters: list[str] = []
    for sign in text:
        if letters and unicodedata.category(sign) in {"Mn", "Me", "Mc", "Cf"}:
            letters[-1] += sign
        else:
            letters.append(sign)
    return letters
