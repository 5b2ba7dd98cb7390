"""版本: one state of the code tables (代码表), or of the divisions (行政区划表), as a whole.

An edition is known by the digest of its canonical form: rows in the order of their codes, one
record a line. The same rows are the same edition, in whatever order and on whatever day they came.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, Self

from schemas.records.base import WireModel
from schemas.records.canonical_form import bytes_digest, canonical_form
from schemas.records.tables import CodeTable, DivisionRow

_BETWEEN_LINES: Final = b"\n"
_SHORT: Final = 12
_NAME: Final = re.compile(rf"(codes|divisions)-(shipped|[0-9a-f]{{{_SHORT},64}})")


class TableKind(StrEnum):
    """What an edition is of."""

    CODES = "codes"  # 代码表
    DIVISIONS = "divisions"  # 行政区划表


SHIPPED: Final = "shipped"
"""Stands for the digest of version 0: the tables that come with the program in use."""


@dataclass(frozen=True, slots=True)
class EditionRef:
    """Which edition: its kind, and its digest (SHA-256, hexadecimal) or `SHIPPED`."""

    kind: TableKind
    digest: str

    @property
    def name(self) -> str:
        """What people call it: `codes-0123456789ab`, `divisions-shipped`."""
        return f"{self.kind}-{self.digest[:_SHORT]}"

    @classmethod
    def read(cls, name: str) -> Self | None:
        """Return the reference of a name, whose digest may be cut short; None where it is none."""
        found = _NAME.fullmatch(name)
        return None if found is None else cls(TableKind(found[1]), found[2])


@dataclass(frozen=True, slots=True)
class Edition:
    """The rows of an edition in canonical form; `as_of` is a Beijing date, of divisions only."""

    ref: EditionRef
    as_of: date | None
    body: bytes

    @classmethod
    def of(cls, kind: TableKind, body: bytes, as_of: date | None) -> Self:
        """Return the edition that a body is."""
        return cls(EditionRef(kind, bytes_digest(body)), as_of, body)


def code_edition(tables: Iterable[CodeTable]) -> Edition:
    """Return the edition of code tables; tables and rows may come in any order."""
    in_order = sorted(tables, key=lambda one: (one.table, one.generation or ""))
    lines = [
        one.model_copy(update={"rows": tuple(sorted(one.rows, key=lambda row: row.code))})
        for one in in_order
    ]
    return Edition.of(TableKind.CODES, _lines(lines), None)


def division_edition(rows: Iterable[DivisionRow], as_of: date) -> Edition:
    """Return the edition of divisions; when its source was made is no part of what it says."""
    in_order = sorted(rows, key=lambda one: one.code)
    return Edition.of(TableKind.DIVISIONS, _lines(in_order), as_of)


def code_tables_in(edition: Edition) -> tuple[CodeTable, ...]:
    """Return the generations of an edition of code tables.

    Raises:
        ValueError: The body is not that of one.
    """
    return tuple(map(CodeTable.read, _split(edition.body)))


def divisions_in(edition: Edition) -> tuple[DivisionRow, ...]:
    """Return the rows of an edition of divisions.

    Raises:
        ValueError: The body is not that of one.
    """
    return tuple(map(DivisionRow.read, _split(edition.body)))


def _lines(records: Iterable[WireModel]) -> bytes:
    return _BETWEEN_LINES.join(map(canonical_form, records))


def _split(body: bytes) -> list[bytes]:
    return body.split(_BETWEEN_LINES) if body else []
