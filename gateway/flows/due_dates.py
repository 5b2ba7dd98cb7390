"""办结时限补算: due dates that were unknown are computed once the calendar of that year is there.

A page at a time and each in a transaction of its own; whatever is left unknown by a death is found
again, since the work list is the ledger itself.

Source: 人社厅发〔2020〕3号 art. 3 (the time allowed runs from receipt, known to us or not).
"""

from dataclasses import dataclass
from typing import Final

from gateway.domain.case import UNDECIDED, State
from gateway.domain.deadline import DueDates, due_known
from gateway.ports.leadership import LeaderLease
from gateway.ports.ledger import Ledger
from gateway.ports.store import Store
from schemas.reference.clock import Now, beijing_date

UNDATED_AT_ONCE: Final = 200
"""A short transaction: messages wait beside it."""


@dataclass(frozen=True, slots=True)
class UndatedMark:
    """How far the undated cases were looked through: a state, and the last key of it."""

    state: State = UNDECIDED[0]
    key: str = ""


@dataclass(frozen=True, slots=True)
class DatedPage:
    """How many cases got their due date, and where to go on; None at the end of the list."""

    dated: int
    mark: UndatedMark | None


async def date_undated(
    lease: LeaderLease,
    *,
    after: UndatedMark,
    due_dates: DueDates,
    store: Store,
    now: Now,
) -> DatedPage:
    """Look through one page of cases without a due date; those the calendar reaches get theirs.

    Raises:
        LeaseLost: Another process leads now; nothing was changed.
        StoreUnavailable: Nothing was changed, or that is unknown; do it again.
    """
    at = now()

    def work(ledger: Ledger) -> DatedPage:
        ledger.leadership.ensure_held(lease)
        page = ledger.cases.without_due_date(after.state, after=after.key, limit=UNDATED_AT_ONCE)
        reached = [
            one.key
            for one in page
            if one.accepted_at is not None
            and due_dates.of(beijing_date(one.accepted_at), one.policy, one.place_division).on
        ]
        cases = ledger.cases.read(reached)
        changes = [
            change
            for case in cases.values()
            if (change := due_known(case, due_dates=due_dates, at=at))
        ]
        ledger.cases.save(changes)
        mark = UndatedMark(after.state, page[-1].key) if len(page) == UNDATED_AT_ONCE else None
        return DatedPage(len(changes), mark or _next_state(after.state))

    return await store.transact(work)


def _next_state(state: State) -> UndatedMark | None:
    place = UNDECIDED.index(state) + 1
    return UndatedMark(UNDECIDED[place]) if place < len(UNDECIDED) else None
