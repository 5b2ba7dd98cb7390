"""被测生命: one gateway lives for a while under load, and comes to an end of some kind."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from tests.system.kills.fork_server import ForkServer, Subject
from tests.system.kills.harness import KillHarness
from tests.system.kills.subject import KillSpec

LIFE_S: Final = (0.1, 0.7)
"""From a death while starting to one in the middle of work; longer on a machine that is busy."""
PAUSE_S: Final = (0.01, 0.1)
"""Between two waves of applications, as long as the gateway lives."""

FileWave = Callable[[], Awaitable[None]]
Ending = Callable[[Subject], None]
"""Ends a subject by SIGKILL, whatever else it does before."""


@dataclass(frozen=True, slots=True)
class Life:
    """How long a gateway lives, in seconds, and what happens meanwhile."""

    seconds: float
    file_wave: FileWave
    pauses: Random


def kill(subject: Subject) -> None:
    """End a subject at once."""
    subject.kill(signal.SIGKILL)


async def live(
    harness: KillHarness, fork_server: ForkServer, life: Life, end: Ending = kill
) -> str:
    """Let one gateway live for a while, under load; end it, return the last failpoint it passed.

    Raises:
        RuntimeError: It ended before it was killed.
    """
    ahead_s = harness.clock.ahead.total_seconds()
    subject = await fork_server.spawn(KillSpec(harness.config, ahead_s=ahead_s, announces=True))
    dying = asyncio.create_task(subject.death())
    dies_at = time.monotonic() + life.seconds
    while (left_s := dies_at - time.monotonic()) > 0 and not dying.done():
        await life.file_wave()
        await asyncio.wait([dying], timeout=min(left_s, life.pauses.uniform(*PAUSE_S)))
    end(subject)
    death = await dying
    if death.code != -signal.SIGKILL:
        raise RuntimeError(f"the gateway ended by itself with {death.code}")
    return death.passed or "none"
