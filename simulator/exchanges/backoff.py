"""Backoff (退避): how long an agency, or a push, waits before it tries again."""

import logging
from random import Random
from typing import Final

from simulator.logs import Facts, say
from simulator.timer import Timer

_FIRST_PAUSE_S, _MAX_PAUSE_S = 0.1, 30.0
_MAX_DOUBLINGS: Final = 10
_log: Final = logging.getLogger(__name__)


class Backoff:
    """Exponential backoff with jitter; the same name and seed give the same pauses.

    `facts` say in the log whose pauses these are.
    """

    def __init__(self, name: str, facts: Facts, *, seed: int, timer: Timer) -> None:
        self._facts, self._timer = facts, timer
        self._jitter = Random(f"pauses {name} {seed}")  # noqa: S311 - spreads retries only

    async def pause(self, loop: str, failures: int, retry_after_s: float | None) -> None:
        """Wait longer after each failure in a row, or as long as the gateway asked for."""
        ceiling_s = min(_FIRST_PAUSE_S * (1 << min(failures, _MAX_DOUBLINGS)), _MAX_PAUSE_S)
        pause_s = ceiling_s * (0.5 + self._jitter.random() / 2)
        if retry_after_s is not None:
            pause_s = min(max(retry_after_s, pause_s), _MAX_PAUSE_S)
        said: Facts = {**self._facts, "loop": loop}
        say(_log, logging.INFO, "loop.paused", **said)
        await self._timer.sleep(pause_s)
