"""Where the ledger lives."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from gateway.ports.ledger import Ledger
from gateway.ports.views import Views

T = TypeVar("T")


class ReadableLedger(Protocol):
    """A ledger that can be read, whether it is opened for writing or not."""

    async def read(self, view: Callable[[Views], T]) -> T:
        """Run a read-only `view`; it may lag behind a commit that is just happening."""
        ...


class Store(ReadableLedger, Protocol):
    """Where the ledger lives."""

    async def transact(self, work: Callable[[Ledger], T], *, durable: bool = True) -> T:
        """Run `work` in one transaction and return its result once it is committed.

        `work` may be run more than once (when another process was faster), so it acts through its
        ledger alone. On SQLite it runs in the event loop's thread: it is short and never blocks.

        With `durable` false the commit may be lost to a power cut (not to a crash of the
        process): only for what repeats itself harmlessly, such as a lease or a settled receipt.

        Raises:
            StoreUnavailable: Nothing was stored.
            CommitUnknown: Nobody knows whether it was; the same is done again, as a repeat.
            GatewayError: Whatever `work` raised; nothing it did was stored.
        """
        ...

    async def close(self) -> None:
        """Finish what is waiting, then let go of the database."""
        ...
