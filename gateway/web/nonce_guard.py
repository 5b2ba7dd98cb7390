"""The store as one request sees it: the nonce is consumed with the first effect."""

from collections.abc import Callable
from typing import TypeVar

from gateway.errors import MessageReplayed
from gateway.ports.ledger import Ledger
from gateway.ports.nonces import Nonce
from gateway.ports.store import Store
from gateway.ports.views import Views

T = TypeVar("T")


class GuardedStore:
    """The store for one request: its nonce is consumed in the transaction of its first effect.

    So a message that took effect cannot be replayed, and one whose nonce is consumed did what it
    could; there is no moment between the two in which a crash would leave one without the other.
    """

    __slots__ = ("_nonce", "_store", "settled")

    def __init__(self, store: Store, nonce: Nonce) -> None:
        self._store, self._nonce = store, nonce
        self.settled = False  # the nonce is consumed, or was found consumed

    async def transact(self, work: Callable[[Ledger], T], *, durable: bool = True) -> T:
        """Run `work`, the first time after consuming the nonce; a failure leaves it unconsumed.

        Raises:
            MessageReplayed: The nonce was consumed before; `work` was not run.
        """
        if self.settled:
            return await self._store.transact(work, durable=durable)

        def consume_and_work(ledger: Ledger) -> T:
            ledger.nonces.consume(self._nonce)
            return work(ledger)

        try:
            result = await self._store.transact(consume_and_work, durable=durable)
        except MessageReplayed:
            self.settled = True
            raise
        self.settled = True
        return result

    async def consume(self) -> None:
        """Consume the nonce if nothing has done so yet.

        Raises:
            MessageReplayed: It was consumed by an earlier request.
        """
        if not self.settled:
            await self.transact(_nothing, durable=False)

    async def read(self, view: Callable[[Views], T]) -> T:
        """Read; see `Store.read`."""
        return await self._store.read(view)

    async def close(self) -> None:
        """Do nothing: the store outlives the request."""


def _nothing(ledger: Ledger) -> None:
    """Do no work: only the nonce is consumed."""
