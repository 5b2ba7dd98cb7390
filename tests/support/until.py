"""Waiting in tests for what comes to hold in another process or in a book that notifies nobody."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Final

WITHIN_S: Final = 60.0
PATIENCE_S: Final = 900.0
"""For what waits as long as a whole campaign."""
CHECK_EVERY_S: Final = 0.01


async def until(
    holds: Callable[[], bool | Awaitable[bool]],
    what: str = "what the test waits for",
    within_s: float = WITHIN_S,
    *,
    every_s: float = CHECK_EVERY_S,
) -> None:
    """Wait until something holds.

    Raises:
        AssertionError: It does not within so many seconds; it says what.
    """
    try:
        async with asyncio.timeout(within_s) as limit:
            while not await _value(holds()):  # noqa: ASYNC110 -- nothing notifies of it
                await asyncio.sleep(every_s)
    except TimeoutError:
        if not limit.expired():
            raise  # what the condition itself ran into
        raise AssertionError(f"not within {within_s:g} s: {what}") from None


def block_until(
    holds: Callable[[], bool], what: str, within_s: float = WITHIN_S, *, every_s: float
) -> None:
    """Wait as `until` does, without an event loop, or with all that runs in it held up.

    Raises:
        AssertionError: It does not hold within so many seconds; it says what.
    """
    ends_at = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > ends_at:
            raise AssertionError(f"not within {within_s:g} s: {what}")
        time.sleep(every_s)


async def give_way(turns: int) -> None:
    """Let the event loop turn so many times: the test is about the turns themselves."""
    for _ in range(turns):
        await asyncio.sleep(0)


async def _value(found: bool | Awaitable[bool]) -> bool:
    return await found if inspect.isawaitable(found) else bool(found)
