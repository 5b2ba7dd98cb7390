"""Waiting that a wake-up ends, and the end of waiting for good."""

import asyncio


class Alarm:
    """Ends a loop's pause; once stopped, there is no pause any more."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()
        self.stopped = False

    def ring(self) -> None:
        """End the pause, or the next one if none is on."""
        self._rung.set()

    def stop(self) -> None:
        """End every pause from now on."""
        self.stopped = True
        self._rung.set()

    async def pause(self, seconds: float) -> None:
        """Wait until rung, at most so many seconds."""
        try:
            async with asyncio.timeout(max(seconds, 0.0)):
                await self._rung.wait()
        except TimeoutError:
            return
        finally:
            if not self.stopped:
                self._rung.clear()
