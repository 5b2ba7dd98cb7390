"""Structured field dictionaries (RFC 8941), read strictly and written canonically.

Stricter than the standard where two readers could disagree: a label or parameter that comes
twice, and base64 that is not canonical, are errors.
"""

import re
from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

MAX_FIELD_CHARS: Final = 4096

_KEY: Final = re.compile(r"[a-z*][a-z0-9_.*-]*", re.ASCII)
_BARE: Final = re.compile(
    r"(?P<decimal>-?[0-9]{1,12}\.[0-9]{1,3})(?![0-9.])"
    r"|(?P<integer>-?[0-9]{1,15})(?![0-9.])"
    r'|"(?P<string>(?:[ !#-\[\]-~]|\\["\\])*)"'
    r"|:(?P<binary>[A-Za-z0-9+/]*={0,2}):"
    r"|\?(?P<boolean>[01])"
    r"|(?P<token>[A-Za-z*][!#$%&'*+.^_`|~:/0-9A-Za-z-]*)",
    re.ASCII,
)
_SPACES: Final = re.compile(r" *")
_OPTIONAL_WHITESPACE: Final = re.compile(r"[ \t]*")


class FieldSyntaxError(ValueError):
    """The text is not a structured field dictionary; says where, never quotes values."""


@dataclass(frozen=True, slots=True)
class Token:
    """A bare word, which is not a string: `alg=ed25519` differs from `alg="ed25519"`."""

    text: str


Value = str | int | bytes | bool | Decimal | Token


@dataclass(frozen=True, slots=True)
class Item:
    """One value with its parameters; `text` is its canonical form, parameters included."""

    value: Value
    params: Mapping[str, Value]
    text: str


@dataclass(frozen=True, slots=True)
class InnerList:
    """Items in parentheses with parameters; `text` is its canonical form."""

    items: tuple[Item, ...]
    params: Mapping[str, Value]
    text: str


Member = Item | InnerList


def parse_dictionary(text: str) -> dict[str, Member]:
    """Return the members of a dictionary field by label; several lines come joined by `, `.

    Raises:
        FieldSyntaxError: Not a dictionary, too long, or ambiguous.
    """
    if len(text) > MAX_FIELD_CHARS:
        raise FieldSyntaxError(f"longer than {MAX_FIELD_CHARS} characters")
    return _Reader(text.strip(" ")).dictionary()


class _Reader:
    """A position in a text, moving forward only."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def dictionary(self) -> dict[str, Member]:
        members: dict[str, Member] = {}
        while not self._ended():
            label = self._key()
            if label in members:
                raise self._error("label twice")
            members[label] = self._member()
            self._skip(_OPTIONAL_WHITESPACE)
            if self._ended():
                break
            if not self._accept(","):
                raise self._error("comma expected")
            self._skip(_OPTIONAL_WHITESPACE)
            if self._ended():
                raise self._error("trailing comma")
        return members

    def _member(self) -> Member:
        if not self._accept("="):
            params, suffix = self._parameters()
            return Item(True, params, "?1" + suffix)
        return self._inner_list() if self._accept("(") else self._item()

    def _inner_list(self) -> InnerList:
        items: list[Item] = []
        self._skip(_SPACES)
        while not self._accept(")"):
            items.append(self._item())
            if not self._peek(" )"):
                raise self._error("space or ) expected")
            self._skip(_SPACES)
        params, suffix = self._parameters()
        inside = " ".join(item.text for item in items)
        return InnerList(tuple(items), params, f"({inside}){suffix}")

    def _item(self) -> Item:
        value, text = self._bare()
        params, suffix = self._parameters()
        return Item(value, params, text + suffix)

    def _parameters(self) -> tuple[dict[str, Value], str]:
        params: dict[str, Value] = {}
        suffix = ""
        while self._accept(";"):
            self._skip(_SPACES)
            name = self._key()
            if name in params:
                raise self._error("parameter twice")
            value, text = self._bare() if self._accept("=") else (True, "?1")
            params[name] = value
            suffix += f";{name}" if value is True else f";{name}={text}"
        return params, suffix

    def _bare(self) -> tuple[Value, str]:
        found = _BARE.match(self._text, self._at)
        if found is None:
            raise self._error("value expected")
        self._at = found.end()
        kind, text = str(found.lastgroup), found[0]
        inside = found[kind]
        match kind:
            case "integer":
                return int(inside), str(int(inside))
            case "decimal":
                number = Decimal(inside)
                return number, f"{number.normalize():f}" if number % 1 else f"{int(number)}.0"
            case "string":
                return re.sub(r'\\(["\\])', r"\1", inside), text
            case "binary":
                return self._binary(inside), text
            case "boolean":
                return inside == "1", text
            case _:
                return Token(inside), text

    def _binary(self, encoded: str) -> bytes:
        try:
            value = a2b_base64(encoded, strict_mode=True)
        except Base64Error:
            raise self._error("base64 expected") from None
        if b2a_base64(value, newline=False).decode("ascii") != encoded:
            raise self._error("base64 not canonical")
        return value

    def _key(self) -> str:
        found = _KEY.match(self._text, self._at)
        if found is None:
            raise self._error("name expected")
        self._at = found.end()
        return found[0]

    def _skip(self, blanks: re.Pattern[str]) -> None:
        found = blanks.match(self._text, self._at)
        self._at = found.end() if found else self._at

    def _accept(self, char: str) -> bool:
        if self._text.startswith(char, self._at):
            self._at += 1
            return True
        return False

    def _peek(self, chars: str) -> bool:
        return not self._ended() and self._text[self._at] in chars

    def _ended(self) -> bool:
        return self._at >= len(self._text)

    def _error(self, problem: str) -> FieldSyntaxError:
        return FieldSyntaxError(f"{problem} at character {self._at}")
