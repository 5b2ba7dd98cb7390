"""Why a table is refused (数据表有误), as values."""

from schemas.reasons.quotations import Quotation, Source
from schemas.reasons.reason import Reason, ReasonCode


class TableReason(ReasonCode):
    """The closed list: what is wrong with a table, and in which line."""

    AT_LINE = "table.at-line", "{file} line {line}: {fault}"
    UNREADABLE = "table.unreadable", "{said}"
    HEADER = "table.header", "the header must be {columns}"
    CELLS = "table.cells", "{found} cells, not {wanted}"
    DATE = "table.date", "{cell} is not a date"
    SHIPPED = "table.shipped", "{said}"
    NO_FOLDER = "calendar.no-folder", "not a folder"
    FILE_NAME = "calendar.file-name", "a calendar file is named YYYY.csv"
    DAY = "calendar.day", "no date, a date twice, or one of another year"
    KIND = "calendar.kind", "{cell} is neither off nor work"
    NO_DAYS = "calendar.no-days", "no days: a year without holidays does not exist"


def shipped_fault(said: str) -> Reason:
    """Return what is wrong with a table of the program's own, which nobody else can put right."""
    return TableReason.SHIPPED.at(said=Quotation(Source.PROGRAM, "", said))
