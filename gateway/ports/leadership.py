"""主节点租约: which of several processes does what only one may do at a time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class LeaderLease:
    """A leader's hold on one kind of work, until an instant in UTC.

    `fence` grows whenever the holder changes, so a leader whose clock was wrong, or who
    slept through the end of the lease, is found out by whatever it does afterwards.
    """

    name: str
    holder: str
    until: datetime
    fence: int


class Leadership(Protocol):
    """The leader leases of one transaction."""

    def acquire(
        self, name: str, *, holder: str, now: datetime, length: timedelta
    ) -> LeaderLease | None:
        """Take the lease, or renew it for its holder; None while another process holds it.

        A lease is free once it has ended. One that ends later than twice `length` from now was
        taken by a clock that is wrong, and is free as well.
        """
        ...

    def ensure_held(self, lease: LeaderLease) -> None:
        """Raise `LeaseLost` where another process became the leader meanwhile.

        None can become it before this transaction ends.
        """
        ...

    def release(self, lease: LeaderLease) -> None:
        """Let another process take over at once; nothing happens where one already did."""
        ...
