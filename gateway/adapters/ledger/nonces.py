"""随机数: the table `nonces`."""

from datetime import datetime

from gateway.adapters.ledger.lease_time import LeaseTime
from gateway.adapters.ledger.timestamps import instant, micros
from gateway.errors import MessageReplayed
from gateway.ports.nonces import Nonce
from storage.session import Session


class SqlNonces:
    """`Nonces` inside one transaction of `session`."""

    __slots__ = ("_session", "_time")

    def __init__(self, session: Session, time: LeaseTime) -> None:
        self._session, self._time = session, time

    def consume(self, nonce: Nonce) -> None:
        """Use up a nonce; raise `MessageReplayed` when it was used before."""
        added = self._session.change("consume", nonce.key_id, nonce.value, micros(nonce.until))
        if not added:
            raise MessageReplayed(nonce.key_id)

    def delete_expired(self, before: datetime, *, limit: int) -> int:
        """Delete nonces whose use ended before an instant, the oldest first; return how many.

        By the clock that is behind: one that was set forward for a while makes none new again.
        """
        return self._session.change("delete_expired_nonces", self._time.earlier(before), limit)


def newest_nonce(session: Session, key_id: str) -> datetime | None:
    """Return until when the nonce that a key used last was good; None where none is kept."""
    ((until,),) = session.rows("newest_nonce", key_id)
    return None if until is None else instant(int(until))
