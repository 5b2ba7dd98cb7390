"""读取机构清单文件: rows become a content, or everything that is wrong with them, all at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from duijie.agency_files.columns import COLUMNS, SheetColumn, column_of
from duijie.agency_files.csv_file import read_csv
from duijie.agency_files.rows import AgencyRow, read_row
from duijie.agency_files.sheet import Cell, FileFault, FileFaultCode, FileLine, FileRefused
from duijie.agency_files.workbook import read_workbook
from gateway.domain.listed_agencies import DirectoryContent

_LOOKED_THROUGH: Final = 20
"""A title and notes may stand above the headings."""
_A_FEW: Final = 3
"""How many known headings make a row the row of headings."""
WORKBOOK: Final = ".xlsx"


@dataclass(frozen=True, slots=True)
class AgencyFile:
    """What a file says, on which line each agency stands, and what is wrong with other lines."""

    path: Path
    content: DirectoryContent
    lines: Sequence[int]
    faults: Sequence[FileFault] = ()


@dataclass(frozen=True, slots=True)
class _Table:
    """Rows below their headings: where each column stands."""

    places: Mapping[str, int]
    lines: Sequence[FileLine]
    faults: Sequence[FileFault]


def read_agency_file(path: Path, sheet: str | None = None) -> AgencyFile:
    """Return what a CSV file or a workbook says; `sheet` chooses one of several.

    A line that cannot be read is left out, and told among the faults.

    Raises:
        FileRefused: There are no rows below headings that could be read.
        CliError: What reads workbooks is not installed.
        OSError: The file cannot be read.
    """
    content = path.read_bytes()
    if path.suffix.lower() == WORKBOOK:
        table = _chosen(read_workbook(content), sheet)
    else:
        table = _table(read_csv(content))
    if table is None:
        raise FileRefused([FileFault(FileFaultCode.NO_HEADINGS)])
    return _read(path, table)


def _chosen(sheets: Mapping[str, list[FileLine]], name: str | None) -> _Table | None:
    """Return the sheet that has the headings: one alone, or the one of that name."""
    if name is not None:
        if name not in sheets:
            known = "、".join(sheets)
            raise FileRefused([FileFault(FileFaultCode.NO_SHEET, params={"sheets": known})])
        return _table(sheets[name])
    found = {title: table for title, lines in sheets.items() if (table := _table(lines))}
    if len(found) > 1:
        named = "、".join(found)
        raise FileRefused([FileFault(FileFaultCode.SHEETS, params={"sheets": named})])
    return next(iter(found.values()), None)


def _table(lines: Sequence[FileLine]) -> _Table | None:
    """Return the rows below the row of headings, None where no row is one."""
    for at, line in enumerate(lines[:_LOOKED_THROUGH]):
        columns = [column_of(cell.text) for cell in line.cells]
        if sum(one is not None for one in columns) >= _A_FEW:
            faults = list(_heading_faults(line, columns))
            places = {one.member: place for place, one in enumerate(columns) if one is not None}
            below = [one for one in lines[at + 1 :] if not one.is_empty]
            return _Table(places, below, faults)
    return None


def _heading_faults(line: FileLine, columns: Sequence[SheetColumn | None]) -> Iterator[FileFault]:
    seen: set[str] = set()
    for cell, column in zip(line.cells, columns, strict=True):
        if column is None:
            if cell.text:
                yield FileFault(FileFaultCode.HEADING_UNKNOWN, line.number, cell.text[:20])
        elif column.member in seen:
            yield FileFault(FileFaultCode.HEADING_TWICE, line.number, column.heading)
        else:
            seen.add(column.member)
    for column in COLUMNS:
        if column.member not in seen and not column.optional:
            yield FileFault(FileFaultCode.HEADING_MISSING, line.number, column.heading)


def _read(path: Path, table: _Table) -> AgencyFile:
    faults = list(table.faults)
    if not table.lines:
        faults.append(FileFault(FileFaultCode.NO_ROWS))
    if faults:
        raise FileRefused(faults)
    rows: list[AgencyRow] = []
    for line in table.lines:
        if any(cell.text for cell in line.cells[_width(table) :]):
            faults.append(FileFault(FileFaultCode.CELLS_SURPLUS, line.number))
        read = read_row(line.number, _cells(table, line))
        rows.append(read)
        faults += read.faults
    agencies = [one.agency for one in rows if one.agency is not None]
    officers = dict.fromkeys(one.responsible for one in rows if one.responsible is not None)
    content = DirectoryContent(tuple(agencies), tuple(officers))
    numbers = [one.line for one in rows if one.agency is not None]
    return AgencyFile(path, content, numbers, faults)


def _width(table: _Table) -> int:
    return max(table.places.values()) + 1


def _cells(table: _Table, line: FileLine) -> dict[str, Cell]:
    return {
        member: line.cells[place] if place < len(line.cells) else Cell()
        for member, place in table.places.items()
    }
