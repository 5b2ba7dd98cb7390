"""单元格: texts as a spreadsheet shows them and none of its formulas, numbers as what they are."""

import re
import unicodedata
from typing import Final

_FORMULA: Final = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")
"""What begins a formula, in half and in full width."""
_PROTECTED: Final = "'"
_TEXT: Final = "\t"
"""Before a number: no spreadsheet takes a cell for one that begins so."""
_NUMBER: Final = re.compile(r"0[0-9]+|[0-9]{11,}|[0-9]+[Ee][0-9]+")
"""What spreadsheets round, cut or rewrite: leading zeros, long numbers, exponents."""
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Zl", "Zp"})


def plain_cell(text: str) -> str:
    """Return a text on one line: a tab, a line break or another control character is a space."""
    return "".join(" " if unicodedata.category(sign) == "Cc" else sign for sign in text)


def csv_cell(text: str) -> str:
    """Return a text as it stands in CSV, which has no types: safe to open with a double click.

    One that would be a formula gets an apostrophe before it; spaces and signs that show nothing are
    looked through. A number that a spreadsheet would round gets a tab, so that it stays a text. A
    tab of the text itself is a space, so that the two can be told apart.
    """
    plain = plain_cell(text)
    if _NUMBER.fullmatch(plain):
        return _TEXT + plain
    first = next((sign for sign in plain if not _shows_nothing(sign)), "")
    return _PROTECTED + plain if first in _FORMULA else plain


def _shows_nothing(sign: str) -> bool:
    return sign.isspace() or unicodedata.category(sign) in _INVISIBLE


def not_written(text: str, encoding: str) -> str | None:
    """Return the first character of `text` that `encoding` lacks, None where it has all."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError as exc:
        return text[exc.start]
    return None


def named_character(sign: str) -> str:
    """Return what a character is called: by its number, so that it can be looked up."""
    return f"U+{ord(sign):04X}"
