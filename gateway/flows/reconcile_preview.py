"""试对账: compares a day without changing anything; the statement is kept in memory alone."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

from gateway.domain.discrepancies import Discrepancy
from gateway.domain.statement_checks import (
    Expected,
    WholeStatement,
    check_part,
    entries_by_line,
    header_of,
)
from gateway.flows.day_comparison import LINES_AT_ONCE, LinePage, merge
from gateway.flows.day_holdings import compared_page
from gateway.ports.peers import StatementSource
from gateway.ports.views import Views
from schemas.records.statements import Statement, StatementEntry
from schemas.reference.clock import Now

T = TypeVar("T")
Stated = Sequence[tuple[str, tuple[StatementEntry, ...]]]


class LedgerViews(Protocol):
    """A ledger that is only read."""

    async def read(self, view: Callable[[Views], T]) -> T:
        """Run a read-only view on one snapshot."""
        ...


@dataclass(frozen=True, slots=True)
class PreviewedDay:
    """What comparing a day would find: lines of both sides in numbers, and the differences."""

    theirs: int
    ours: int
    found: tuple[Discrepancy, ...]


async def preview_day(
    day: date,
    statements: StatementSource,
    ledger: LedgerViews,
    *,
    areas: frozenset[str],
    now: Now,
) -> PreviewedDay:
    """Compare a Beijing day with the ledger and change nothing.

    Raises:
        StatementNotUsed: Why the statement is not used.
        PeerUnavailable, PeerRefused: The national side.
    """
    header, stated = await _fetch(day, statements, areas, now)
    theirs = ours = 0
    found: list[Discrepancy] = []
    mark: str | None = ""
    while mark is not None:

        def view(views: Views, after: str = mark) -> tuple[LinePage, tuple[Discrepancy, ...]]:
            start = bisect_right(stated, after, key=lambda one: one[0])
            booked = views.reconciling.day_book(day, after=after, limit=LINES_AT_ONCE)
            page = merge(stated[start : start + LINES_AT_ONCE], booked)
            compared = compared_page(views, day, header.closed_at, page.theirs, page.ours)
            return page, tuple(compared.differences())

        page, differences = await ledger.read(view)
        theirs += sum(map(len, page.theirs.values()))
        ours += len(page.ours)
        found += differences
        mark = page.mark
    return PreviewedDay(theirs, ours, tuple(found))


async def _fetch(
    day: date, statements: StatementSource, areas: frozenset[str], now: Now
) -> tuple[Statement, Stated]:
    """Return what every part says alike, and all lines in their order, once they were checked."""
    lines: dict[str, tuple[StatementEntry, ...]] = {}
    header: Statement | None = None
    number = 1
    while header is None or number <= header.parts:
        part = await statements.fetch_statement(day, part=number)
        check_part(part, number, Expected(day, areas, now()), header)
        header = header or header_of(part)
        lines |= entries_by_line(part.entries, lines)
        number += 1
    stated = sorted(lines.items())
    whole = WholeStatement()
    whole.add(stated)
    whole.check(header)
    return header, stated
