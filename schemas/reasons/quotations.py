"""What the system or a library said (原文): its own code for it, and its sentence for the log."""

import errno
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

_PLACE: Final = re.compile(r"\(at line (\d+), column (\d+)\)")
_QUOTED: Final = re.compile(r"'([^']*)'")
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


class Source(StrEnum):
    """Who said it."""

    SYSTEM = "system"
    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"
    TOML = "toml"
    YAML = "yaml"
    PYDANTIC = "pydantic"
    TEXT = "text"
    PROGRAM = "program"


@dataclass(frozen=True, slots=True)
class Quotation:
    """A code of the source, its English sentence, and what of it goes into a sentence of ours."""

    source: Source
    code: str
    english: str
    params: Mapping[str, str] = field(default_factory=lambda: _NOTHING)

    def __str__(self) -> str:
        """Return the sentence as it came, for the log."""
        return self.english


def quote_system(exc: OSError) -> Quotation:
    """Return what the system refused, by the name of its number such as `ENOENT`."""
    said = exc.strerror or str(exc) or type(exc).__name__
    code = errno.errorcode.get(exc.errno, str(exc.errno)) if exc.errno else ""
    code = code.removeprefix("WSA")  # so on Windows where a socket refused it
    return Quotation(Source.SYSTEM, code, said)


def quote_errno(number: int) -> Quotation:
    """Return what the system means by a number."""
    return quote_system(OSError(number, os.strerror(number)))


def quote_decoding(exc: UnicodeDecodeError) -> Quotation:
    """Return at which byte, counted from 1, a text is not UTF-8."""
    return Quotation(Source.TEXT, "not-utf-8", str(exc), {"byte": str(exc.start + 1)})


def quote_csv(exc: Exception) -> Quotation:
    """Return that a text is not CSV."""
    return Quotation(Source.TEXT, "csv", str(exc))


def quote_toml(exc: ValueError) -> Quotation:
    """Return where a text is not TOML; the parser says what it expected there in English only."""
    found = _PLACE.search(str(exc))
    if found is None:
        return Quotation(Source.TOML, "end", str(exc))
    return Quotation(Source.TOML, "syntax", str(exc), {"line": found[1], "column": found[2]})


def quote_yaml(exc: Exception) -> Quotation:
    """Return where a text is not YAML."""
    mark = getattr(exc, "problem_mark", None)
    if mark is None:
        return Quotation(Source.YAML, "", str(exc))
    place = {"line": str(mark.line + 1), "column": str(mark.column + 1)}
    return Quotation(Source.YAML, "syntax", str(exc), place)


def quote_pydantic(kind: str, said: str, context: Mapping[str, object]) -> Quotation:
    """Return which rule of pydantic a value breaks, with its bounds; no value is in it."""
    params = {name: str(value) for name, value in context.items()}
    if "expected" in params:
        params["expected"] = "、".join(_QUOTED.findall(params["expected"]))
    return Quotation(Source.PYDANTIC, kind, said, params)
