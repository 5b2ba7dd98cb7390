"""Limits that aiohttp does not have: on connections, slow headers, and answers nobody takes.

Each connection is aiohttp's own protocol behind a guarding one; a sweep every second cuts those
that are over a deadline. How many requests a client may send ahead is bounded by aiohttp (32), and
the next one is not begun before the answer to the one before fits into the transport's buffer.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from transport.guarded_protocol import GuardedProtocol

KEEP_ALIVE_S: Final = 75.0
PER_ADDRESS: Final = 50
_MIB: Final = 1 << 20

Factory = Callable[[], asyncio.Protocol]
OnCut = Callable[[str], None]
"""Told why a connection was cut or not taken, by a code such as `slow-header`."""


def ignore_cuts(_: str) -> None:
    """Count nothing."""


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """What one listening address allows.

    `write_s` is how long an answer may wait to be taken by its client; `unread_bytes` how much may
    wait so in all, beyond what the system buffers: then the connections with most are cut.
    """

    header_s: float = 10.0
    write_s: float = 30.0
    connections: int = 1000
    per_address: int = PER_ADDRESS
    unread_bytes: int = 64 * _MIB
    sweep_s: float = 1.0


class ConnectionLimiter:
    """Guards the connections of one listening address."""

    def __init__(self, limits: ConnectionLimits, on_cut: OnCut = ignore_cuts) -> None:
        self._limits, self._on_cut = limits, on_cut
        self._open: dict[asyncio.BaseProtocol, GuardedProtocol] = {}
        self._by_address: Counter[str] = Counter()

    def guard(self, factory: Factory) -> Factory:
        """Return a protocol factory for `loop.create_server` that wraps `factory`'s."""
        return lambda: GuardedProtocol(
            factory(), admit=self._admit, forget=self._forget, stalled=self._bound_unread
        )

    async def sweep(self) -> None:
        """Cut what is over a deadline until cancelled; runs as a task beside the server."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self._limits.sweep_s)
            now = loop.time()
            for connection in list(self._open.values()):
                connection.note_unread(now)
                if _is_over(connection.waiting_since, now, self._limits.header_s):
                    self._cut(connection, "slow-header")
                elif _is_over(connection.unread_since, now, self._limits.write_s):
                    self._cut(connection, "unread-answer")

    def header_complete(self, inner: asyncio.BaseProtocol) -> None:
        """Note that a request's header is complete: from now on its handler limits the time."""
        connection = self._open.get(inner)
        if connection is not None:
            connection.busy, connection.waiting_since = True, None

    def answered(self, inner: asyncio.BaseProtocol) -> None:
        """Note that the next bytes belong to another request."""
        connection = self._open.get(inner)
        if connection is not None:
            connection.busy = False

    def cut(self, inner: asyncio.BaseProtocol, reason: str) -> None:
        """Cut one connection."""
        connection = self._open.get(inner)
        if connection is not None:
            self._cut(connection, reason)

    def cut_all(self) -> None:
        """Cut every connection that is still open when a drain has to end."""
        for connection in list(self._open.values()):
            self._cut(connection, "drain")

    def _cut(self, connection: GuardedProtocol, reason: str) -> None:
        connection.cut()
        self._on_cut(reason)

    def _admit(self, connection: GuardedProtocol) -> bool:
        """Accept one more connection, unless there are too many."""
        if len(self._open) >= self._limits.connections:
            self._on_cut("too-many")
            return False
        if connection.peer is not None:
            if self._by_address[connection.peer] >= self._limits.per_address:
                self._on_cut("too-many-from-address")
                return False
            self._by_address[connection.peer] += 1
        self._open[connection.inner] = connection
        return True

    def _forget(self, connection: GuardedProtocol) -> None:
        """Forget a connection that ended."""
        if self._open.pop(connection.inner, None) is None or connection.peer is None:
            return
        self._by_address[connection.peer] -= 1
        if not self._by_address[connection.peer]:
            del self._by_address[connection.peer]

    def _bound_unread(self) -> None:
        """Cut the connections with most unread bytes while there are too many in all."""
        waiting = sorted(self._open.values(), key=lambda one: one.unread_bytes)
        total = sum(one.unread_bytes for one in waiting)
        while waiting and total > self._limits.unread_bytes:
            fullest = waiting.pop()
            total -= fullest.unread_bytes
            self._cut(fullest, "unread-bytes")


def _is_over(since: float | None, now: float, allowed_s: float) -> bool:
    return since is not None and now - since > allowed_s
