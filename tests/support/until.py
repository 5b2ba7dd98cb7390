"""Waiting in tests for what comes to hold in another process or in a book that notifies nobody."""

import asyncio
import inspect
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


async def _value(found: bool | Awaitable[bool]) -> bool:
    return await found if inspect.isawaitable(found) else bool(found)
