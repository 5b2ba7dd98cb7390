"""A process of its own that kills itself at a failpoint, while a test waits for its end."""

import asyncio
import signal
import sys
from typing import Final

from tests.support.tree import ROOT

_WITHIN_S: Final = 60.0


async def run_until_killed(module: str, *words: str) -> None:
    """Run a module of the tests with these words until SIGKILL ends it.

    Raises:
        AssertionError: It ended in another way.
    """
    subject = await asyncio.create_subprocess_exec(sys.executable, "-m", module, *words, cwd=ROOT)
    async with asyncio.timeout(_WITHIN_S):
        assert await subject.wait() == -signal.SIGKILL
