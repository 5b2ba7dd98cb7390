"""One connection under guard: aiohttp's protocol, and what a limiter has to know of its state."""

import asyncio
from collections.abc import Callable
from typing import Final, cast

from portable import connections

_FULL: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nServer: duijie\r\nRetry-After: 1\r\n"
    b"Content-Length: 0\r\nConnection: close\r\n\r\n"
)


class GuardedProtocol(asyncio.Protocol):
    """Passes everything on to `inner` and notes since when what is waited for.

    `waiting_since` is when the header that is not complete yet began to arrive, `unread_since` when
    it was first seen that the peer does not take what was written; `busy` while a request is in
    hand. `admit` says whether one more connection is taken, `stalled` hears that the transport's
    buffer is full.
    """

    __slots__ = (
        "_admit",
        "_admitted",
        "_forget",
        "_stalled",
        "_time",
        "_transport",
        "busy",
        "inner",
        "peer",
        "unread_since",
        "waiting_since",
    )

    def __init__(
        self,
        inner: asyncio.Protocol,
        *,
        admit: "Callable[[GuardedProtocol], bool]",
        forget: "Callable[[GuardedProtocol], None]",
        stalled: Callable[[], None],
    ) -> None:
        self.inner, self._admit, self._forget, self._stalled = inner, admit, forget, stalled
        self._time = asyncio.get_running_loop().time
        self._transport: asyncio.Transport | None = None
        self._admitted = False
        self.busy = False
        self.peer: str | None = None  # the address it comes from; None on a Unix domain socket
        self.waiting_since: float | None = None
        self.unread_since: float | None = None

    @property
    def unread_bytes(self) -> int:
        """How much is written that the peer has not taken, beyond what the system buffers."""
        return 0 if self._transport is None else self._transport.get_write_buffer_size()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection, or say at once that there is no room."""
        stream = cast("asyncio.Transport", transport)  # uvloop's is one, though not by name
        self._transport, self.peer = stream, _address(stream)
        self._admitted = self._admit(self)
        if not self._admitted:
            stream.write(_FULL)
            stream.close()
            return
        self.waiting_since = self._time()
        self.inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Pass bytes on; note when those of a header begin."""
        if self._admitted:
            if not self.busy and self.waiting_since is None:
                self.waiting_since = self._time()
            if self.unread_since is not None and not self.unread_bytes:
                self.unread_since = None
            self.inner.data_received(data)

    def eof_received(self) -> bool | None:
        """Pass on that the peer sends no more."""
        return self.inner.eof_received() if self._admitted else None

    def connection_lost(self, exc: Exception | None) -> None:
        """Pass on that the connection is gone, and give its place back."""
        if self._admitted:
            self._forget(self)
            self.inner.connection_lost(exc)

    def pause_writing(self) -> None:
        """Pass on that the peer does not take what is written."""
        if self._admitted:
            self.inner.pause_writing()
            self._stalled()

    def resume_writing(self) -> None:
        """Pass on that the peer takes what is written again."""
        if self._admitted:
            self.inner.resume_writing()

    def note_unread(self, now: float) -> None:
        """Note whether the peer is taking what was written."""
        if not self.unread_bytes:
            self.unread_since = None
        elif self.unread_since is None:
            self.unread_since = now

    def cut(self) -> None:
        """End the connection at once; what is not taken yet is dropped."""
        if self._transport is not None:
            connections.cut(self._transport)


def _address(transport: asyncio.Transport) -> str | None:
    name: object = transport.get_extra_info("peername")
    return str(name[0]) if isinstance(name, tuple) and name else None
