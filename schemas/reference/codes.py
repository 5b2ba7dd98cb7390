"""代码表: the dated, versioned code tables that the records' codes are checked against."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from schemas.reference.csv_table import TableUnreadable, optional_date, read_rows

SHIPPED: Final = Path(__file__).parent.parent / "data" / "codes"
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
_OWED: Final[Mapping[str, bool]] = MappingProxyType({"1": True, "0": False})


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


class UnknownCodeTable(LookupError):
    """A table, or a generation of one, was asked for that does not exist."""

    code: Final = "code-table.unknown"

    def __init__(self, table: str, generation: str | None = None) -> None:
        super().__init__(f"no code table {table}" + (f"@{generation}" if generation else ""))
        self.table, self.generation = table, generation


@dataclass(frozen=True, slots=True)
class _Tables:
    """What a folder says: tables by name, generation and code; maps; duties of notice."""

    editions: Mapping[str, Mapping[str, Mapping[str, Code]]]
    becomes: Mapping[tuple[str, str, str, str], str]  # table, code, from, to
    notice_owed: Mapping[tuple[str, str], bool]  # code of ACC025, generation


class CodeTables:
    """Every code table of the contract; immutable.

    Where a table has several generations (AJC093 失业原因: 2010, 2016) the newest one answers
    unless another is named, so the generation must travel with every stored code.
    """

    __slots__ = ("_tables",)

    def __init__(self, tables: _Tables) -> None:
        self._tables: Final = tables

    @staticmethod
    def load(folder: Path | None = None) -> "CodeTables":
        """Return the shipped tables, read once, or those of a folder laid out in the same way.

        Raises:
            TableUnreadable: A file is damaged, a row stands twice, or a reference leads nowhere.
        """
        return _shipped() if folder is None else CodeTables(_read_folder(folder))

    def tables(self) -> tuple[str, ...]:
        """Return the names of the tables, in order: `aac004`, `aac005` and so on."""
        return tuple(sorted(self._tables.editions))

    def generations(self, table: str) -> tuple[str, ...]:
        """Return the generations of a table, oldest first; one empty text if it has none.

        Raises:
            UnknownCodeTable: There is no such table.
        """
        editions = self._tables.editions.get(table)
        if editions is None:
            raise UnknownCodeTable(table)
        return tuple(sorted(editions))

    def codes(self, table: str, generation: str | None = None) -> tuple[str, ...]:
        """Return the codes of one generation in the table's own order.

        Raises:
            UnknownCodeTable: There is no such table or generation.
        """
        return tuple(self._edition(table, generation))

    def get(self, table: str, code: str, generation: str | None = None) -> Code | None:
        """Return the row of a code, in force or not; None when the generation lacks it.

        Raises:
            UnknownCodeTable: There is no such table or generation.
        """
        return self._edition(table, generation).get(code)

    def known(
        self, table: str, code: str, *, on: date | None = None, generation: str | None = None
    ) -> bool:
        """Tell whether a code exists and, with a Beijing date, whether it was in force then.

        Raises:
            UnknownCodeTable: There is no such table or generation.
        """
        row = self._edition(table, generation).get(code)
        return row is not None and (on is None or row.in_force_on(on))

    def name(self, table: str, code: str, generation: str | None = None) -> str | None:
        """Return the Chinese label of a code; None when the generation lacks it.

        Raises:
            UnknownCodeTable: There is no such table or generation.
        """
        row = self._edition(table, generation).get(code)
        return None if row is None else row.name

    def becomes(
        self, table: str, code: str, *, from_generation: str, to_generation: str
    ) -> str | None:
        """Return what a code of one generation is in another; None where the map is silent."""
        if from_generation == to_generation:
            return code
        return self._tables.becomes.get((table, code, from_generation, to_generation))

    def notice_owed(self, ground: str, generation: str = "2016") -> bool | None:
        """Tell whether a person must be told before being deregistered on an ACC025 ground.

        None for a ground that the notice does not know any more.

        Source: 人社厅发〔2020〕3号 art. 5.
        """
        return self._tables.notice_owed.get((ground, generation))

    def _edition(self, table: str, generation: str | None) -> Mapping[str, Code]:
        editions = self._tables.editions.get(table)
        if editions is None:
            raise UnknownCodeTable(table)
        if generation is None:
            return editions[max(editions)]
        edition = editions.get(generation)
        if edition is None:
            raise UnknownCodeTable(table, generation)
        return edition


@cache
def _shipped() -> CodeTables:
    return CodeTables(_read_folder(SHIPPED))


def _read_folder(folder: Path) -> _Tables:
    editions = {path.stem: _read_table(path) for path in sorted(folder.glob("*.csv"))}
    becomes: dict[tuple[str, str, str, str], str] = {}
    for path in sorted((folder / "maps").glob("*.csv")):
        if path.name != _DUTY_FILE:
            becomes |= _read_map(path, editions.get(path.stem, {}))
    duties = _read_duties(folder / "maps" / _DUTY_FILE, editions.get(_DUTY_TABLE, {}))
    return _Tables(MappingProxyType(editions), MappingProxyType(becomes), MappingProxyType(duties))


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
    for line, (code, generation, owed, _, _, _) in read_rows(path, _DUTY_COLUMNS):
        if code not in editions.get(generation, {}) or owed not in _OWED:
            raise TableUnreadable(path, line, f"{code}@{generation}: no such code, or not 0 or 1")
        if (code, generation) in found:
            raise TableUnreadable(path, line, f"{code}@{generation} stands twice")
        found[code, generation] = _OWED[owed]
    return found
