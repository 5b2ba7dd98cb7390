"""随机数: the table `nonces`."""

from datetime import datetime, timedelta
from typing import Final

from gateway.adapters.ledger.timestamps import micros
from gateway.errors import MessageReplayed
from gateway.ports.nonces import Nonce
from storage.session import Session

SWEPT_AT_ONCE: Final = 500
NONCES_KEPT_FOR: Final = timedelta(minutes=10)
"""How long a nonce outlives its use, so that a clock set back does not make it new again."""


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

    def sweep(self, now: datetime) -> None:
        """Forget some nonces that have been useless for a while; a small bite at a time."""
        self._session.change("sweep_nonces", micros(now - NONCES_KEPT_FOR), SWEPT_AT_ONCE)
