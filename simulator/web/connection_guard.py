"""Limits of a listening port (连接限制): how many connections, and how long a request may take.

Each connection is aiohttp's own protocol behind a thin guarding one. A connection that is open
longer than its first bytes of a request may take, without a whole request, is cut by a sweep.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, cast

from aiohttp import web
from aiohttp.typedefs import Handler

MAX_HEADERS: Final = 64
_FULL: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n"
    b"Content-Length: 0\r\nConnection: close\r\n\r\n"
)

Factory = Callable[[], asyncio.Protocol]


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """The same as the gateway's: connections in all, and seconds for a request's header."""

    connections: int = 1000
    header_s: float = 10.0
    sweep_s: float = 1.0


class ConnectionGuard:
    """Guards the connections of one listening port."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self._limits = limits
        self._open: dict[asyncio.BaseProtocol, _Guarded] = {}

    def guard(self, factory: Factory) -> Factory:
        """Return a protocol factory for `loop.create_server` that wraps `factory`'s."""
        return lambda: _Guarded(self, factory())

    async def sweep(self) -> None:
        """Cut connections whose header is not complete in time, until cancelled."""
        time = asyncio.get_running_loop().time
        while True:
            await asyncio.sleep(self._limits.sweep_s)
            oldest = time() - self._limits.header_s
            for one in list(self._open.values()):
                if one.waiting_since is not None and one.waiting_since < oldest:
                    one.cut()

    def watch(self, app: web.Application) -> None:
        """Let `app` tell when a request's header is complete, and when it is answered."""

        @web.middleware
        async def watched(request: web.Request, handler: Handler) -> web.StreamResponse:
            connection = self._open.get(request.protocol)
            if connection is None:
                return await handler(request)
            connection.busy, connection.waiting_since = True, None
            try:
                return await handler(request)
            finally:
                connection.busy = False

        app.middlewares.insert(0, watched)

    def admit(self, connection: "_Guarded") -> bool:
        """Accept one more connection, unless there are too many."""
        if len(self._open) >= self._limits.connections:
            return False
        self._open[connection.inner] = connection
        return True

    def forget(self, connection: "_Guarded") -> None:
        """Forget a connection that ended."""
        self._open.pop(connection.inner, None)


class _Guarded(asyncio.Protocol):
    """One connection: passes everything on to aiohttp's protocol and notes the time."""

    __slots__ = ("_admitted", "_guard", "_time", "_transport", "busy", "inner", "waiting_since")

    def __init__(self, guard: ConnectionGuard, inner: asyncio.Protocol) -> None:
        self._guard, self.inner = guard, inner
        self._time = asyncio.get_running_loop().time
        self._transport: asyncio.Transport | None = None
        self._admitted = False
        self.busy = False
        self.waiting_since: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        stream = cast("asyncio.Transport", transport)  # uvloop's is one, though not by name
        self._transport = stream
        self._admitted = self._guard.admit(self)
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
            self._guard.forget(self)
            self.inner.connection_lost(exc)

    def pause_writing(self) -> None:
        self.inner.pause_writing()

    def resume_writing(self) -> None:
        self.inner.resume_writing()

    def cut(self) -> None:
        """End the connection at once."""
        if self._transport is not None:
            self._transport.abort()
