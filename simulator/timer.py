"""计时: what lets time pass; faults and agencies wait through it and never by themselves."""

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Protocol


class Timer(Protocol):
    """Waits, in seconds of whatever time it keeps; the composition root chooses the time."""

    async def sleep(self, seconds: float) -> None:
        """Return when `seconds` have passed."""
        ...

    def timeout(self, seconds: float) -> AbstractAsyncContextManager[object]:
        """Return a block that raises `TimeoutError` when it takes longer than `seconds`."""
        ...


class RealTimer:
    """The machine's time."""

    async def sleep(self, seconds: float) -> None:
        """Sleep on the event loop."""
        await asyncio.sleep(seconds)

    def timeout(self, seconds: float) -> AbstractAsyncContextManager[object]:
        """Return the event loop's timeout."""
        return asyncio.timeout(seconds)
