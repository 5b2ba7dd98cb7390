"""取得的表: whether what the national side answered can be an edition; if not, why.

Nothing is repaired: what breaks a rule is not used, and what was in force stays so.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from enum import StrEnum
from typing import Final

from gateway.domain.table_editions import Edition, code_edition, division_edition
from gateway.errors import TablesUnfit
from schemas.records.table_records import divisions_of
from schemas.records.tables import CodeRow, CodeTable, CodeTableList, DivisionPage, DivisionRow
from schemas.reference.division_rows import (
    BrokenReference,
    broken_reference,
    has_digits_of_level,
)

MOST_DIVISIONS: Final = 60_000
"""Four times what is known of the whole country down to the streets of three provinces.

Assumed: that no national table has more.
"""


class TableFault(StrEnum):
    """Why tables that were fetched are not used: a closed list."""

    NOTHING = "divisions.empty"
    TABLE_TWICE = "table.twice"
    CODE_TWICE = "code.twice"
    DATES_REVERSED = "dates.reversed"  # ends before it begins
    SUCCESSOR_NOWHERE = "successor.nowhere"  # replaced by what is not there, or by itself in a ring
    PARENT_NOWHERE = "parent.nowhere"
    PARENT_NOT_ABOVE = "parent.not-above"
    WRONG_LENGTH = "division.wrong-length"  # as many digits as no code of its level has
    NOT_ADVANCING = "page.not-advancing"  # an empty page that says there is more
    ORDER_BROKEN = "page.order-broken"  # not what was asked for, or not in order
    ANOTHER_SOURCE = "page.another-source"  # what is offered was exchanged between two pages
    TOO_MANY = "divisions.too-many"


_REFERENCES: Final = {
    BrokenReference.PARENT_NOWHERE: TableFault.PARENT_NOWHERE,
    BrokenReference.PARENT_NOT_ABOVE: TableFault.PARENT_NOT_ABOVE,
    BrokenReference.SUCCESSOR_NOWHERE: TableFault.SUCCESSOR_NOWHERE,
}


class CodeTableParts:
    """The parts of `fetchCodeTables` put together, in the order in which they are asked for.

    A national side of contract 1.0 knows no parts, and answers the first question with everything.
    """

    def __init__(self) -> None:
        self._tables: list[CodeTable] = []
        self._parts: int | None = None

    @property
    def part(self) -> int:
        """The number of the next part."""
        return len(self._tables) + 1

    def add(self, answer: CodeTableList) -> bool:
        """Add the part `part`; return whether another must be asked for.

        Raises:
            TablesUnfit: It is another part than was asked for, or of another whole.
        """
        whole = answer.part is None and answer.parts is None and not self._tables
        if not whole:
            self._check_part(answer)
        self._parts = answer.parts
        self._tables.extend(answer.tables)
        return answer.parts is not None and self.part <= answer.parts

    def _check_part(self, answer: CodeTableList) -> None:
        if answer.part != self.part or len(answer.tables) != 1:
            raise TablesUnfit(TableFault.ORDER_BROKEN)
        total = answer.parts or 0
        if self._parts not in {None, total} or self.part > total:
            raise TablesUnfit(TableFault.ANOTHER_SOURCE)

    def edition(self) -> Edition:
        """Return the edition that the parts are, once all are there.

        Raises:
            TablesUnfit: A table breaks a rule; the table, or the table and the code, is named.
        """
        seen: set[tuple[str, str]] = set()
        for one in self._tables:
            place = one.table, one.generation or ""
            if place in seen:
                raise TablesUnfit(TableFault.TABLE_TWICE, one.table)
            seen.add(place)
            _check_codes(one)
        return code_edition(self._tables)


class DivisionPages:
    """The pages of `fetchDivisions` put together, in the order in which they must come."""

    def __init__(self, *, limit: int = MOST_DIVISIONS) -> None:
        """Begin; more divisions than `limit` are not used."""
        self._limit = limit
        self._rows: list[DivisionRow] = []
        self._as_of: date | None = None

    @property
    def after(self) -> str | None:
        """The code after which the next page begins; None at the beginning."""
        return self._rows[-1].code if self._rows else None

    def add(self, page: DivisionPage) -> bool:
        """Add the page after `after`; return whether another must be asked for.

        Raises:
            TablesUnfit: It does not advance, repeats, goes back, or is of another table.
        """
        if self._as_of not in {None, page.as_of}:
            raise TablesUnfit(TableFault.ANOTHER_SOURCE)
        if page.more and not page.divisions:
            raise TablesUnfit(TableFault.NOT_ADVANCING)
        self._as_of = page.as_of
        for row in page.divisions:
            if self.after is not None and row.code <= self.after:
                raise TablesUnfit(TableFault.ORDER_BROKEN, row.code)
            self._rows.append(row)
        if len(self._rows) > self._limit:
            raise TablesUnfit(TableFault.TOO_MANY)
        return page.more

    def edition(self) -> Edition:
        """Return the edition that the pages are, once there is no more.

        Raises:
            TablesUnfit: A row breaks a rule; its code is named.
        """
        if self._as_of is None or not self._rows:
            raise TablesUnfit(TableFault.NOTHING)
        for fault, code in division_faults(self._rows):
            raise TablesUnfit(fault, code)
        return division_edition(self._rows, self._as_of)


def division_faults(records: Iterable[DivisionRow]) -> Iterator[tuple[TableFault, str]]:
    """Yield what breaks a rule among divisions, each of which stands once."""
    rows = {row.code: row for row in divisions_of(records)}
    for row in rows.values():
        if _is_reversed(row.valid_from, row.valid_to):
            yield TableFault.DATES_REVERSED, row.code
        if not has_digits_of_level(row.code, row.level):
            yield TableFault.WRONG_LENGTH, row.code
        if (broken := broken_reference(row, rows)) is not None:
            yield _REFERENCES[broken], row.code


def _check_codes(table: CodeTable) -> None:
    codes = {row.code for row in table.rows}
    if len(codes) < len(table.rows):
        raise TablesUnfit(TableFault.CODE_TWICE, table.table)
    for row in table.rows:
        if (fault := _fault_of(row, codes)) is not None:
            raise TablesUnfit(fault, f"{table.table}:{row.code}")


def _fault_of(row: CodeRow, codes: set[str]) -> TableFault | None:
    if _is_reversed(row.valid_from, row.valid_to):
        return TableFault.DATES_REVERSED
    if row.replaced_by is not None and row.replaced_by not in codes - {row.code}:
        return TableFault.SUCCESSOR_NOWHERE
    return None


def _is_reversed(first: date | None, last: date | None) -> bool:
    return first is not None and last is not None and last < first
