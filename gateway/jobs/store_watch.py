"""The store loop: writes how far a SQLite file is beside it, and says when a standby changes."""

import logging
from typing import Final, Protocol

from gateway.events import say
from gateway.jobs.turn_failures import note_turn_failure
from gateway.jobs.wake_event import WakeEvent
from gateway.metrics import Metrics
from storage.errors import StorageError
from storage.replication import Replication

LOG: Final = logging.getLogger(__name__)
EVERY_S: Final = 60.0
"""How much of what was written an older copy may lack unnoticed, after a death of the process."""
_LEVELS: Final = {
    Replication.NONE: logging.ERROR,
    Replication.ASYNCHRONOUS: logging.WARNING,
    Replication.SYNCHRONOUS: logging.INFO,
}


class WatchedStore(Protocol):
    """The store, as this loop needs it."""

    @property
    def replication(self) -> Replication:
        """How standbys take part in a commit, as last heard."""
        ...

    async def write_head(self) -> bool:
        """Write the head of a file (进度文件); return whether it was the first."""
        ...


class StoreWatchLoop:
    """Looks after the store of its own process, whoever leads."""

    def __init__(self, *, store: WatchedStore, metrics: Metrics, every_s: float = EVERY_S) -> None:
        self._store, self._metrics, self._every_s = store, metrics, every_s
        self._replication = store.replication
        self.wake_event = WakeEvent()

    def stop(self) -> None:
        """End after the turn in hand; the store writes its last head when it is closed."""
        self.wake_event.stop()

    async def run(self) -> None:
        """Take turn after turn until stopped."""
        while not self.wake_event.stopped:
            try:
                await self.turn()
            except StorageError as exc:
                say(LOG, logging.WARNING, "ledger-head.failed", code=exc.code)
            except Exception as exc:  # noqa: BLE001 -- a turn survives whatever is raised in it
                note_turn_failure(exc, loop="store", metrics=self._metrics, logger=LOG)
            await self.wake_event.pause(self._every_s)

    async def turn(self) -> None:
        """Write the head, and say what became of the standbys since the turn before.

        Raises:
            StoreUnavailable: The head could not be written; the one before stands.
        """
        found = self._store.replication
        if found is not self._replication:
            self._replication = found
            say(LOG, _LEVELS[found], "store.replication-changed", code=found.value)
        if await self._store.write_head():
            say(LOG, logging.INFO, "ledger-head.created")
