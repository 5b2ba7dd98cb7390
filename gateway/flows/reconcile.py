"""对账: one day of the national side's statement compared with the ledger, from wherever it stands.

How far it is stands in the ledger, so after a death anywhere, or under another leader, it goes on
from there. Every step renews the lease and is fenced by it. A statement that is not whole is not
used; the day is then begun anew later. What differs is sent, fetched or acknowledged again where
that is safe; the rest is for the desk, and no decision is ever changed.

Source: 人社厅发〔2020〕3号 art. 8 (wrong feedback and late updates are criticised).
Assumed: the notices describe no reconciliation (对账).
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from gateway.domain.discrepancies import Discrepancy
from gateway.domain.reconciling_days import next_try
from gateway.domain.statement_checks import StatementFault, StatementNotUsed
from gateway.errors import PeerRefused, PeerUnavailable
from gateway.flows.day_comparison import compare_page
from gateway.flows.failpoints import Failpoint
from gateway.flows.reconciling_step import (
    LEASE_LENGTH,
    RECONCILIATION,
    ReconcilingTerms,
    hold,
    in_hand,
)
from gateway.flows.repairs import take_up_pending
from gateway.flows.statement_fetching import fetch_part
from gateway.ports.leadership import LeaderLease
from gateway.ports.ledger import Ledger
from gateway.ports.reconciliations import FINISHED, NOT_BUILT, NOT_READY, Phase, Reconciliation
from gateway.ports.store import Store
from schemas.reference.clock import Now

_DROPPED_AT_ONCE: Final = 1000
_OF_THE_STATEMENT: Final = frozenset({NOT_READY, NOT_BUILT})
"""Problems that say more of a statement than that the call failed."""

Progress = Callable[[Reconciliation], Awaitable[None]]
"""Told how far the day is before each step."""


async def no_progress(_: Reconciliation) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class ReconciledDay:
    """How far a day came, and the differences that are new, or went on anew.

    It is done, or its `reason` says why not: a code of the statement or of the call that failed.
    """

    reconciliation: Reconciliation
    found: tuple[Discrepancy, ...] = ()

    @property
    def is_done(self) -> bool:
        """Whether the day was compared to its end."""
        return self.reconciliation.phase is Phase.DONE


async def acquire_reconciling(*, holder: str, store: Store, now: Now) -> LeaderLease | None:
    """Return the lease on reconciling; None while another process reconciles."""
    at = now()

    def work(ledger: Ledger) -> LeaderLease | None:
        return ledger.leadership.acquire(RECONCILIATION, holder=holder, now=at, length=LEASE_LENGTH)

    return await store.transact(work, durable=False)


async def release_reconciling(lease: LeaderLease, *, store: Store) -> None:
    """Let another process reconcile at once."""

    def work(ledger: Ledger) -> None:
        ledger.leadership.release(lease)

    await store.transact(work, durable=False)


async def reconcile_day(
    day: date,
    lease: LeaderLease,
    terms: ReconcilingTerms,
    *,
    progress: Progress = no_progress,
    stop: Callable[[], bool] = lambda: False,
) -> ReconciledDay:
    """Compare one Beijing day, from where it stands, until it is done or there is no statement.

    A day that was compared before is compared once more, with its statement fetched anew. With
    `stop` it ends after the step in hand, and goes on another time.

    Raises:
        LeaseLost: Another process reconciles now; nothing was written since.
        StoreUnavailable: What was done before stays done.
    """
    one = await _begin(day, lease, terms)
    found: list[Discrepancy] = []
    while one.phase not in FINISHED and not stop():
        await progress(one)
        try:
            one = await _step(one, found, lease, terms)
        except StatementNotUsed as exc:
            one = await _give_up(one, exc.fault.value, lease, terms)
        except PeerRefused as exc:  # it has no such part: the statement is another by now
            one = await _give_up(one, exc.problem or exc.code, lease, terms)
        except PeerUnavailable as exc:
            return ReconciledDay(await _wait(one, exc, lease, terms), tuple(found))
    await progress(one)
    return ReconciledDay(one, tuple(found))


async def _begin(day: date, lease: LeaderLease, terms: ReconcilingTerms) -> Reconciliation:
    """Return how far the day is; one that is finished, or was never begun, is begun."""
    at = terms.now()

    def work(ledger: Ledger) -> Reconciliation:
        hold(ledger, lease, at)
        stored = ledger.reconciliations.of(day)
        if stored is not None and stored.phase not in FINISHED:
            return stored
        begun = _begun(day, stored, at)
        ledger.reconciliations.save(begun)
        return begun

    return await terms.store.transact(work, durable=False)


def _begun(day: date, before: Reconciliation | None, at: datetime) -> Reconciliation:
    refused = before is not None and before.phase is Phase.REFUSED
    return Reconciliation(
        day=day,
        phase=Phase.FETCHING,
        run=1 if before is None else before.run + 1,
        header=None,
        parts=0,
        mark="",
        theirs=0,
        ours=0,
        reason=None,
        attempts=before.attempts if before is not None and refused else 0,
        begun_at=at,
        changed_at=at,
        due_at=at,
    )


async def _step(
    one: Reconciliation, found: list[Discrepancy], lease: LeaderLease, terms: ReconcilingTerms
) -> Reconciliation:
    match one.phase:
        case Phase.FETCHING:
            return await fetch_part(one, lease, terms)
        case Phase.COMPARING:
            if one.header is None:
                raise StatementNotUsed(StatementFault.LOST)
            step = await compare_page(one, one.header, lease, terms)
            found += step.found
            return step.reconciliation
        case _:
            return await _clear(one, lease, terms)


async def _clear(
    one: Reconciliation, lease: LeaderLease, terms: ReconcilingTerms
) -> Reconciliation:
    """Let go of some of the statement; with the last of it the day is finished."""
    if one.reason is None:
        await take_up_pending(one.day, lease, terms)
    at = terms.now()

    def work(ledger: Ledger) -> Reconciliation:
        stored = in_hand(ledger, lease, one.day, one.run, at)
        if ledger.reconciliations.drop(one.day, limit=_DROPPED_AT_ONCE):
            return stored
        if stored.reason is None:
            ledger.discrepancies.close_gone(one.day, one.run, at)
            ended = replace(stored, phase=Phase.DONE, header=None, attempts=0, changed_at=at)
        else:
            ended = replace(stored, phase=Phase.REFUSED, header=None, changed_at=at)
        ledger.reconciliations.save(ended)
        terms.hook(Failpoint.RECONCILED_WRITTEN)
        return ended

    further = await terms.store.transact(work)
    if further.phase in FINISHED:
        terms.hook(Failpoint.RECONCILED_STORED)
    return further


async def _give_up(
    one: Reconciliation, reason: str, lease: LeaderLease, terms: ReconcilingTerms
) -> Reconciliation:
    """Note why the statement is not used; what was kept of it is let go of next."""
    return await _fail(one, reason, Phase.CLEARING, lease, terms)


async def _wait(
    one: Reconciliation, failure: PeerUnavailable, lease: LeaderLease, terms: ReconcilingTerms
) -> Reconciliation:
    """Note why the next part did not come; it is asked for again later."""
    says_more = failure.problem in _OF_THE_STATEMENT
    reason = failure.problem if says_more else failure.failure.value
    return await _fail(one, reason, one.phase, lease, terms)


async def _fail(
    one: Reconciliation,
    reason: str,
    phase: Phase,
    lease: LeaderLease,
    terms: ReconcilingTerms,
) -> Reconciliation:
    at = terms.now()

    def work(ledger: Ledger) -> Reconciliation:
        stored = in_hand(ledger, lease, one.day, one.run, at)
        attempts = stored.attempts + 1
        again = next_try(attempts, at)
        failed = replace(
            stored, phase=phase, reason=reason, attempts=attempts, due_at=again, changed_at=at
        )
        ledger.reconciliations.save(failed)
        return failed

    return await terms.store.transact(work, durable=False)
