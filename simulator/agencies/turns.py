"""Turns (轮次) of an agency's loops: one that fails is noted and followed by a pause."""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final

from simulator.agencies.backoff import Backoff
from simulator.agencies.client import Unanswered
from simulator.logs import say
from simulator.timer import Timer

_log: Final = logging.getLogger(__name__)


class Turns:
    """Repeats the turns of one agency's loops until they are cancelled."""

    def __init__(self, agency_code: str, *, seed: int, timer: Timer) -> None:
        self._agency_code = agency_code
        self._backoff = Backoff(agency_code, seed=seed, timer=timer)
        self.failures: Counter[str] = Counter()
        """How many turns of each loop, and decisions, ended with an error nobody foresaw."""

    async def repeat(self, loop: str, turn: Callable[[], Awaitable[None]]) -> None:
        """Take turn after turn; one that fails, whatever is raised, is followed by a pause."""
        failures = 0
        while True:
            retry_after_s = None
            try:
                await turn()
            except Unanswered as exc:
                retry_after_s = exc.retry_after_s
            except Exception as exc:  # noqa: BLE001 - a turn survives whatever is raised in it
                self.note_failure(loop, exc)
            else:
                failures = 0
                continue
            failures += 1
            await self._backoff.pause(loop, failures, retry_after_s)

    def note_failure(self, loop: str, exc: Exception) -> None:
        """Count and log an error that nobody foresaw; never its text."""
        self.failures[loop] += 1
        say(_log, logging.ERROR, "turn.failed", agency=self._agency_code, loop=loop, raised=exc)
