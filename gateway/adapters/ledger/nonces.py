"""随机数: the table `nonces`."""

from datetime import datetime

from gateway.adapters.ledger.timestamps import micros
from gateway.errors import MessageReplayed
from gateway.ports.nonces import Nonce
from storage.session import Session


class SqlNonces:
    """`Nonces` inside one transaction of `session`."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def consume(self, nonce: Nonce) -> None:
        """Use up a nonce; raise `MessageReplayed` when it was used before."""
        added = self._session.change("consume", nonce.key_id, nonce.value, micros(nonce.until))
        if not added:
            raise MessageReplayed(nonce.key_id)

    def delete_expired(self, before: datetime, *, limit: int) -> int:
        """Delete nonces whose use ended before an instant, the oldest first; return how many."""
        return self._session.change("delete_expired_nonces", micros(before), limit)
