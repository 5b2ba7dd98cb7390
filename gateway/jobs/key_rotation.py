"""The key loop: reserves uses of the data keys, and seals rows again under the newest one."""

import asyncio
import logging
from typing import Final

from gateway.errors import GatewayError
from gateway.events import say
from gateway.flows.key_rotation import (
    FIRST_USES,
    MOST_USES,
    give_back_uses,
    reseal,
    reserve_uses,
)
from gateway.flows.maintenance import lead
from gateway.jobs.turn_failures import note_turn_failure
from gateway.jobs.wake_event import WakeEvent
from gateway.metrics import Metrics
from gateway.ports.sealed_rows import RowMark, SealedTable
from gateway.ports.store import Store
from schemas.reference.clock import Now
from storage.errors import StorageError
from storage.key_uses import MAX_USES, WARNING_SHARE, nobody
from storage.sealing import Sealer

LOG: Final = logging.getLogger(__name__)
LEASE: Final = "key-rotation"
_PAUSE_S: Final = 60.0


class KeyRotationLoop:
    """Reserves uses for its own process; seals rows again while it holds the lease on that."""

    def __init__(
        self, *, holder: str, store: Store, sealer: Sealer, now: Now, metrics: Metrics
    ) -> None:
        self._holder, self._store, self._sealer = holder, store, sealer
        self._now, self._metrics = now, metrics
        self._done_under: int | None = None
        self._at_once = FIRST_USES
        self.wake_event = WakeEvent()

    def stop(self) -> None:
        """End after the transaction in hand."""
        self.wake_event.stop()

    async def run(self) -> None:
        """Take turn after turn until stopped; uses that run low bring the next one on."""
        loop = asyncio.get_running_loop()

        def wake() -> None:  # in a thread of the store
            loop.call_soon_threadsafe(self.wake_event.wake)

        self._sealer.uses.on_low = wake
        while not self.wake_event.stopped:
            try:
                await self.reserve()
                await self.reseal_rows()
            except (GatewayError, StorageError) as exc:
                say(LOG, logging.WARNING, "keys.failed", code=exc.code)
            except Exception as exc:  # noqa: BLE001 -- a turn survives whatever is raised in it
                note_turn_failure(exc, loop="keys", metrics=self._metrics, logger=LOG)
            await self.wake_event.pause(_PAUSE_S)
        self._sealer.uses.on_low = nobody

    async def give_back(self) -> None:
        """Give back what is reserved and not used; for the end, when nothing is sealed any more."""
        try:
            await give_back_uses(store=self._store, uses=self._sealer.uses)
        except StorageError as exc:
            say(LOG, logging.WARNING, "keys.failed", code=exc.code)

    async def reserve(self) -> None:
        """Reserve what this process may seal until its next turn; say when a key wears out.

        A process that seals much reserves twice as much each time.
        """
        uses, at_once = self._sealer.uses, self._at_once
        if 0 < uses.left(self._sealer.epoch) <= at_once // 2:
            self._at_once = at_once = min(2 * at_once, MOST_USES)
        reserved = await reserve_uses(
            self._sealer.epoch, store=self._store, uses=uses, at_once=at_once
        )
        share = 1.0 if reserved is None else reserved / MAX_USES
        self._metrics.ledger_key_uses.set(share)
        if share >= WARNING_SHARE:
            say(LOG, logging.ERROR, "ledger-key.worn", count=reserved or MAX_USES)

    async def reseal_rows(self) -> None:
        """Seal under today's key what is sealed under another, if this process leads.

        Nothing is looked at again under the same key, once all has been.
        """
        epoch = self._sealer.epoch
        if self._done_under == epoch:
            return
        for table in SealedTable:
            after: RowMark | None = table.start
            while after is not None:
                lease = await lead(
                    holder=self._holder, store=self._store, now=self._now, name=LEASE
                )
                if lease is None or self.wake_event.stopped:
                    return
                after = await reseal(lease, table, after=after, store=self._store)
        self._done_under = epoch
