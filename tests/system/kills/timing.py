"""时间: how far time is set forward after a kill."""

from datetime import timedelta
from typing import Final

from gateway.domain.retry_policy import LEASE
from tests.support.clock import SettableClock

AFTER_LEASES: Final = LEASE + timedelta(seconds=1)


def outlive_leases(clock: SettableClock) -> None:
    """Go to where no lease of before holds any more."""
    clock.forward(seconds=AFTER_LEASES.total_seconds())
