"""Notifier (通知): wakes everything that waits for something to arrive, at once."""

import asyncio

from simulator.timer import Timer


class Notifier:
    """Tells whatever waits now that something arrived; what waits later waits for the next.

    `waiting` is how many are waiting.
    """

    __slots__ = ("_notified", "waiting")

    def __init__(self) -> None:
        self._notified = asyncio.Event()
        self.waiting = 0

    def notify(self) -> None:
        """Wake everything that waits now."""
        self._notified.set()
        self._notified = asyncio.Event()

    async def wait(self, within_s: float, *, timer: Timer) -> bool:
        """Wait for at most `within_s` seconds and tell whether a notification came."""
        self.waiting += 1
        try:
            async with timer.timeout(within_s):
                await self._notified.wait()
        except TimeoutError:
            return False
        finally:
            self.waiting -= 1
        return True
