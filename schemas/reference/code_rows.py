"""代码表的行: the rows of the code tables, read and checked from a folder of CSV files."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Final

from schemas.reference.csv_table import TableUnreadable, optional_date, read_rows

_COLUMNS: Final = (
    *("code", "name", "valid_from", "valid_to"),
    *("replaced_by", "generation", "source", "certainty"),
)
_MAP_COLUMNS: Final = (
    *("code", "from_generation", "becomes", "to_generation"),
    *("source", "certainty"),
)
_DUTY_COLUMNS: Final = ("code", "generation", "notice_owed", "ground", "source", "certainty")
_DUTY_FILE: Final = "notice-duty.csv"
_DUTY_TABLE: Final = "acc025"
_NOTICE_REQUIRED: Final[Mapping[str, bool]] = MappingProxyType({"1": True, "0": False})


class Certainty(StrEnum):
    """How sure a value is: met in a public text, following from one, or chosen here."""

    CITED = "cited"
    INFERRED = "inferred"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class Code:
    """One value of one table; `generation` is empty where the table has a single edition."""

    code: str
    name: str
    valid_from: date | None
    valid_to: date | None  # the last day
    replaced_by: str | None
    generation: str
    source: str
    certainty: Certainty

    def in_force_on(self, day: date) -> bool:
        """Tell whether the value may be used on `day`, a Beijing date."""
        started = self.valid_from is None or self.valid_from <= day
        return started and (self.valid_to is None or day <= self.valid_to)


_CERTAINTIES: Final = frozenset(Certainty)


@dataclass(frozen=True, slots=True)
class CodeRows:
    """What a folder says: tables by name, generation and code; maps; duties of notice."""

    editions: Mapping[str, Mapping[str, Mapping[str, Code]]]
    becomes: Mapping[tuple[str, str, str, str], str]  # table, code, from, to
    notice_required: Mapping[tuple[str, str], bool]  # code of ACC025, generation


def read_folder(folder: Path) -> CodeRows:
    """Return what the files of a folder say.

    Raises:
        TableUnreadable: A file is damaged, a row stands twice, or a reference leads nowhere.
    """
    editions = {path.stem: _read_table(path) for path in sorted(folder.glob("*.csv"))}
    becomes: dict[tuple[str, str, str, str], str] = {}
    for path in sorted((folder / "maps").glob("*.csv")):
        if path.name != _DUTY_FILE:
            becomes |= _read_map(path, editions.get(path.stem, {}))
    duties = _read_duties(folder / "maps" / _DUTY_FILE, editions.get(_DUTY_TABLE, {}))
    return CodeRows(MappingProxyType(editions), MappingProxyType(becomes), MappingProxyType(duties))


def _read_table(path: Path) -> Mapping[str, Mapping[str, Code]]:
    editions: dict[str, dict[str, Code]] = {}
    for line, cells in read_rows(path, _COLUMNS):
        row = _row(path, line, cells)
        edition = editions.setdefault(row.generation, {})
        if row.code in edition:
            raise TableUnreadable(path, line, f"{row.code} stands twice in its generation")
        edition[row.code] = row
    if not editions:
        raise TableUnreadable(path, 1, "the table has no rows")
    for edition in editions.values():
        for row in edition.values():
            if row.replaced_by is not None and row.replaced_by not in edition:
                raise TableUnreadable(path, 0, f"{row.code}: replaced_by leads nowhere")
    return MappingProxyType(
        {generation: MappingProxyType(edition) for generation, edition in editions.items()}
    )


def _row(path: Path, line: int, cells: list[str]) -> Code:
    code, name, valid_from, valid_to, replaced_by, generation, source, certainty = cells
    if not (code and name and source) or certainty not in _CERTAINTIES:
        raise TableUnreadable(path, line, "code, name, source and certainty are required")
    return Code(
        code=code,
        name=name,
        valid_from=optional_date(path, line, valid_from),
        valid_to=optional_date(path, line, valid_to),
        replaced_by=replaced_by or None,
        generation=generation,
        source=source,
        certainty=Certainty(certainty),
    )


def _read_map(
    path: Path, editions: Mapping[str, Mapping[str, Code]]
) -> dict[tuple[str, str, str, str], str]:
    found: dict[tuple[str, str, str, str], str] = {}
    for line, (code, old, becomes, new, _, _) in read_rows(path, _MAP_COLUMNS):
        key = (path.stem, code, old, new)
        if code not in editions.get(old, {}) or becomes not in editions.get(new, {}):
            raise TableUnreadable(path, line, f"{code}@{old} to {becomes}@{new}: no such code")
        if key in found:
            raise TableUnreadable(path, line, f"{code}@{old} stands twice")
        found[key] = becomes
    return found


def _read_duties(
    path: Path, editions: Mapping[str, Mapping[str, Code]]
) -> dict[tuple[str, str], bool]:
    found: dict[tuple[str, str], bool] = {}
    for line, (code, generation, duty, _, _, _) in read_rows(path, _DUTY_COLUMNS):
        if code not in editions.get(generation, {}) or duty not in _NOTICE_REQUIRED:
            raise TableUnreadable(path, line, f"{code}@{generation}: no such code, or not 0 or 1")
        if (code, generation) in found:
            raise TableUnreadable(path, line, f"{code}@{generation} stands twice")
        found[code, generation] = _NOTICE_REQUIRED[duty]
    return found
