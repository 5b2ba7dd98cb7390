"""The time that leases go by (租约时钟): it goes on evenly, whatever is done to the wall clock.

It starts from a wall clock and goes on with the machine's uptime. Where several processes share a
database, the database server's clock decides: each of them sets its lease clock by it when it
connects and once a minute, so that they agree whatever their own wall clocks say.
"""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from portable.uptime import uptime_s
from schemas.reference.clock import Now, utc_now

SET_EVERY_S: Final = 60.0


class LeaseClock:
    """A `Now` for leases and for what is due; threads may share it."""

    def __init__(
        self,
        wall: Now = utc_now,
        uptime: Callable[[], float] = uptime_s,
        set_every_s: float = SET_EVERY_S,
    ) -> None:
        self._uptime, self._lock = uptime, threading.Lock()
        self._set_every_s = set_every_s
        self._start, self._started_at = wall(), uptime()
        self._set_at: float | None = None

    def __call__(self) -> datetime:
        """Return the time (UTC)."""
        with self._lock:
            return self._start + timedelta(seconds=self._uptime() - self._started_at)

    @property
    def is_due_to_be_set(self) -> bool:
        """Whether it was not set lately by the clock that decides."""
        return self._set_at is None or self._uptime() - self._set_at > self._set_every_s

    def set_by(self, ask: Callable[[], datetime]) -> None:
        """Ask the clock that decides, and go on from what it says."""
        before = self._uptime()
        said = ask()
        after = self._uptime()
        with self._lock:
            self._start, self._started_at = said, (before + after) / 2
            self._set_at = after
