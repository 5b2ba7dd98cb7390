"""差异的修复: what became of remedies under way, and what waited for the list of another day.

Found out from the ledger, so a death costs nothing: the next look finds the same.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import Final

from gateway.domain.discrepancies import (
    ClosedAs,
    Discrepancy,
    DiscrepancyState,
    RecordedDiscrepancy,
    Remedy,
    closed,
    handed_to_desk,
    is_overdue,
)
from gateway.domain.feed_items import FeedKind
from gateway.domain.receipts import ExpectedConfirmation
from gateway.domain.statement import Held, Standing
from gateway.domain.statement_line import Line
from gateway.errors import PeerRefused, PeerUnavailable
from gateway.flows.day_comparison import LINES_AT_ONCE, send_again
from gateway.flows.day_holdings import holdings
from gateway.flows.page_acknowledgement import acknowledge_stored
from gateway.flows.page_result import StoredItem
from gateway.flows.reconciling_step import ReconcilingTerms, hold
from gateway.ports.leadership import LeaderLease
from gateway.ports.ledger import Ledger
from gateway.ports.views import Views
from schemas.records.receipts import Acknowledgement
from schemas.records.statements import EntryKind

_PAGES_AT_ONCE: Final = 25
"""So a look is short; what is left is looked at in the next."""


async def look_after_repairs(lease: LeaderLease, terms: ReconcilingTerms) -> int:
    """Look what became of remedies under way; return how many differences changed.

    Raises:
        LeaseLost, StoreUnavailable: What was noted before stays noted.
    """
    after, changed = 0, 0
    for _ in range(_PAGES_AT_ONCE):
        rows, held = await terms.store.read(partial(_under_way, after=after))
        if not rows:
            break
        confirmed = await _acknowledge_again(rows, held, terms)
        changed += await _settle(rows, held, confirmed, lease, terms)
        after = rows[-1].id
    return changed


async def take_up_pending(before: date, lease: LeaderLease, terms: ReconcilingTerms) -> None:
    """Treat what waited for the list of a later day as a difference: that list had it not either.

    Raises:
        LeaseLost, StoreUnavailable: What was done before stays done.
    """
    after: int | None = 0
    while after is not None:
        after = await _take_up_page(before, after, lease, terms)


async def _take_up_page(
    before: date, after: int, lease: LeaderLease, terms: ReconcilingTerms
) -> int | None:
    at = terms.now()

    def work(ledger: Ledger) -> int | None:
        hold(ledger, lease, at)
        page = ledger.discrepancies.in_state(
            DiscrepancyState.PENDING, after=after, limit=LINES_AT_ONCE
        )
        for day in sorted({one.day for one in page if one.day < before}):
            rows = [one for one in page if one.day == day]
            found = [Discrepancy(one.kind, one.line, one.remedy) for one in rows]
            run = ledger.reconciliations.of(day)
            if run is not None:
                send_again(ledger, found, run, at)
            ledger.discrepancies.change(
                [
                    replace(one, state=now.state, changed_at=at)
                    for one, now in zip(rows, found, strict=True)
                ]
            )
        return page[-1].id if len(page) == LINES_AT_ONCE else None

    return await terms.store.transact(work)


def _under_way(
    views: Views, *, after: int
) -> tuple[list[RecordedDiscrepancy], Mapping[Line, Held]]:
    rows = views.reconciling.in_state(DiscrepancyState.UNDER_WAY, after=after, limit=LINES_AT_ONCE)
    held, _ = holdings(views, {one.line for one in rows}, {})
    return rows, held


async def _acknowledge_again(
    rows: Sequence[RecordedDiscrepancy], held: Mapping[Line, Held], terms: ReconcilingTerms
) -> frozenset[Line]:
    """Acknowledge what is stored; return what the national side took note of."""
    lines = {one.line for one in rows if one.remedy is Remedy.ACKNOWLEDGE_AGAIN}
    items = [
        _stored(line, held[line], terms.now()) for line in sorted(lines & held.keys(), key=str)
    ]
    if not items:
        return frozenset()
    with suppress(PeerUnavailable, PeerRefused):  # they are acknowledged at the next look
        done = await acknowledge_stored(terms.portal, items, store=terms.store, at=terms.now())
        return frozenset(_line(one) for one in done.confirmed)
    return frozenset()


def _stored(line: Line, held: Held, at: datetime) -> StoredItem:
    kind: FeedKind = "withdrawal" if line.kind is EntryKind.WITHDRAWAL else "application"
    said = Acknowledgement(application_no=line.key, kind=kind, stored_at=held.at or at)
    return StoredItem(said, ExpectedConfirmation(kind, line.key, held.digests or None))


def _line(item: StoredItem) -> Line:
    expected = item.expected
    return Line(EntryKind(expected.kind), expected.key, 1)


async def _settle(
    rows: Sequence[RecordedDiscrepancy],
    held: Mapping[Line, Held],
    confirmed: AbstractSet[Line],
    lease: LeaderLease,
    terms: ReconcilingTerms,
) -> int:
    at = terms.now()
    changes = {
        one.id: change
        for one in rows
        if (change := _change(one, held.get(one.line), one.line in confirmed, at)) is not None
    }
    if not changes:
        return 0

    def work(ledger: Ledger) -> int:
        hold(ledger, lease, at)
        current = {number: ledger.discrepancies.find(number) for number in changes}
        still = [
            changes[one.id]
            for one in current.values()
            if one is not None and one.state is DiscrepancyState.UNDER_WAY and not one.closed_at
        ]
        ledger.discrepancies.change(still)
        return len(still)

    return await terms.store.transact(work)


def _change(
    one: RecordedDiscrepancy, held: Held | None, confirmed: bool, at: datetime
) -> RecordedDiscrepancy | None:
    """Return what became of a difference, None while its remedy is under way."""
    match one.remedy:
        case Remedy.SEND_AGAIN:
            standing = None if held is None else held.standing
            done, failed = standing is Standing.SENT, standing is not Standing.WAITING
        case Remedy.FETCH_AGAIN:
            done, failed = held is not None, is_overdue(one, at)
        case Remedy.ACKNOWLEDGE_AGAIN:
            done, failed = confirmed, is_overdue(one, at)
        case Remedy.DESK:
            done, failed = False, True
    if done:
        return closed(one, ClosedAs.REPAIRED, at)
    return handed_to_desk(one, at) if failed else None
