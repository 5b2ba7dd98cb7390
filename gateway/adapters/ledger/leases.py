"""主节点租约: the table `leases`."""

from datetime import datetime, timedelta

from gateway.adapters.ledger.lease_time import LeaseTime
from gateway.errors import LeaseLost
from gateway.ports.leadership import LeaderLease
from storage.session import Session


class SqlLeadership:
    """`Leadership` inside one transaction of `session`."""

    __slots__ = ("_session", "_time")

    def __init__(self, session: Session, time: LeaseTime) -> None:
        self._session, self._time = session, time

    def acquire(
        self, name: str, *, holder: str, now: datetime, length: timedelta
    ) -> LeaderLease | None:
        """Take the lease, or renew it for its holder; None while another process holds it."""
        until = now + length
        stored = self._time.stored
        rows = self._session.rows(
            "acquire_lease", name, holder, stored(until), stored(now), stored(until + length)
        )
        for (fence,) in rows:
            return LeaderLease(name, holder, until, fence)
        return None

    def ensure_held(self, lease: LeaderLease) -> None:
        """Raise `LeaseLost` where another process became the leader meanwhile."""
        # by holder too: a fence that a power cut took back is given out again
        if not self._session.rows("lease_for_update", lease.name, lease.holder, lease.fence):
            raise LeaseLost(lease.name)

    def release(self, lease: LeaderLease) -> None:
        """Let another process take over at once; nothing happens where one already did."""
        self._session.change("release_lease", lease.name, lease.holder, lease.fence)
