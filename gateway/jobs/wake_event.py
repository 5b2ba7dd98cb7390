"""Waiting that a wake-up ends, and the end of waiting for good."""

import asyncio
from contextlib import suppress


class WakeEvent:
    """Ends a loop's pause; once stopped, there is no pause any more."""

    def __init__(self) -> None:
        self._woken, self._ended = asyncio.Event(), asyncio.Event()
        self.stopped = False

    def wake(self) -> None:
        """End the pause, or the next one if none is on."""
        self._woken.set()

    def stop(self) -> None:
        """End every pause from now on."""
        self.stopped = True
        self._woken.set()
        self._ended.set()

    async def pause(self, seconds: float) -> None:
        """Wait until woken, for at most `seconds`."""
        try:
            async with asyncio.timeout(max(seconds, 0.0)):
                await self._woken.wait()
        except TimeoutError:
            return
        finally:
            if not self.stopped:
                self._woken.clear()

    async def rest(self, seconds: float) -> None:
        """Wait for so many seconds, whoever wakes; only stopping ends it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(max(seconds, 0.0)):
                await self._ended.wait()
