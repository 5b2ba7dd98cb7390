"""Tables kept as CSV: the reading and the cell types that calendar, divisions and codes share."""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final


class TableUnreadable(ValueError):
    """A data file breaks its own format; the message names file, line and fault."""

    code: Final = "table.unreadable"

    def __init__(self, path: Path, line: int, fault: str) -> None:
        super().__init__(f"{path.name} line {line}: {fault}")
        self.path, self.line, self.fault = path, line, fault


def read_rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, list[str]]]:
    """Yield line number and cells of each row below a header that must be `columns`.

    Raises:
        TableUnreadable: The file is missing, not UTF-8, not CSV, or a row has another width.
    """
    line = 1
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file, strict=True)
            if tuple(next(rows, ())) != columns:
                raise TableUnreadable(path, line, f"the header must be {','.join(columns)}")
            for cells in rows:
                line = rows.line_num
                if len(cells) != len(columns):
                    raise TableUnreadable(path, line, f"{len(cells)} cells, not {len(columns)}")
                yield line, cells
    except (OSError, UnicodeDecodeError, csv.Error) as exc:
        raise TableUnreadable(path, line, str(exc)) from exc


def optional_date(path: Path, line: int, text: str) -> date | None:
    """Read an ISO date (`YYYY-MM-DD`); an empty cell is None.

    Raises:
        TableUnreadable: The cell is neither empty nor a date.
    """
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as exc:
        raise TableUnreadable(path, line, f"{text!r} is not a date") from exc
