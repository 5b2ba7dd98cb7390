"""Limits that aiohttp does not have: how many connections, and how long a header may take.

Each connection is aiohttp's own protocol behind a thin guarding one, which notes when the bytes of
a request began to arrive; a sweep every second cuts connections whose header is not complete in
time.
"""

import asyncio
from collections.abc import Callable
from typing import Final, cast

from gateway.metrics import Metrics

HEADER_S: Final = 10.0
MAX_CONNECTIONS: Final = 1000
KEEP_ALIVE_S: Final = 75.0
SWEEP_S: Final = 1.0
_FULL: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nServer: duijie\r\nRetry-After: 1\r\n"
    b"Content-Length: 0\r\nConnection: close\r\n\r\n"
)

Factory = Callable[[], asyncio.Protocol]


class ConnectionLimiter:
    """Guards the connections of one listening address."""

    def __init__(
        self,
        metrics: Metrics,
        *,
        header_s: float = HEADER_S,
        max_connections: int = MAX_CONNECTIONS,
        sweep_s: float = SWEEP_S,
    ) -> None:
        self._metrics, self._max_connections = metrics, max_connections
        self._header_s, self._sweep_s = header_s, sweep_s
        self._open: dict[asyncio.BaseProtocol, _GuardedProtocol] = {}

    def guard(self, factory: Factory) -> Factory:
        """Return a protocol factory for `loop.create_server` that wraps `factory`'s."""
        return lambda: _GuardedProtocol(self, factory())

    async def sweep(self) -> None:
        """Cut connections with slow headers until cancelled; runs as a task beside the server."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self._sweep_s)
            oldest = loop.time() - self._header_s
            for connection in list(self._open.values()):
                if connection.waiting_since is not None and connection.waiting_since < oldest:
                    connection.cut()
                    self._metrics.count(self._metrics.connections_cut, "slow-header")

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
            connection.cut()
            self._metrics.count(self._metrics.connections_cut, reason)

    def admit(self, connection: "_GuardedProtocol") -> bool:
        """Accept one more connection, unless there are too many."""
        if len(self._open) >= self._max_connections:
            self._metrics.count(self._metrics.connections_cut, "too-many")
            return False
        self._open[connection.inner] = connection
        return True

    def forget(self, connection: "_GuardedProtocol") -> None:
        """Forget a connection that ended."""
        self._open.pop(connection.inner, None)


class _GuardedProtocol(asyncio.Protocol):
    """One connection: passes everything on to aiohttp's protocol and notes the time."""

    __slots__ = ("_admitted", "_limiter", "_time", "_transport", "busy", "inner", "waiting_since")

    def __init__(self, limiter: ConnectionLimiter, inner: asyncio.Protocol) -> None:
        self._limiter, self.inner = limiter, inner
        self._time = asyncio.get_running_loop().time
        self._transport: asyncio.Transport | None = None
        self._admitted = False
        self.busy = False
        self.waiting_since: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        stream = cast("asyncio.Transport", transport)  # uvloop's is one, though not by name
        self._transport = stream
        self._admitted = self._limiter.admit(self)
        if not self._admitted:
            stream.write(_FULL)
            stream.close()
            return
        self.waiting_since = self._time()
        self.inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        if self._admitted:
            if not self.busy and self.waiting_since is None:
                self.waiting_since = self._time()
            self.inner.data_received(data)

    def eof_received(self) -> bool | None:
        return self.inner.eof_received() if self._admitted else None

    def connection_lost(self, exc: Exception | None) -> None:
        if self._admitted:
            self._limiter.forget(self)
            self.inner.connection_lost(exc)

    def pause_writing(self) -> None:
        self.inner.pause_writing()

    def resume_writing(self) -> None:
        self.inner.resume_writing()

    def cut(self) -> None:
        """End the connection at once."""
        if self._transport is not None:
            self._transport.abort()
