"""The reconciliation loop (对账): compares the days that are due, as the one process that may.

What is due stands in the ledger, so a missed tick loses nothing, and a gateway that was down
catches up. The lease is held while there is something to do, and let go of afterwards: a command
may then reconcile beside a running gateway.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Final, NamedTuple, TypeVar

from gateway.domain.discrepancies import SECURITY, Discrepancy, Remedy
from gateway.domain.reconciling_days import DAYS_BACK, days_due, is_late, last_day
from gateway.domain.retry_policy import Jitter, store_retry
from gateway.errors import GatewayError
from gateway.events import Facts, say
from gateway.flows.reconcile import (
    Progress,
    ReconciledDay,
    acquire_reconciling,
    no_progress,
    reconcile_day,
    release_reconciling,
)
from gateway.flows.reconciling_step import ReconcilingTerms
from gateway.flows.repairs import look_after_repairs
from gateway.jobs.turn_failures import note_turn_failure
from gateway.jobs.wake_event import WakeEvent
from gateway.metrics import Metrics
from gateway.ports.leadership import LeaderLease
from gateway.ports.reconciliations import NOT_BUILT, Phase, Reconciliation
from gateway.ports.views import Views
from storage.errors import StorageError

LOG: Final = logging.getLogger(__name__)
T = TypeVar("T")
RECONCILE_TICK_S: Final = 60
_IDLE_S: Final = 90.0


class _Known(NamedTuple):
    """What the ledger says of the days: those begun, the newest done, the first of all."""

    days: list[Reconciliation]
    newest: tuple[date, datetime] | None
    began: date | None


class ReconcileLoop:
    """Compares day after day from `daily_at` (Beijing) on; without one, only repairs go on.

    `fetch` is called where something is to come by the feed again.
    """

    def __init__(
        self,
        *,
        holder: str,
        terms: ReconcilingTerms,
        daily_at: time | None,
        metrics: Metrics,
        jitter: Jitter,
        fetch: Callable[[], None],
    ) -> None:
        self._holder, self._terms, self._daily_at = holder, terms, daily_at
        self._metrics, self._jitter, self._fetch = metrics, jitter, fetch
        self._said_late: set[date] = set()
        self.wake_event = WakeEvent()

    def stop(self) -> None:
        """End after the step in hand; the day goes on another time."""
        self.wake_event.stop()

    async def run(self) -> None:
        """Take turn after turn until stopped."""
        while not self.wake_event.stopped:
            pause_s = _IDLE_S
            try:
                await self.turn()
            except (GatewayError, StorageError) as exc:
                say(LOG, logging.WARNING, "reconcile.failed", code=exc.code)
                if isinstance(exc, StorageError):
                    pause_s = store_retry(self._jitter).total_seconds()
            except Exception as exc:  # noqa: BLE001 -- a turn survives whatever is raised in it
                note_turn_failure(exc, loop="reconcile", metrics=self._metrics, logger=LOG)
            await self.wake_event.pause(pause_s)

    async def turn(self) -> int:
        """Compare the days that are due, and look after repairs; return how many were compared.

        Raises:
            LeaseLost, StoreUnavailable: What was done before stays done.
        """
        return await self._leading(self._turn) or 0

    async def by_command(self, day: date, progress: Progress) -> ReconciledDay | None:
        """Compare one day that somebody asks for; None while another process reconciles.

        Raises:
            LeaseLost, StoreUnavailable: What was done before stays done.
        """
        return await self._leading(partial(self._reconcile, day, progress=progress))

    async def look_after(self) -> None:
        """Look what became of repairs, unless another process does.

        Raises:
            LeaseLost, StoreUnavailable: What was noted before stays noted.
        """
        await self._leading(partial(look_after_repairs, terms=self._terms))

    async def _leading(self, work: Callable[[LeaderLease], Awaitable[T]]) -> T | None:
        """Do some work under the lease; None while another process holds it."""
        store = self._terms.store
        lease = await acquire_reconciling(holder=self._holder, store=store, now=self._terms.now)
        if lease is None:
            return None
        try:
            return await work(lease)
        finally:
            await release_reconciling(lease, store=store)

    async def _turn(self, lease: LeaderLease) -> int:
        await look_after_repairs(lease, self._terms)
        return await self._compare_due(lease)

    async def _reconcile(
        self, day: date, lease: LeaderLease, *, progress: Progress = no_progress
    ) -> ReconciledDay:
        """Compare one day, and tell what came of it."""
        done = await reconcile_day(
            day,
            lease,
            self._terms,
            progress=progress,
            stop=lambda: self.wake_event.stopped,
        )
        self._tell(done)
        if any(one.remedy is Remedy.FETCH_AGAIN for one in done.found):
            self._fetch()
        return done

    async def _compare_due(self, lease: LeaderLease) -> int:
        if self._daily_at is None:
            return 0
        at, compared = self._terms.now(), 0
        known, began = await self._known(at, self._daily_at)
        for day in days_due(known, at, daily_at=self._daily_at, began=began):
            if self.wake_event.stopped:
                break
            done = await self._reconcile(day, lease)
            known[day] = None if done.is_done else done.reconciliation.due_at
            compared += done.is_done
            if done.reconciliation.reason == NOT_BUILT:
                break  # so it is with every other day
        self._show_waiting(known, at, self._daily_at)
        return compared

    async def _known(
        self, at: datetime, daily_at: time
    ) -> tuple[dict[date, datetime | None], date | None]:
        """Return the days that were begun, and the first day on which anything passed."""
        since = last_day(at, daily_at) - timedelta(days=DAYS_BACK)

        def view(views: Views) -> _Known:
            reading = views.reconciling
            return _Known(reading.since(since), reading.newest_done(), reading.first_day())

        read = await self._terms.store.read(view)
        if read.newest is not None:
            self._metrics.reconcile_last_success.set(read.newest[1].timestamp())
        begun = {one.day: None if one.phase is Phase.DONE else one.due_at for one in read.days}
        return begun, read.began

    def _show_waiting(
        self, known: dict[date, datetime | None], at: datetime, daily_at: time
    ) -> None:
        """Count the days that are not compared; say once of each that it is late."""
        waiting = [day for day, again in known.items() if again is not None]
        self._metrics.reconcile_days_waiting.set(len(waiting))
        self._said_late.intersection_update(waiting)
        for day in waiting:
            if day not in self._said_late and is_late(day, at, daily_at):
                self._said_late.add(day)
                say(LOG, logging.ERROR, "reconcile.late", day=day.isoformat())

    def _tell(self, done: ReconciledDay) -> None:
        one, metrics = done.reconciliation, self._metrics
        for found in done.found:
            metrics.count(metrics.discrepancies_found, found.kind.value)
        _tell_security(done.found, one)
        if done.is_done:
            metrics.reconcile_last_success.set(one.changed_at.timestamp())
            metrics.reconcile_seconds.observe((one.changed_at - one.begun_at).total_seconds())
            level = logging.WARNING if done.found else logging.INFO
            say(LOG, level, "reconcile.done", **_facts(one, count=len(done.found)))
        elif one.reason is not None:
            metrics.count(metrics.statements_not_used, one.reason)
            say(LOG, logging.WARNING, "reconcile.waits", **_facts(one, code=one.reason))


def _tell_security(found: Iterable[Discrepancy], one: Reconciliation) -> None:
    """Say which results stand in our name that are not ours: somebody else may have our key."""
    for difference in found:
        if difference.kind in SECURITY:
            line = difference.line
            say(
                LOG,
                logging.ERROR,
                "reconcile.foreign-result",
                day=one.day.isoformat(),
                message_no=line.key[:40],
                revision=line.revision,
                reason=difference.kind.value,
            )


def _facts(one: Reconciliation, *, count: int | None = None, code: str | None = None) -> Facts:
    facts = Facts(day=one.day.isoformat())
    if count is not None:
        facts["count"] = count
    if code is not None:
        facts["code"] = code
    return facts
