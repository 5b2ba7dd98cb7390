"""行政区划表: the rows of the division tables, read and checked from a folder of CSV files."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Final

from schemas.reference.csv_table import TableUnreadable, optional_date, read_rows

_DIVISION_COLUMNS: Final = (
    *("code", "name", "parent", "level"),
    *("valid_from", "valid_to", "replaced_by", "source"),
)
_ALIAS_COLUMNS: Final = ("code", "name", "stands_for", "source")
_SOURCE_COLUMNS: Final = ("id", "as_of", "title", "licence")
_ALIAS_FILE: Final = "aliases.csv"
_SOURCES_FILE: Final = "sources.csv"


class DivisionLevel(StrEnum):
    """Province, city (地级), county, street (乡级)."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    STREET = "street"


@dataclass(frozen=True, slots=True)
class Division:
    """One row of the table (行政区划).

    The validity dates are the widest that the dated tables allow: the code came into force on or
    after `valid_from` and was abolished on or before `valid_to`, so on that day it is gone; None:
    no table shows it.
    """

    code: str  # 6 digits down to the county, 9 for a street
    name: str
    parent: str | None  # None for a province
    level: DivisionLevel
    valid_from: date | None
    valid_to: date | None
    replaced_by: str | None
    source: str

    def in_force_on(self, day: date) -> bool:
        """Tell whether the code may have been in force on `day`, a Beijing date."""
        started = self.valid_from is None or self.valid_from <= day
        return started and not self.abolished_on(day)

    def abolished_on(self, day: date) -> bool:
        """Tell whether the code is certainly abolished on `day`, a Beijing date."""
        return self.valid_to is not None and self.valid_to <= day


_LEVELS: Final[Mapping[str, tuple[DivisionLevel, int]]] = MappingProxyType(
    {level.value: (level, 9 if level is DivisionLevel.STREET else 6) for level in DivisionLevel}
)


_RANK: Final = MappingProxyType({level: number for number, level in enumerate(DivisionLevel)})


class BrokenReference(StrEnum):
    """What a row of a division table refers to wrongly."""

    PARENT_NOWHERE = "parent.nowhere"  # not in the table; or a province has one
    PARENT_NOT_ABOVE = "parent.not-above"
    SUCCESSOR_NOWHERE = "successor.nowhere"  # not in the table, or a ring


_BROKEN: Final[Mapping[BrokenReference, str]] = MappingProxyType(
    {
        BrokenReference.PARENT_NOWHERE: "its parent leads nowhere",
        BrokenReference.PARENT_NOT_ABOVE: "its parent is not above it",
        BrokenReference.SUCCESSOR_NOWHERE: "replaced_by leads nowhere",
    }
)


@dataclass(frozen=True, slots=True)
class DivisionRows:
    """What a folder of division tables says."""

    divisions: Mapping[str, Division]
    aliases: Mapping[str, str]  # grouping code -> the division that it stands for
    as_of: date  # date of the youngest table: later changes are not known


def read_folder(folder: Path) -> DivisionRows:
    """Read the tables of a folder laid out as the shipped one.

    Raises:
        TableUnreadable: A file is damaged, a code stands twice, or a reference leads nowhere.
    """
    rows: dict[str, Division] = {}
    at: dict[str, tuple[Path, int]] = {}
    for path in sorted(folder.glob("*.csv")):
        if path.name in (_ALIAS_FILE, _SOURCES_FILE):
            continue
        for line, cells in read_rows(path, _DIVISION_COLUMNS):
            row = _division(path, line, cells)
            if row.code in rows:
                raise TableUnreadable(path, line, f"{row.code} stands twice")
            rows[row.code], at[row.code] = row, (path, line)
    _check_references(rows, at)
    return DivisionRows(rows, _aliases(folder / _ALIAS_FILE, rows), _as_of(folder))


def _division(path: Path, line: int, cells: list[str]) -> Division:
    code, name, parent, level, valid_from, valid_to, replaced_by, source = cells
    kind, digits = _LEVELS.get(level, (None, 0))
    if kind is None or len(code) != digits or not (code.isascii() and code.isdigit()) or not name:
        raise TableUnreadable(path, line, f"{code}: code, name or level is wrong")
    return Division(
        code=code,
        name=name,
        parent=parent or None,
        level=kind,
        valid_from=optional_date(path, line, valid_from),
        valid_to=optional_date(path, line, valid_to),
        replaced_by=replaced_by or None,
        source=source,
    )


def broken_reference(row: Division, rows: Mapping[str, Division]) -> BrokenReference | None:
    """Say what a row of a table refers to wrongly: its parent is above it, its successor exists."""
    parent = rows.get(row.parent) if row.parent else None
    if (parent is None) != (row.level is DivisionLevel.PROVINCE):
        return BrokenReference.PARENT_NOWHERE
    if parent is not None and _RANK[parent.level] >= _RANK[row.level]:
        return BrokenReference.PARENT_NOT_ABOVE
    seen, successor = {row.code}, row.replaced_by
    while successor is not None:
        if successor in seen or successor not in rows:
            return BrokenReference.SUCCESSOR_NOWHERE
        seen.add(successor)
        successor = rows[successor].replaced_by
    return None


def has_digits_of_level(code: str, level: DivisionLevel) -> bool:
    """Say whether a code is as long as the codes of its level are: 9 digits for a street, or 6."""
    return len(code) == _LEVELS[level.value][1]


def _check_references(rows: Mapping[str, Division], at: Mapping[str, tuple[Path, int]]) -> None:
    for row in rows.values():
        if (broken := broken_reference(row, rows)) is not None:
            raise TableUnreadable(*at[row.code], f"{row.code}: {_BROKEN[broken]}")


def _aliases(path: Path, rows: Mapping[str, Division]) -> dict[str, str]:
    aliases: dict[str, str] = {}
    for line, (code, _, stands_for, _) in read_rows(path, _ALIAS_COLUMNS):
        if code in rows or code in aliases or stands_for not in rows:
            raise TableUnreadable(path, line, f"{code} cannot stand for {stands_for}")
        aliases[code] = stands_for
    return aliases


def _as_of(folder: Path) -> date:
    path = folder / _SOURCES_FILE
    dates = [
        day
        for line, cells in read_rows(path, _SOURCE_COLUMNS)
        if (day := optional_date(path, line, cells[1])) is not None
    ]
    if not dates:
        raise TableUnreadable(path, 1, "no source has a date")
    return max(dates)
