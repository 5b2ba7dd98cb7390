"""APScheduler, which only ever wakes loops."""

from collections.abc import Callable
from datetime import UTC
from typing import Final

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

# A late tick still counts, and several late ones count once.
_DEFAULTS: Final = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}


class Ticks:
    """Wakes loops at intervals."""

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(timezone=UTC, job_defaults=_DEFAULTS)

    def every(self, seconds: int, name: str, wake: Callable[[], None]) -> None:
        """Call `wake` every so many seconds, in the event loop."""

        async def tick() -> None:  # a plain function would be called in another thread
            wake()

        self._scheduler.add_job(tick, IntervalTrigger(seconds=seconds, timezone=UTC), id=name)

    def start(self) -> None:
        """Begin to tick."""
        self._scheduler.start()

    def stop(self) -> None:
        """Tick no more."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
