"""Time for the simulator that a test sets: a clock and a timer in one, and a timer that skips."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from schemas.reference.clock import utc_now
from tests.support.clock import SettableClock


@dataclass
class SettableTime:
    """`Now` and `Timer` at once: the machine's time, and what the test adds to it.

    A sleep or a timeout ends only when `forward` has passed its end, however long that takes in
    real time. `waits` are the seconds that were asked for, in order.
    """

    clock: SettableClock = field(default_factory=lambda: SettableClock(utc_now))
    waits: list[float] = field(default_factory=list)
    _ends: dict[int, tuple[timedelta, Callable[[], None]]] = field(default_factory=dict)
    _asked: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self) -> datetime:
        """Return the time."""
        return self.clock()

    async def sleep(self, seconds: float) -> None:
        """Wait until the test has let so many seconds pass."""
        ended = asyncio.Event()
        with self._waiting(seconds, ended.set):
            await ended.wait()

    @asynccontextmanager
    async def timeout(self, seconds: float) -> AsyncIterator[None]:
        """End the block when the test has let so many seconds pass."""
        async with asyncio.timeout(None) as timeout:
            with self._waiting(seconds, lambda: timeout.reschedule(0.0)):
                yield

    def forward(self, seconds: float) -> None:
        """Let time pass and end every wait that is over by then."""
        self.clock.forward(seconds=seconds)
        for at, end in list(self._ends.values()):
            if at <= self.clock.ahead:
                end()

    async def until_waits(self, count: int) -> None:
        """Wait until time was asked for `count` times."""
        async with asyncio.timeout(10):
            while len(self.waits) < count:
                self._asked.clear()
                await self._asked.wait()

    @contextmanager
    def _waiting(self, seconds: float, end: Callable[[], None]) -> Iterator[None]:
        number = len(self.waits)
        self.waits.append(seconds)
        self._ends[number] = (self.clock.ahead + timedelta(seconds=seconds), end)
        self._asked.set()
        try:
            yield
        finally:
            del self._ends[number]


class SkippingTimer:
    """A `Timer` without pauses: every sleep ends at once, timeouts are real."""

    async def sleep(self, seconds: float) -> None:
        """Give way to other tasks once."""
        await asyncio.sleep(0)

    def timeout(self, seconds: float) -> AbstractAsyncContextManager[object]:
        """Return the event loop's timeout."""
        return asyncio.timeout(seconds)
