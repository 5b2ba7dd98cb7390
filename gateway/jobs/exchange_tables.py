"""The loop of exchange tables (前置库): takes results, marks what is over or was changed."""

import logging
from datetime import datetime, timedelta
from typing import Final

from gateway.domain.exchange_rows import RowAnswer, changed
from gateway.domain.retry_policy import LEASE, Breaker, Jitter, next_attempt, store_retry
from gateway.errors import GatewayError, PeerUnavailable
from gateway.events import Facts, say, tracing
from gateway.flows.dispatch_endings import mark_ended
from gateway.flows.maintenance import lead, step_down
from gateway.jobs.table_rows import ROWS, RowTaker
from gateway.jobs.turn_failures import failure_facts, note_turn_failure
from gateway.jobs.wake_event import WakeEvent
from gateway.metrics import Metrics
from gateway.ports.exchange_tables import ExchangeTables
from gateway.ports.leadership import LeaderLease
from gateway.ports.peers import PeerCall
from gateway.ports.store import Store
from schemas.records.exchange_tables import ResultStatus
from schemas.reference.clock import Now
from storage.errors import StorageError

LOG: Final = logging.getLogger(__name__)
MOST_PAGES: Final = 50
"""Pages of results a turn, so that no table keeps a turn from its end."""
LOOKED_BACK: Final = timedelta(days=7)
"""How long after a row was stored a change of it is looked for."""
_LONGEST_PAUSE: Final = timedelta(minutes=1)
_BEGINNING: Final = ("", "")


class ExchangeTableLoop:
    """Takes what waits in one agency's tables, while this process leads for that agency.

    One process at a time, only to spare the others the work: two that took the same row would both
    write the first receipt into it.
    """

    def __init__(  # noqa: PLR0913 -- dependencies, and whose tables how often
        self,
        agency: str,
        tables: ExchangeTables,
        taker: RowTaker,
        *,
        holder: str,
        poll_every_s: int,
        store: Store,
        now: Now,
        monotonic: Now,
        jitter: Jitter,
        metrics: Metrics,
    ) -> None:
        self._agency, self._tables, self._taker = agency, tables, taker
        self._holder, self._poll_every_s, self._store = holder, poll_every_s, store
        self._now, self._monotonic, self._jitter = now, monotonic, jitter
        self._metrics = metrics
        self._lease: LeaderLease | None = None
        self.breaker = Breaker()
        self._after_dispatch, self._after_stored = "", _BEGINNING
        self.wake_event = WakeEvent()

    @property
    def is_circuit_open(self) -> bool:
        """Whether the database is left alone at present, after failures in a row."""
        return not self.breaker.allows(self._monotonic())

    def stop(self) -> None:
        """End after the step in hand."""
        self.wake_event.stop()

    async def run(self) -> None:
        """Take turn after turn until stopped, then let another process lead."""
        while not self.wake_event.stopped:
            pause_s = await self.turn()
            await self.wake_event.rest(pause_s)
        await self._step_down()

    async def turn(self) -> float:
        """Do all that there is to do in the tables; return how long to pause, in seconds."""
        with tracing():
            try:
                await self._work()
            except PeerUnavailable as exc:
                return self._unavailable(exc)
            except StorageError as exc:
                say(LOG, logging.ERROR, "tables.failed", agency=self._agency, code=str(exc.code))
                return store_retry(self._jitter).total_seconds()
            except GatewayError as exc:
                say(LOG, logging.ERROR, "tables.failed", agency=self._agency, code=exc.code)
                return self._after_failure()
            except Exception as exc:  # noqa: BLE001 -- a turn survives whatever is raised in it
                note_turn_failure(
                    exc, loop="tables", metrics=self._metrics, logger=LOG, peer=self._agency
                )
                return self._after_failure()
        self.breaker = self.breaker.succeeded()
        return self._poll_every_s

    async def _work(self) -> None:
        name = f"exchange-table:{self._agency}"
        self._lease = await lead(
            holder=self._holder, store=self._store, now=self._now, name=name, length=LEASE
        )
        if self._lease is None:
            return
        await self._take_results()
        if not self.wake_event.stopped:
            await self._mark_ended()
        if not self.wake_event.stopped:
            await self._look_for_changes()

    async def _take_results(self) -> None:
        after = ""
        for _ in range(MOST_PAGES):
            rows = await self._tables.ready_results(after=after, limit=ROWS)
            if rows:
                self._note(await self._taker.take(rows))
            if len(rows) < ROWS or self.wake_event.stopped:
                break
            after = rows[-1].result_id
        self._taker.half_written.end_of_look()

    async def _mark_ended(self) -> None:
        """Look at one page of open dispatches; the next turn looks at the next."""
        rows = await self._tables.open_dispatches(after=self._after_dispatch, limit=ROWS)
        self._after_dispatch = rows[-1].dispatch_no if len(rows) == ROWS else ""
        await mark_ended(self._agency, rows, tables=self._tables, store=self._store, now=self._now)

    async def _look_for_changes(self) -> None:
        """Look at one page of the rows that were stored lately; the next turn looks at the next."""
        since = self._now() - LOOKED_BACK
        rows = await self._tables.stored_results(since=since, after=self._after_stored, limit=ROWS)
        full = len(rows) == ROWS
        self._after_stored = (rows[-1].taken_at, rows[-1].result_id) if full else _BEGINNING
        found = [one for row in rows if (one := changed(row)) is not None]
        if found:
            await self._tables.note_changed(found, self._now())
            self._note(found)

    def _note(self, answers: list[RowAnswer]) -> None:
        if not answers:
            return
        for one in answers:
            self._metrics.count(self._metrics.table_rows, self._agency, _said(one))
        stored = sum(one.status is ResultStatus.TAKEN for one in answers)
        refused = [one.refusal.code for one in answers if one.refusal is not None]
        facts = Facts(agency=self._agency, settled=stored, parked=len(answers) - stored)
        if refused:
            facts["code"] = refused[0]
        say(LOG, logging.WARNING if refused else logging.INFO, "tables.taken", **facts)

    def _unavailable(self, exc: PeerUnavailable) -> float:
        exc.operation = PeerCall.TABLES.value
        self._metrics.count(
            self._metrics.call_failures, self._agency, PeerCall.TABLES.value, exc.failure.value
        )
        say(LOG, logging.WARNING, "tables.failed", **failure_facts(exc))
        return self._after_failure()

    def _after_failure(self) -> float:
        now: datetime = self._monotonic()
        self.breaker = self.breaker.failed(now, self._jitter)
        again = next_attempt(self.breaker.failures, now=now, jitter=self._jitter)
        return max(min(again - now, _LONGEST_PAUSE).total_seconds(), 1.0)

    async def _step_down(self) -> None:
        if self._lease is None:
            return
        try:
            await step_down(self._lease, store=self._store)
        except (GatewayError, StorageError) as exc:  # the lease ends by itself
            say(LOG, logging.WARNING, "tables.failed", agency=self._agency, code=str(exc.code))


def _said(one: RowAnswer) -> str:
    return one.refusal.code if one.refusal is not None else one.status.value.lower()
