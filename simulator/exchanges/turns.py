"""Turns (轮次) of loops that call a gateway: one that fails is noted and followed by a pause."""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final

from simulator.exchanges.backoff import Backoff
from simulator.exchanges.signed_client import Unanswered
from simulator.logs import Facts, say
from simulator.timer import Timer

_log: Final = logging.getLogger(__name__)


class Turns:
    """Repeats the turns of loops until they are cancelled; `facts` say whose in the log."""

    def __init__(self, name: str, facts: Facts, *, seed: int, timer: Timer) -> None:
        self._facts = facts
        self._backoff = Backoff(name, facts, seed=seed, timer=timer)
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
        said: Facts = {**self._facts, "loop": loop, "raised": exc}
        say(_log, logging.ERROR, "turn.failed", **said)
