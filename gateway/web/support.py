"""What handlers are given and give back."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeVar

from gateway.errors import MessageReplayed, Misconfigured
from gateway.ports.ledger import Ledger
from gateway.ports.messages import Nonce
from gateway.ports.store import Store
from gateway.ports.views import Views
from schemas.reference.clock import Now
from schemas.signing import Link

JSON: Final = "application/json"

T = TypeVar("T")


class Role(StrEnum):
    """What a key may be used for; it follows from the key, never from a message."""

    AGENCY = "agency"
    PORTAL = "portal"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling: an agency by its code, or the portal."""

    role: Role
    name: str
    link: Link


@dataclass(frozen=True, slots=True)
class Call:
    """A request whose signature holds; `store` spends its nonce with the first effect."""

    caller: str
    body: bytes
    query: Mapping[str, str]
    path: Mapping[str, str]
    store: Store


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back."""

    body: bytes
    status: int = 200
    media_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Call], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the contract: its name, where it is served, to whom, by what."""

    name: str
    method: str
    path: str
    role: Role
    handler: Handler


class GuardedStore:
    """The store for one request: its nonce is spent in the same transaction as its first effect.

    So a message that took effect cannot be replayed, and one whose nonce is spent did what it
    could; there is no moment between the two in which a crash would leave one without the other.
    """

    __slots__ = ("_nonce", "_store", "settled")

    def __init__(self, store: Store, nonce: Nonce) -> None:
        self._store, self._nonce = store, nonce
        self.settled = False  # the nonce is spent, or was found spent

    async def transact(self, work: Callable[[Ledger], T], *, durable: bool = True) -> T:
        """Run `work`, the first time behind spending the nonce; a failed work leaves it unspent.

        Raises:
            MessageReplayed: The nonce was spent before; `work` was not run.
        """
        if self.settled:
            return await self._store.transact(work, durable=durable)

        def spend_and_work(ledger: Ledger) -> T:
            ledger.spend(self._nonce)
            return work(ledger)

        try:
            result = await self._store.transact(spend_and_work, durable=durable)
        except MessageReplayed:
            self.settled = True
            raise
        self.settled = True
        return result

    async def spend(self) -> None:
        """Spend the nonce if nothing has done so yet; raise `MessageReplayed` when it was spent."""
        if not self.settled:
            await self.transact(_nothing, durable=False)

    async def look(self, view: Callable[[Views], T]) -> T:
        """Read; see `Store.look`."""
        return await self._store.look(view)

    async def close(self) -> None:
        """Do nothing: the store outlives the request."""


def _nothing(ledger: Ledger) -> None:
    """Only the nonce is spent."""


class Doorbell:
    """Wakes held-open requests when a peer gets new messages, and all of them when draining."""

    def __init__(self) -> None:
        self._listening: dict[str, set[asyncio.Event]] = {}
        self.silenced = False

    @contextmanager
    def listen(self, peer: str) -> Iterator[asyncio.Event]:
        """Give an event that is set at the next ring for `peer`; made before looking, misses none.

        Clear it before each look.
        """
        event = asyncio.Event()
        self._listening.setdefault(peer, set()).add(event)
        try:
            yield event
        finally:
            self._listening[peer].discard(event)

    def ring(self, peers: set[str]) -> None:
        """Wake whoever waits for one of `peers`."""
        for peer in peers:
            for event in self._listening.get(peer, ()):
                event.set()

    def silence(self) -> None:
        """Wake everybody for good: nobody is kept waiting any more."""
        self.silenced = True
        self.ring(set(self._listening))


@dataclass(frozen=True, slots=True)
class Keyring:
    """Who may call, by key id, and how old a signed message may be."""

    callers: Mapping[str, Caller]
    links: Mapping[str, Link]
    now: Now

    @classmethod
    def of(cls, callers: list[Caller], now: Now) -> "Keyring":
        """Return the keyring of `callers`.

        Raises:
            Misconfigured: Two of them share a key id, so neither could be told from the other.
        """
        by_key = {caller.link.theirs.key_id: caller for caller in callers}
        if len(by_key) < len(callers):
            raise Misconfigured("two connections share a key id; each needs a key of its own")
        return cls(by_key, {key_id: caller.link for key_id, caller in by_key.items()}, now)
