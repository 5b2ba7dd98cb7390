"""The directory loop: a new version of the agency directory (机构清单) counts without a restart.

Every gateway has one, whoever leads: a commit wakes it, on PostgreSQL that of another process too.
"""

import logging
from typing import Final

from gateway.domain.directory_version import DirectoriesInUse
from gateway.errors import DirectoryUnreadable
from gateway.events import say
from gateway.jobs.turn_failures import note_turn_failure
from gateway.jobs.wake_event import WakeEvent
from gateway.metrics import Metrics
from gateway.ports.store import Store
from schemas.reference.clock import Now, beijing_date
from storage.errors import StorageError

LOG: Final = logging.getLogger(__name__)
EVERY_S: Final = 15.0
"""Longest time between two looks: a version is gone by within a minute even if nobody wakes."""


class DirectoryWatchLoop:
    """Keeps the directories of its own process in step with the ledger."""

    def __init__(
        self,
        directories: DirectoriesInUse,
        *,
        store: Store,
        now: Now,
        metrics: Metrics,
        every_s: float = EVERY_S,
    ) -> None:
        self._directories, self._store, self._now = directories, store, now
        self._metrics, self._every_s = metrics, every_s
        self.wake_event = WakeEvent()

    def stop(self) -> None:
        """End after the turn in hand."""
        self.wake_event.stop()

    async def run(self) -> None:
        """Take turn after turn until stopped."""
        while not self.wake_event.stopped:
            try:
                await self.turn()
            except DirectoryUnreadable as exc:  # what is in force stays so
                say(LOG, logging.ERROR, "directory.unreadable", directory=exc.version)
            except StorageError as exc:
                say(LOG, logging.WARNING, "directory.not-read", code=exc.code)
            except Exception as exc:  # noqa: BLE001 -- a turn survives whatever is raised in it
                note_turn_failure(exc, loop="directory", metrics=self._metrics, logger=LOG)
            await self.wake_event.pause(self._every_s)

    async def turn(self) -> bool:
        """Go by what the ledger has now; return whether that is newer than before.

        Raises:
            DirectoryUnreadable, StoreUnavailable: What was in force stays so.
        """
        newest = await self._store.read(lambda views: views.newest_directory())
        is_newer = newest != self._directories.newest
        if is_newer:
            at = self._now()
            self._directories.exchange(
                await self._store.read(lambda views: views.directories_from(at))
            )
        in_force = self._directories.version_on(beijing_date(self._now()))
        self._metrics.directory_version.set(0 if in_force is None else in_force.number)
        if is_newer:
            say(LOG, logging.INFO, "directory.read", directory=newest)
        return is_newer
