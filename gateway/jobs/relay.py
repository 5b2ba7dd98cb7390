"""The loops that send: one for the reports to the portal, one for each agency that takes pushes."""

import logging
from datetime import datetime
from typing import Final, Protocol

from gateway.domain.outbox_rules import MessageKind
from gateway.domain.retry_policy import BatchSize, Breaker, Jitter, next_attempt, store_retry
from gateway.errors import GatewayError, PeerUnavailable
from gateway.events import Facts, say, tracing
from gateway.flows.relay import Relayed
from gateway.jobs.connection_pause import ConnectionPause
from gateway.jobs.failing_alone import FailingAlone
from gateway.jobs.turn_failures import failure_facts, note_turn_failure
from gateway.jobs.wake_event import WakeEvent
from gateway.metrics import Metrics
from gateway.ports import PORTAL
from gateway.ports.outbox import ClaimedMessage
from schemas.reference.clock import Now
from storage.errors import StorageError

LOG: Final = logging.getLogger(__name__)
IDLE_S: Final = 60.0
"""Longest pause; a new message or the tick ends it sooner."""
_MIN_PAUSE_S: Final = 0.01


class Send(Protocol):
    """Sends what is due to one peer, at most `limit` messages in one call."""

    async def __call__(self, *, limit: int) -> Relayed:
        """Send, and return what became of it."""
        ...


class RelayLoop:
    """Sends what is due to one peer, batch after batch; a failing peer's circuit is opened."""

    def __init__(  # noqa: PLR0913 -- two clocks, and what most loops do without
        self,
        peer: str,
        send: Send,
        *,
        now: Now,
        jitter: Jitter,
        metrics: Metrics,
        monotonic: Now | None = None,
        pause: ConnectionPause | None = None,
    ) -> None:
        """Make the loop of one peer.

        Args:
            peer: Its name among ours.
            send: Sends what is due to it.
            now: The wall clock; when a message is due comes from the ledger by it.
            jitter: Chance.
            metrics: Where it counts.
            monotonic: What its waits go by; None where `now` never steps.
            pause: That of the connection, where another loop calls the same peer.
        """
        self.peer, self._send = peer, send
        self._now, self._jitter, self._metrics = now, jitter, metrics
        self._monotonic = monotonic or now
        self._pause = pause or ConnectionPause(self._monotonic)
        self.breaker, self._size = Breaker(), BatchSize()
        self._failing_alone = FailingAlone(self._monotonic)
        metrics.failing_alone.labels(peer, self.kind).set_function(self._failing_alone.count)
        self.wake_event = WakeEvent()

    @property
    def kind(self) -> MessageKind:
        """What it is there for; registrations go with the reports."""
        return MessageKind.REPORT if self.peer == PORTAL else MessageKind.DISPATCH

    @property
    def is_circuit_open(self) -> bool:
        """Whether the peer is not called at present, after failures in a row."""
        return not self.breaker.allows(self._monotonic())

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
        """Send one batch; return how long to pause before the next, in seconds.

        A wake-up ends the pause of the loop, but not that of its peer.
        """
        if (left_alone_s := self._left_alone_s()) > 0:
            return left_alone_s
        with tracing():
            try:
                relayed = await self._send(limit=self._size.limit(self._monotonic()))
                if relayed.claimed:
                    self._note(relayed)
            except StorageError as exc:
                self._failed(exc)
                return store_retry(self._jitter).total_seconds()
            except GatewayError as exc:
                self._failed(exc)
                return self._after_failure(None)
            except Exception as exc:  # noqa: BLE001 -- a turn survives whatever is raised in it
                note_turn_failure(
                    exc, loop="relay", metrics=self._metrics, logger=LOG, peer=self.peer
                )
                return self._after_failure(None)
        if not relayed.claimed:
            return self._until_due_s(relayed.next_at)
        return self._after_batch(relayed)

    def _failed(self, exc: GatewayError | StorageError) -> None:
        facts = failure_facts(exc)
        facts["peer"] = self.peer
        say(LOG, logging.ERROR, "relay.failed", **facts)

    def _left_alone_s(self) -> float:
        open_s = self._circuit_open_s() if self.is_circuit_open else 0.0
        return max(open_s, self._pause.remaining_s())

    def _after_batch(self, relayed: Relayed) -> float:
        """Return the pause after a batch; one message that fails alone says little of its peer."""
        failure, size = relayed.failure, len(relayed.unanswered)
        if size > 1:
            self._size = self._size.failed(size, self._monotonic())
        if relayed.postponed < relayed.claimed:
            self.breaker = self.breaker.succeeded()
        if failure is None and relayed.postponed < relayed.claimed:
            return 0.0 if relayed.more else self._until_due_s(relayed.next_at)
        if failure is None:
            return self._after_failure(None)
        self._pause.failed(failure.retry_after_s)
        if relayed.postponed < relayed.claimed or (failure.answered and size == 1):
            return self._pause.remaining_s()
        return self._after_failure(failure)

    def _until_due_s(self, next_at: datetime | None) -> float:
        """Pause until the next message is due; a new one, or the tick, ends it sooner."""
        if next_at is None:
            return IDLE_S
        return min(max((next_at - self._now()).total_seconds(), _MIN_PAUSE_S), IDLE_S)

    def _after_failure(self, failure: PeerUnavailable | None) -> float:
        now = self._monotonic()
        self.breaker = self.breaker.failed(now, self._jitter)
        if failure is None:
            self._pause.failed(None)
        if self.breaker.open_until is not None or (failure is not None and failure.answered):
            return self._left_alone_s()
        again = next_attempt(self.breaker.failures, now=now, jitter=self._jitter)
        return max((again - now).total_seconds(), self._left_alone_s())

    def _circuit_open_s(self) -> float:
        until = self.breaker.open_until
        return IDLE_S if until is None else (until - self._monotonic()).total_seconds()

    def _note(self, relayed: Relayed) -> None:
        metrics, at = self._metrics, self._now()
        reports = [m for m in relayed.settled_messages if m.kind is not MessageKind.DISPATCH]
        for message in reports:
            metrics.confirmed(message.key, message.revision, at)
        to_portal = self.kind is MessageKind.REPORT
        metrics.relayed(
            metrics.report_attempts if to_portal else metrics.dispatch_attempts, relayed
        )
        self._note_unbelieved(relayed)
        facts = Facts() if relayed.failure is None else failure_facts(relayed.failure)
        facts |= Facts(
            peer=self.peer,
            settled=relayed.settled,
            postponed=relayed.postponed,
            parked=relayed.parked,
        )
        level = logging.WARNING if relayed.postponed or relayed.parked else logging.INFO
        say(LOG, level, "batch.relayed", **facts)
        self._failing_alone.settled(message.id for message in relayed.settled_messages)
        if len(relayed.unanswered) == 1:
            self._note_alone(relayed.unanswered[0])
            if relayed.settled or (relayed.failure is not None and relayed.failure.answered):
                self._failing_alone.failed(relayed.unanswered[0].id)

    def _note_unbelieved(self, relayed: Relayed) -> None:
        """Count and log receipts that are not for what was sent; of what they say, nothing."""
        for message, fault in relayed.unbelieved:
            kind = message.kind.value
            self._metrics.count(self._metrics.receipts_not_believed, kind, fault.value)
            say(
                LOG,
                logging.WARNING,
                "receipt.not-believed",
                peer=self.peer,
                application_no=message.key,
                message_no=message.number,
                reason=fault.value,
            )

    def _note_alone(self, message: ClaimedMessage) -> None:
        """Say which message failed in a call of its own: it does so while others get through."""
        say(
            LOG,
            logging.WARNING,
            "message.failed-alone",
            peer=self.peer,
            application_no=message.key,
            message_no=message.number,
            count=message.attempts,
        )
