"""Tables kept as CSV: the reading and the cell types that calendar, divisions and codes share."""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

from schemas.reasons.quotations import Quotation, quote_csv, quote_decoding, quote_system
from schemas.reasons.reason import Reason, Unfit
from schemas.reference.table_reasons import TableReason, shipped_fault


class TableUnreadable(Unfit):
    """A data file breaks its own format: file, line and fault; a text is one of a shipped table."""

    code: Final = "table.unreadable"

    def __init__(self, path: Path, line: int, fault: Reason | str) -> None:
        reason = fault if isinstance(fault, Reason) else shipped_fault(fault)
        super().__init__(TableReason.AT_LINE.at(file=path.name, line=line, fault=reason))
        self.path, self.line, self.fault = path, line, str(reason)


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
                raise TableUnreadable(path, line, TableReason.HEADER.at(columns=",".join(columns)))
            for cells in rows:
                line = rows.line_num
                if len(cells) != len(columns):
                    reason = TableReason.CELLS.at(found=len(cells), wanted=len(columns))
                    raise TableUnreadable(path, line, reason)
                yield line, cells
    except (OSError, UnicodeDecodeError, csv.Error) as exc:
        raise TableUnreadable(path, line, TableReason.UNREADABLE.at(said=_quoted(exc))) from exc


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
        raise TableUnreadable(path, line, TableReason.DATE.at(cell=repr(text))) from exc


def _quoted(exc: OSError | UnicodeDecodeError | csv.Error) -> Quotation:
    match exc:
        case OSError():
            return quote_system(exc)
        case UnicodeDecodeError():
            return quote_decoding(exc)
        case _:
            return quote_csv(exc)
