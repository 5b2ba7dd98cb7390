"""时间: one clock for all who take part, and waiting for what must come to hold."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from gateway.domain.retry_policy import LEASE
from schemas.reference.clock import utc_now

WITHIN_S: Final = 60.0
PATIENCE_S: Final = 900.0
"""For what waits as long as a whole campaign."""
LOOK_EVERY_S: Final = 0.005


class SettableClock:
    """The machine's time, and how far it was set forward."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        """Return the time in UTC."""
        return utc_now() + self.ahead

    def outlive_leases(self) -> None:
        """Go to where no lease of before holds any more."""
        self.ahead += LEASE + timedelta(seconds=1)


async def until(
    holds: Callable[[], bool], within_s: float = WITHIN_S, *, look_every_s: float = LOOK_EVERY_S
) -> None:
    """Wait until something holds in the books.

    Raises:
        TimeoutError: It does not, in so many seconds.
    """
    async with asyncio.timeout(within_s):
        while not holds():  # noqa: ASYNC110 - the books of the simulators have no bell to wait for
            await asyncio.sleep(look_every_s)
