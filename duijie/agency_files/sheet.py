"""表: what a file of either kind holds before it is read as agencies; and what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

MOST_BYTES = 10 << 20
MOST_ROWS = 20_000


class FileFaultCode(StrEnum):
    """What is wrong with a file, or with one cell of it."""

    TOO_LARGE = "file.too-large"
    NOT_TEXT = "file.not-text"  # neither UTF-8 nor GB18030
    NOT_CSV = "file.not-csv"
    NOT_WORKBOOK = "file.not-workbook"
    SHEETS = "file.sheets"  # several sheets have the headings
    NO_SHEET = "file.no-sheet"
    NO_HEADINGS = "file.no-headings"
    NO_ROWS = "file.no-rows"
    HEADING_MISSING = "heading.missing"
    HEADING_TWICE = "heading.twice"
    HEADING_UNKNOWN = "heading.unknown"
    CELLS_SURPLUS = "row.cells-surplus"
    MISSING = "cell.missing"
    NUMBER_FOR_TEXT = "cell.number-for-text"
    NOT_A_DAY = "cell.not-a-day"
    NOT_WHOLE = "cell.not-whole"
    NOT_YES_NO = "cell.not-yes-no"
    NOT_LISTED = "cell.not-listed"
    UNFIT = "cell.unfit"  # a rule of the record
    OFFICER_HALF = "cell.officer-half"  # a unit without a person, or the other way round


@dataclass(frozen=True, slots=True)
class FileFault:
    """One fault: `line` counts from 1 as the file shows it, 0 of the file as a whole."""

    code: FileFaultCode
    line: int = 0
    column: str = ""
    params: Mapping[str, str] = field(default_factory=dict)


class FileRefused(Exception):
    """A file holds no content that could become a version: everything that is wrong with it."""

    def __init__(self, faults: Sequence[FileFault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell says, as text; `is_number` where a workbook holds a number there."""

    text: str = ""
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class FileLine:
    """A row of a file, by the number under which the file shows it."""

    number: int
    cells: Sequence[Cell]

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands in it."""
        return not any(one.text for one in self.cells)
