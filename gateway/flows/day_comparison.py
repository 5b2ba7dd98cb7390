"""逐页比对: both sides of a day, a page of lines at a time, in one order.

What differs is recorded, and what is to be sent again goes back to the outbox, in the transaction
that moves the mark: after a death the page is compared once more, or the next one is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeVar

from gateway.domain.case import Case, Change, Step, advance
from gateway.domain.detail import SENT_AGAIN, Detail
from gateway.domain.discrepancies import Discrepancy, DiscrepancyState, Remedy
from gateway.domain.statement import ComparedPage
from gateway.domain.statement_checks import StatementFault, StatementNotUsed
from gateway.domain.statement_line import SENT_AS, Line
from gateway.flows.day_holdings import Stated, compared_page
from gateway.flows.failpoints import Failpoint
from gateway.flows.reconciling_step import RECONCILIATION, ReconcilingTerms, in_hand
from gateway.ports.leadership import LeaderLease
from gateway.ports.ledger import Ledger
from gateway.ports.outbox import SentMessage
from gateway.ports.reconciliations import Phase, Reconciliation
from gateway.ports.views import Views
from schemas.records.statements import Statement, StatementEntry
from storage.errors import SealBroken

T = TypeVar("T")
LINES_AT_ONCE: Final = 200
"""A short transaction: messages wait beside it."""


@dataclass(frozen=True, slots=True)
class LinePage:
    """The next lines of both sides, up to and with `mark`; without one the day is at its end."""

    theirs: Stated
    ours: Mapping[Line, datetime]
    mark: str | None


@dataclass(frozen=True, slots=True)
class ComparedStep:
    """How far the day is after a page, and what is new in it."""

    reconciliation: Reconciliation
    found: tuple[Discrepancy, ...]


async def compare_page(
    one: Reconciliation, header: Statement, lease: LeaderLease, terms: ReconcilingTerms
) -> ComparedStep:
    """Compare the next page of a day, and do what is safe about what differs.

    Raises:
        StatementNotUsed: What was kept of the statement cannot be opened.
        LeaseLost, StoreUnavailable: Nothing was changed.
    """

    def view(views: Views) -> tuple[LinePage, ComparedPage, tuple[Discrepancy, ...]]:
        try:
            stated = views.reconciling.statement(one.day, after=one.mark, limit=LINES_AT_ONCE)
        except SealBroken as exc:
            raise StatementNotUsed(StatementFault.LOST) from exc
        booked = views.reconciling.day_book(one.day, after=one.mark, limit=LINES_AT_ONCE)
        page = merge(stated, booked)
        compared = compared_page(views, one.day, header.closed_at, page.theirs, page.ours)
        return page, compared, tuple(compared.differences())

    page, compared, found = await terms.store.read(view)
    at = terms.now()

    def work(ledger: Ledger) -> ComparedStep:
        stored = in_hand(ledger, lease, one.day, one.run, at)
        ledger.day_book.move(compared.moved())
        ledger.discrepancies.close_stated(sorted(map(str, page.theirs)), at)
        new = ledger.discrepancies.record(one.day, one.run, found, at)
        send_again(ledger, new, stored, at)
        further = replace(
            stored,
            mark=stored.mark if page.mark is None else page.mark,
            phase=Phase.CLEARING if page.mark is None else Phase.COMPARING,
            theirs=stored.theirs + sum(map(len, page.theirs.values())),
            ours=stored.ours + len(page.ours),
            changed_at=at,
        )
        ledger.reconciliations.save(further)
        terms.hook(Failpoint.COMPARED_WRITTEN)
        return ComparedStep(further, tuple(new))

    step = await terms.store.transact(work)
    terms.hook(Failpoint.COMPARED_STORED)
    return step


def merge(
    stated: Sequence[tuple[str, tuple[StatementEntry, ...]]],
    booked: Sequence[tuple[str, datetime]],
) -> LinePage:
    """Return the lines of two sorted pages up to which both are complete."""
    ends = [page[-1][0] for page in (stated, booked) if len(page) == LINES_AT_ONCE]
    mark = min(ends) if ends else None
    return LinePage(
        {Line.read(line): entries for line, entries in _until(stated, mark)},
        {Line.read(line): at for line, at in _until(booked, mark)},
        mark,
    )


def send_again(
    ledger: Ledger, found: Iterable[Discrepancy], run: Reconciliation, at: datetime
) -> None:
    """Let what is to be sent again go, under its key and revision; the history of its case says so.

    What is open in the outbox goes by itself and stays as it is.
    """
    wanted = [
        one.line
        for one in found
        if one.remedy is Remedy.SEND_AGAIN and one.state is DiscrepancyState.UNDER_WAY
    ]
    lines = {SentMessage(SENT_AS[one.kind], one.key, one.revision): one for one in wanted}
    again = ledger.outbox.send_again(sorted(lines), at)
    ledger.day_book.strike([lines[one] for one in sorted(again)])
    cases = dict(ledger.cases.read(sorted({one.key for one in again})))
    changes = []
    for one in sorted(again):
        if one.key in cases:
            changes.append(_noted(cases[one.key], one, run, at))
            cases[one.key] = changes[-1].case
    ledger.cases.save(changes)


def _noted(case: Case, sent: SentMessage, run: Reconciliation, at: datetime) -> Change:
    params = {
        "date": run.day.isoformat(),
        "run": str(run.run),
        "kind": sent.kind.value,
        "revision": str(sent.revision),
    }
    note = str(Detail(SENT_AGAIN, params))
    return advance(case, Step.NOTE, at=at, actor=RECONCILIATION, note=note)


def _until(page: Sequence[tuple[str, T]], mark: str | None) -> Sequence[tuple[str, T]]:
    return page if mark is None else [one for one in page if one[0] <= mark]
