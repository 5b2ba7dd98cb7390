"""The table loop: each process takes up what operators decided on code tables and divisions.

A decision is read within a third of a minute; the day on which it holds needs no reading, since
what comes into force later is held ready beside what is in force today.
"""

import logging
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final

from gateway.domain.intake_rules import Rules
from gateway.domain.routing import stands
from gateway.domain.table_decisions import FetchedMark
from gateway.domain.table_editions import EditionRef, TableKind
from gateway.errors import GatewayError
from gateway.events import say
from gateway.flows.tables_in_force import TablesInForce, read_standings, take_up
from gateway.jobs.turn_failures import note_turn_failure
from gateway.jobs.wake_event import WakeEvent
from gateway.metrics import Metrics
from gateway.ports.store import Reader
from schemas.reference.clock import Now, beijing_date
from storage.errors import StorageError

LOG: Final = logging.getLogger(__name__)
EVERY_S: Final = 20.0
"""A decision is taken up within a minute, a store that is slow for a while included."""
_YESTERDAY: Final = timedelta(days=1)
"""A page that came before midnight may be judged while this process reads after it."""


class RulesInForce:
    """The rules of each day (`DatedRules`) under what was decided last; exchanged as a whole."""

    def __init__(self, base: Rules, *, ledger: Reader, now: Now, metrics: Metrics) -> None:
        self.base = base
        self._ledger, self._now, self._metrics = ledger, now, metrics
        self._tables = TablesInForce.shipped(base)
        self._announced: dict[TableKind, EditionRef] = {}
        self._waiting: dict[TableKind, FetchedMark | None] = {}
        for kind in TableKind:
            age = metrics.table_proposal_age.labels(kind.value)
            age.set_function(partial(self._age_s, kind))

    @property
    def editions(self) -> tuple[Rules, ...]:
        """The rules under each edition that is in force or planned."""
        return tuple(self._tables.under.values())

    def on(self, day: date) -> Rules:
        """Return the rules in force on a Beijing date."""
        return self._tables.rules.on(day)

    async def refresh(self) -> None:
        """Take up what was decided, and tell which editions are in force today.

        Raises:
            EditionUnreadable: One cannot be read or used; what was in force here stays so.
            StoreUnavailable: The ledger cannot be read; likewise.
        """
        at = self._now()
        standings = await read_standings(self._ledger, since=beijing_date(at) - _YESTERDAY)
        self._waiting = {kind: one.waiting for kind, one in standings.items()}
        self._tables = await take_up(self._tables, standings, ledger=self._ledger, base=self.base)
        self._tell(at)

    def _tell(self, at: datetime) -> None:
        in_force = {kind: self._tables.edition_on(kind, beijing_date(at)) for kind in TableKind}
        if in_force == self._announced:
            return
        self._metrics.tables_in_force.clear()
        for kind, edition in in_force.items():
            self._metrics.tables_in_force.labels(kind.value, edition.digest).set(1)
            if self._announced.get(kind) != edition:
                name = edition.name
                say(LOG, logging.INFO, "tables.in-force", table=kind.value, version=name)
        self._announced = in_force
        today = beijing_date(at)
        for agency in self.base.directory.on(today):
            if not stands(self.on(today).tree, agency.division, today):
                say(LOG, logging.WARNING, "agency.division-ended", agency=agency.code)

    def _age_s(self, kind: TableKind) -> float:
        waiting = self._waiting.get(kind)
        return 0.0 if waiting is None else (self._now() - waiting.since).total_seconds()


class TablesInForceLoop:
    """Keeps the rules of its own process with what was decided, whoever leads."""

    def __init__(self, rules: RulesInForce, *, metrics: Metrics, every_s: float = EVERY_S) -> None:
        self._rules, self._metrics, self._every_s = rules, metrics, every_s
        self.wake_event = WakeEvent()

    def stop(self) -> None:
        """End after the turn in hand."""
        self.wake_event.stop()

    async def run(self) -> None:
        """Take turn after turn until stopped."""
        while not self.wake_event.stopped:
            await self.wake_event.pause(self._every_s)
            if not self.wake_event.stopped:
                await self.turn()

    async def turn(self) -> None:
        """Take up what was decided; where that fails, what is in force stays so."""
        try:
            await self._rules.refresh()
        except (GatewayError, StorageError) as exc:
            say(LOG, logging.ERROR, "tables.not-taken-up", code=exc.code)
        except Exception as exc:  # noqa: BLE001 -- a turn survives whatever is raised in it
            note_turn_failure(exc, loop="tables", metrics=self._metrics, logger=LOG)
