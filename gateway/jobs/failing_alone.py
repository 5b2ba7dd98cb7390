"""What fails alone (单独失败): messages split off, which fail in calls of their own."""

from collections import OrderedDict
from collections.abc import Hashable, Iterable
from datetime import datetime, timedelta
from typing import Final

from gateway.domain.retry_policy import LONGEST_WAIT
from schemas.reference.clock import Now

_FORGOTTEN_AFTER: Final = LONGEST_WAIT + timedelta(minutes=5)
"""One that is still to be sent has failed again by then: else it was parked or cancelled."""
_MAX_COUNTED: Final = 1000


class FailingAlone:
    """The messages to one peer that failed by themselves lately; by a monotonic clock."""

    def __init__(self, monotonic: Now) -> None:
        self._monotonic = monotonic
        self._failed_at: OrderedDict[Hashable, datetime] = OrderedDict()

    def failed(self, message: Hashable) -> None:
        """Note a message that failed in a call of its own."""
        self._failed_at[message] = self._monotonic()
        self._failed_at.move_to_end(message)
        if len(self._failed_at) > _MAX_COUNTED:
            self._failed_at.popitem(last=False)

    def settled(self, messages: Iterable[Hashable]) -> None:
        """Note messages that the peer received."""
        for message in messages:
            self._failed_at.pop(message, None)

    def count(self) -> int:
        """Return how many there are, 1000 at most."""
        since = self._monotonic() - _FORGOTTEN_AFTER
        return sum(at > since for at in self._failed_at.values())
