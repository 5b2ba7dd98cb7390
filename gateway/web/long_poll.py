"""Requests that are held open until there is something to answer."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Notifier:
    """Wakes held-open requests when a peer gets new messages, and all of them when draining."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self.closed = False

    @contextmanager
    def subscribe(self, peer: str) -> Iterator[asyncio.Event]:
        """Give an event that is set whenever `peer` gets new messages.

        Subscribe before reading the ledger and clear the event before each reading: then no
        message is missed.
        """
        event = asyncio.Event()
        self._waiting.setdefault(peer, set()).add(event)
        try:
            yield event
        finally:
            self._waiting[peer].discard(event)

    def notify(self, peers: set[str]) -> None:
        """Wake the requests that wait for one of `peers`."""
        for peer in peers:
            for event in self._waiting.get(peer, ()):
                event.set()

    def close(self) -> None:
        """Wake every waiting request for good: none is held open any more."""
        self.closed = True
        self.notify(set(self._waiting))


async def wait_for_event(event: asyncio.Event, seconds: float) -> None:
    """Wait until `event` is set, for at most `seconds`."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
