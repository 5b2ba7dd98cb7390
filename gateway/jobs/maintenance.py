"""The maintenance loop: tidies the ledger while this process is the leader (主节点)."""

import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence
from random import random
from typing import Final

from gateway.domain.retry_policy import Jitter, store_retry
from gateway.errors import GatewayError
from gateway.events import say
from gateway.flows.maintenance import delete_expired_nonces, lead, step_down
from gateway.jobs.turn_failures import note_turn_failure
from gateway.jobs.wake_event import WakeEvent
from gateway.metrics import Metrics
from gateway.ports.leadership import LeaderLease
from gateway.ports.store import Store
from schemas.reference.clock import Now
from storage.errors import StorageError

LOG: Final = logging.getLogger(__name__)
LeaderDuty = Callable[[LeaderLease], Awaitable[int]]
"""What a leader does in each of its turns, in a few short steps; returns how many rows changed."""
MAINTENANCE_TICK_S: Final = 60
_IDLE_S: Final = 90.0
"""Longest pause; the tick ends it sooner. Both are well within the length of a lease."""


def new_holder() -> str:
    """Return a name for this process that no other has."""
    return secrets.token_hex(8)


class MaintenanceLoop:
    """Leads, or stands by until the leader's lease has ended."""

    def __init__(
        self,
        *,
        holder: str,
        store: Store,
        now: Now,
        metrics: Metrics,
        duties: Sequence[LeaderDuty] = (),
        jitter: Jitter = random,
    ) -> None:
        self._jitter = jitter
        self._holder, self._store, self._now, self._metrics = holder, store, now, metrics
        self._duties = duties
        self._lease: LeaderLease | None = None
        self.wake_event = WakeEvent()

    def stop(self) -> None:
        """End after the transaction in hand."""
        self.wake_event.stop()

    async def run(self) -> None:
        """Take turn after turn until stopped, then let another process lead."""
        while not self.wake_event.stopped:
            pause_s = _IDLE_S
            try:
                await self.turn()
            except (GatewayError, StorageError) as exc:
                say(LOG, logging.WARNING, "maintenance.failed", code=exc.code)
                if isinstance(exc, StorageError):
                    pause_s = store_retry(self._jitter).total_seconds()
            except Exception as exc:  # noqa: BLE001 -- a turn survives whatever is raised in it
                note_turn_failure(exc, loop="maintenance", metrics=self._metrics, logger=LOG)
            await self.wake_event.pause(pause_s)
        await self._step_down()

    async def turn(self) -> int:
        """Do what a leader does, if this process leads; return how many rows were changed.

        What is no longer needed is deleted, and each duty is carried on with.
        """
        self._lease = await lead(holder=self._holder, store=self._store, now=self._now)
        changed = 0
        while self._lease is not None and not self.wake_event.stopped:
            few = await delete_expired_nonces(self._lease, store=self._store, now=self._now)
            if not few:
                break
            changed += few
        for duty in self._duties:
            if self._lease is not None and not self.wake_event.stopped:
                changed += await duty(self._lease)
        if changed:
            say(LOG, logging.INFO, "maintenance.done", count=changed)
        return changed

    async def _step_down(self) -> None:
        if self._lease is None:
            return
        try:
            await step_down(self._lease, store=self._store)
        except (GatewayError, StorageError) as exc:  # the lease ends by itself
            say(LOG, logging.WARNING, "maintenance.failed", code=exc.code)
