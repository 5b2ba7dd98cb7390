"""The loops that send: one for the reports to the portal, one for each agency that takes pushes."""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

from gateway.domain.outbox_rules import MessageKind
from gateway.domain.retry_policy import Breaker, Jitter, next_attempt
from gateway.errors import GatewayError
from gateway.events import say, tracing
from gateway.flows.relay import Relayed
from gateway.jobs.turn_failures import failure_facts, note_turn_failure
from gateway.jobs.wake_event import WakeEvent
from gateway.metrics import Metrics
from gateway.ports import PORTAL
from schemas.reference.clock import Now
from storage.errors import StorageError

LOG: Final = logging.getLogger(__name__)
IDLE_S: Final = 60.0
"""Longest pause; a new message or the tick ends it sooner."""
_MIN_PAUSE_S: Final = 0.01

Send = Callable[[], Awaitable[Relayed]]


class RelayLoop:
    """Sends what is due to one peer, batch after batch; a failing peer's circuit is opened."""

    def __init__(
        self, peer: str, send: Send, *, now: Now, jitter: Jitter, metrics: Metrics
    ) -> None:
        self.peer, self._send = peer, send
        self._now, self._jitter, self._metrics = now, jitter, metrics
        self.breaker = Breaker()
        self.wake_event = WakeEvent()

    def stop(self) -> None:
        """End after the batch in hand."""
        self.wake_event.stop()

    async def run(self) -> None:
        """Send batch after batch until stopped."""
        while not self.wake_event.stopped:
            pause_s = await self.turn()
            if pause_s > 0:
                await self.wake_event.pause(pause_s)

    async def turn(self) -> float:
        """Send one batch; return how long to pause before the next, in seconds."""
        if not self.breaker.allows(self._now()):
            return self._circuit_open_s()
        with tracing():
            try:
                relayed = await self._send()
                if relayed.claimed:
                    self._note(relayed)
            except (GatewayError, StorageError) as exc:
                facts = failure_facts(exc)
                facts["peer"] = self.peer
                say(LOG, logging.ERROR, "relay.failed", **facts)
                return self._after_failure()
            except Exception as exc:  # noqa: BLE001 -- a turn survives whatever is raised in it
                note_turn_failure(
                    exc, loop="relay", metrics=self._metrics, logger=LOG, peer=self.peer
                )
                return self._after_failure()
        if not relayed.claimed:
            return self._until_due_s(relayed.next_at)
        if relayed.postponed == relayed.claimed:
            return self._after_failure()
        self.breaker = self.breaker.succeeded()
        return 0.0

    def _until_due_s(self, next_at: datetime | None) -> float:
        """Pause until the next message is due; a new one, or the tick, ends it sooner."""
        if next_at is None:
            return IDLE_S
        return min(max((next_at - self._now()).total_seconds(), _MIN_PAUSE_S), IDLE_S)

    def _after_failure(self) -> float:
        now = self._now()
        self.breaker = self.breaker.failed(now, self._jitter)
        if self.breaker.open_until is not None:
            return self._circuit_open_s()
        again = next_attempt(self.breaker.failures, now=now, jitter=self._jitter)
        return (again - now).total_seconds()

    def _circuit_open_s(self) -> float:
        until = self.breaker.open_until
        return IDLE_S if until is None else (until - self._now()).total_seconds()

    def _note(self, relayed: Relayed) -> None:
        metrics, at = self._metrics, self._now()
        reports = [m for m in relayed.settled_messages if m.kind is MessageKind.REPORT]
        for message in reports:
            metrics.confirmed(message.key, message.revision, at)
        to_portal = self.peer == PORTAL
        metrics.relayed(
            metrics.report_attempts if to_portal else metrics.dispatch_attempts, relayed
        )
        say(
            LOG,
            logging.WARNING if relayed.postponed or relayed.parked else logging.INFO,
            "batch.relayed",
            peer=self.peer,
            settled=relayed.settled,
            postponed=relayed.postponed,
            parked=relayed.parked,
        )
