"""The fetch loop: once a day one process fetches code tables and divisions, as a proposal."""

import logging
from datetime import datetime, timedelta
from random import random
from typing import Final

from gateway.domain.retry_policy import Jitter
from gateway.domain.table_decisions import FetchedMark
from gateway.domain.table_editions import TableKind
from gateway.errors import GatewayError, PeerRefused, PeerUnavailable, TablesUnfit
from gateway.events import say, tracing
from gateway.flows.failpoints import FailpointHook, no_hook
from gateway.flows.maintenance import lead
from gateway.flows.table_fetch import fetch_tables
from gateway.flows.tables_in_force import read_standings
from gateway.jobs.turn_failures import note_turn_failure
from gateway.jobs.wake_event import WakeEvent
from gateway.metrics import Metrics
from gateway.ports.store import Store
from gateway.ports.table_source import TableSource
from schemas.reference.clock import BEIJING, Now, beijing_date
from storage.errors import StorageError

LOG: Final = logging.getLogger(__name__)
LEASE: Final = "table-fetch"
FROM_HOUR: Final = 3
"""Of the night, in Beijing.

Assumed: the hour of the night at which the portal has least to do.
"""
_WITHIN: Final = timedelta(hours=1)
"""Provinces do not all call at once."""
_AGAIN_AFTER: Final = timedelta(hours=1)
_PAUSE_S: Final = 60.0


class TableFetchLoop:
    """Fetches each kind once a day, while it holds the lease on that."""

    def __init__(  # noqa: PLR0913 -- a loop consists of these, each by name
        self,
        source: TableSource,
        *,
        holder: str,
        store: Store,
        now: Now,
        metrics: Metrics,
        jitter: Jitter = random,
        hook: FailpointHook = no_hook,
    ) -> None:
        self._source, self._holder, self._store = source, holder, store
        self._now, self._metrics, self._hook = now, metrics, hook
        self._jitter = jitter
        self._delay: timedelta | None = None
        self._started_at = now()
        self._tried_at: dict[TableKind, datetime] = {}
        self.wake_event = WakeEvent()

    def stop(self) -> None:
        """End after the kind in hand."""
        self.wake_event.stop()

    async def run(self) -> None:
        """Take turn after turn until stopped."""
        while not self.wake_event.stopped:
            try:
                await self.turn()
            except (GatewayError, StorageError) as exc:
                say(LOG, logging.WARNING, "tables.fetch-failed", code=exc.code)
            except Exception as exc:  # noqa: BLE001 -- a turn survives whatever is raised in it
                note_turn_failure(exc, loop="table-fetch", metrics=self._metrics, logger=LOG)
            await self.wake_event.pause(_PAUSE_S)

    async def turn(self) -> None:
        """Fetch the kinds that are due, if this process leads.

        Raises:
            StoreUnavailable, LeaseLost: Nothing was stored; it is tried again.
        """
        due = await self._due()
        for kind in due:
            lease = await lead(holder=self._holder, store=self._store, now=self._now, name=LEASE)
            if lease is None or self.wake_event.stopped:
                return
            self._tried_at[kind] = self._now()
            try:
                with tracing():
                    done = await fetch_tables(
                        kind,
                        self._source,
                        store=self._store,
                        now=self._now,
                        lease=lease,
                        hook=self._hook,
                    )
            except (TablesUnfit, PeerUnavailable, PeerRefused) as exc:
                self._note_failure(kind, exc)
            else:
                self._count(kind, "new" if done.new else "repeated")
                if done.new:
                    name = done.edition.name
                    say(LOG, logging.INFO, "tables.proposed", table=kind.value, version=name)

    async def _due(self) -> list[TableKind]:
        """Return the kinds that nobody fetched since this night began."""
        at = self._now()
        night = _night_of(at)
        if self._delay is None:
            self._delay = _WITHIN * self._jitter()
        if at < night + self._delay:
            return []
        standings = await read_standings(self._store, since=beijing_date(at))
        return [
            kind
            for kind, standing in standings.items()
            if self._is_due(standing.fetched, night) and self._may_try(kind, at)
        ]

    def _is_due(self, fetched: FetchedMark | None, night: datetime) -> bool:
        """Say whether nothing came since `night`; a ledger that never had any waits for a night."""
        return self._started_at < night if fetched is None else fetched.seen_at < night

    def _may_try(self, kind: TableKind, at: datetime) -> bool:
        tried_at = self._tried_at.get(kind)
        return tried_at is None or not tried_at <= at < tried_at + _AGAIN_AFTER

    def _note_failure(
        self, kind: TableKind, exc: TablesUnfit | PeerUnavailable | PeerRefused
    ) -> None:
        """Say why what came was not used: a code of ours, and nothing that the peer wrote."""
        match exc:
            case TablesUnfit():
                why, level = exc.fault, logging.ERROR
            case PeerUnavailable():
                why, level = exc.failure.value, logging.WARNING
            case PeerRefused():
                why, level = exc.problem or exc.code, logging.WARNING
        self._count(kind, why)
        say(LOG, level, "tables.fetch-failed", table=kind.value, code=exc.code, reason=why)

    def _count(self, kind: TableKind, result: str) -> None:
        self._metrics.count(self._metrics.table_fetches, kind.value, result)


def _night_of(at: datetime) -> datetime:
    """Return when the last night's hour of fetching began."""
    local = at.astimezone(BEIJING)
    hour = local.replace(hour=FROM_HOUR, minute=0, second=0, microsecond=0)
    return hour if hour <= local else hour - timedelta(days=1)
