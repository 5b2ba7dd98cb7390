"""The publication loop: one gateway publishes the agency directory in force (机构清单发布)."""

import logging
from datetime import datetime
from typing import Final

from gateway.domain.retry_policy import Jitter, next_attempt, store_retry
from gateway.errors import GatewayError, PeerUnavailable
from gateway.events import Facts, say
from gateway.flows.directory_publication import PublicationTurn, Published, publish_next_part
from gateway.flows.failpoints import FailpointHook
from gateway.flows.maintenance import lead, step_down
from gateway.jobs.turn_failures import failure_facts, note_turn_failure
from gateway.jobs.wake_event import WakeEvent
from gateway.metrics import Metrics
from gateway.ports.directory import DirectoryReceiver
from gateway.ports.leadership import LeaderLease
from gateway.ports.store import Store
from schemas.reference.clock import Now
from storage.errors import StorageError

LOG: Final = logging.getLogger(__name__)
LEASE: Final = "directory-publication"
_IDLE_S: Final = 30.0
"""Longest pause while nothing fails: a version is sent within a minute even if nobody wakes."""
_NOTHING: Final = PublicationTurn(Published.NOTHING)


class PublicationLoop:
    """Publishes while it holds the lease on that, or stands by.

    A peer that does not answer, or does not serve the operation, is tried more and more rarely; a
    new version is tried at once.
    """

    def __init__(  # noqa: PLR0913 -- a loop consists of these, each by name
        self,
        receiver: DirectoryReceiver,
        *,
        division: str,
        holder: str,
        store: Store,
        now: Now,
        metrics: Metrics,
        jitter: Jitter,
        hook: FailpointHook,
    ) -> None:
        self._receiver, self._division, self._holder = receiver, division, holder
        self._store, self._now, self._metrics = store, now, metrics
        self._jitter, self._hook = jitter, hook
        self._before = _NOTHING
        self._failures = 0
        self._lease: LeaderLease | None = None
        self.wake_event = WakeEvent()

    def stop(self) -> None:
        """End after the part in hand."""
        self.wake_event.stop()

    async def run(self) -> None:
        """Take turn after turn until stopped."""
        while not self.wake_event.stopped:
            pause_s = _IDLE_S
            try:
                await self.publish()
                self._failures = 0
            except PeerUnavailable as exc:
                self._failures += 1
                pause_s = self._until_again_s(exc)
                facts = failure_facts(exc) | Facts(retry_in_s=round(pause_s, 1))
                say(LOG, logging.WARNING, "directory.not-published", **facts)
            except (GatewayError, StorageError) as exc:
                say(LOG, logging.WARNING, "directory.not-published", code=str(exc.code))
                if isinstance(exc, StorageError):
                    pause_s = store_retry(self._jitter).total_seconds()
            except Exception as exc:  # noqa: BLE001 -- a turn survives whatever is raised in it
                note_turn_failure(exc, loop="publication", metrics=self._metrics, logger=LOG)
            await self.wake_event.pause(pause_s)
        await self._step_down()

    async def _step_down(self) -> None:
        """Let another process publish at once."""
        if self._lease is None:
            return
        try:
            await step_down(self._lease, store=self._store)
        except (GatewayError, StorageError) as exc:  # the lease ends by itself
            say(LOG, logging.WARNING, "directory.not-published", code=str(exc.code))

    async def publish(self) -> PublicationTurn:
        """Send what is to be published, part after part, if this process leads; return the last.

        Raises:
            PeerUnavailable: What arrived is unknown; it goes again.
            LeaseLost, DirectoryUnreadable, StoreUnavailable: Nothing more was sent.
        """
        while not self.wake_event.stopped:
            self._lease = lease = await lead(
                holder=self._holder, store=self._store, now=self._now, name=LEASE
            )
            if lease is None:
                return _NOTHING
            turn = await publish_next_part(
                lease,
                self._receiver,
                division=self._division,
                before=self._before,
                store=self._store,
                now=self._now,
                hook=self._hook,
            )
            self._tell(turn)
            self._before = turn
            if turn.result is not Published.PART:
                break
        return self._before

    def _tell(self, turn: PublicationTurn) -> None:
        if turn.result is Published.INCOMPLETE and turn != self._before:
            say(LOG, logging.WARNING, "directory.incomplete", directory=turn.version)
        if turn.result is Published.PUBLISHED:
            self._metrics.count(self._metrics.directory_publications, "published")
            say(LOG, logging.INFO, "directory.published", directory=turn.version)
        if turn.result is Published.REFUSED:
            self._metrics.count(self._metrics.directory_publications, "refused")
            facts = Facts(directory=turn.version)
            if turn.code:
                facts["problem"] = turn.code
            say(LOG, logging.ERROR, "directory.refused", **facts)

    def _until_again_s(self, failure: PeerUnavailable) -> float:
        at: datetime = self._now()
        again = next_attempt(
            self._failures, now=at, jitter=self._jitter, retry_after_s=failure.retry_after_s
        )
        return max((again - at).total_seconds(), 1.0)
