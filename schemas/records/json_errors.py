"""What makes bytes malformed JSON (报文格式错误), as a code and a place, never with content."""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

DEEPEST: Final = 32
LONGEST_BODY_BYTES: Final = 10 << 20
"""Of a request and of an answer: no lawful page or batch of 200 is longer, each character escaped
(`contracts/v1/limits.csv`, made of the schemas)."""
LONGEST_ITEM_BYTES: Final = 1 << 16
"""One record of a page or a batch: half as long again as the longest lawful one, each character
escaped."""


class JsonErrorCode(StrEnum):
    """Stable codes; what a person reads of each is made where it is shown."""

    EMPTY = "json.empty"
    UTF_16 = "json.utf-16"
    NOT_UTF_8 = "json.not-utf-8"
    SYNTAX = "json.syntax"
    DUPLICATE_MEMBER = "json.duplicate-member"
    TOO_DEEP = "json.too-deep"
    NUL = "json.nul"
    TOO_MANY_VALUES = "json.too-many-values"
    ITEM_TOO_LONG = "json.item-too-long"
    PAGE_NOT_AN_OBJECT = "page.not-an-object"
    PAGE_WITHOUT_LIST = "page.without-list"
    PAGE_LIST_UNFINISHED = "page.list-unfinished"
    PAGE_BROKEN = "page.broken"


_SENTENCES: Final = MappingProxyType(
    {
        JsonErrorCode.EMPTY: "no bytes at all",
        JsonErrorCode.UTF_16: "UTF-16 or UTF-32, not UTF-8",
        JsonErrorCode.NOT_UTF_8: "not UTF-8",
        JsonErrorCode.SYNTAX: "not JSON",
        JsonErrorCode.DUPLICATE_MEMBER: "a member name stands twice in one object",
        JsonErrorCode.TOO_DEEP: f"nested deeper than {DEEPEST}",
        JsonErrorCode.NUL: "a text holds the character NUL",
        JsonErrorCode.TOO_MANY_VALUES: "more values than any record or batch has",
        JsonErrorCode.ITEM_TOO_LONG: f"one item is longer than {LONGEST_ITEM_BYTES} bytes",
        JsonErrorCode.PAGE_NOT_AN_OBJECT: "the page is not an object",
        JsonErrorCode.PAGE_WITHOUT_LIST: "the page has no list of items that can be made out",
        JsonErrorCode.PAGE_LIST_UNFINISHED: "the page's list has no end",
        JsonErrorCode.PAGE_BROKEN: "breaks its page: it cannot be taken apart",
    }
)


@dataclass(frozen=True, slots=True)
class JsonError:
    """Why bytes are malformed; `at_byte` counts from 0 and is known for a mistake of syntax."""

    code: JsonErrorCode
    at_byte: int | None = None

    def __str__(self) -> str:
        """Return an English sentence for logs and problem bodies."""
        place = "" if self.at_byte is None else f", at byte {self.at_byte}"
        return f"{_SENTENCES[self.code]}{place}"


class Malformed(ValueError):
    """The bytes are not JSON as the contract wants it."""

    def __init__(self, code: JsonErrorCode, at_byte: int | None = None) -> None:
        self.error = JsonError(code, at_byte)
        super().__init__(str(self.error))
