"""Waiting that a wake-up ends, and the end of waiting for good."""

import asyncio


class WakeEvent:
    """Ends a loop's pause; once stopped, there is no pause any more."""

    def __init__(self) -> None:
        self._woken = asyncio.Event()
        self.stopped = False

    def wake(self) -> None:
        """End the pause, or the next one if none is on."""
        self._woken.set()

    def stop(self) -> None:
        """End every pause from now on."""
        self.stopped = True
        self._woken.set()

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
