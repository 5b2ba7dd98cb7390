"""How instants that leases and due messages go by are stored: by the lease clock.

Flows speak of the wall clock as it is now. Stored is the same distance from now by the lease clock,
so that a step of the wall clock afterwards brings nothing forward and locks nothing away.
"""

from datetime import datetime

from gateway.adapters.ledger.row_shapes import DAMAGED
from gateway.adapters.ledger.timestamps import LATEST, instant, micros
from schemas.reference.clock import Now


class LeaseTime:
    """Translates between the wall clock and what is stored by the lease clock."""

    __slots__ = ("_lease_now", "_now")

    def __init__(self, now: Now, lease_now: Now | None) -> None:
        """Translate by two clocks; without a second one, nothing is translated."""
        self._now, self._lease_now = now, lease_now

    def stored(self, at: datetime) -> int:
        """Return an instant of the wall clock as it is stored."""
        if self._lease_now is None:
            return micros(at)
        return micros(at + (self._lease_now() - self._now()))

    def read(self, stored: int) -> datetime:
        """Return a stored instant by the wall clock; one beyond every date is as late as can be."""
        try:
            at = instant(stored)
            return at if self._lease_now is None else at - (self._lease_now() - self._now())
        except DAMAGED:
            return LATEST

    def earlier(self, at: datetime) -> int:
        """Return an instant by the clock that is behind, as it is stored."""
        return min(micros(at), self.stored(at))
