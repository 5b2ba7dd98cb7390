"""A bell (铃): wakes everyone who waits for something to arrive, at once."""

import asyncio


class Bell:
    """Rung when something arrives; who listens is woken, who comes later waits for the next."""

    __slots__ = ("_rung", "listeners")

    def __init__(self) -> None:
        self._rung = asyncio.Event()
        self.listeners = 0

    def ring(self) -> None:
        """Wake everyone who listens now."""
        self._rung.set()
        self._rung = asyncio.Event()

    async def heard(self, within_s: float) -> bool:
        """Listen for at most `within_s` seconds and tell whether the bell rang."""
        self.listeners += 1
        try:
            async with asyncio.timeout(within_s):
                await self._rung.wait()
        except TimeoutError:
            return False
        finally:
            self.listeners -= 1
        return True
