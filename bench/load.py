"""负载: ready-made requests over keep-alive connections, sent as cheaply as Python can."""

import asyncio
from collections import deque
from collections.abc import Iterable
from functools import partial
from time import perf_counter
from typing import Final, cast

IN_FLIGHT: Final = 64
_LONGEST_S: Final = 300.0
"""A server that answers no more ends the measurement."""


class _Connection(asyncio.Protocol):
    """One connection: sends the next request as soon as the answer to the last is whole."""

    def __init__(
        self, waiting: deque[bytes], seconds: list[float], done: asyncio.Future[None]
    ) -> None:
        self._waiting, self._seconds, self._done = waiting, seconds, done
        self._received = b""
        self._sent_at = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # that of uvloop only behaves as one
        self._next()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, rest = self._received.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        if len(rest) < length:
            return
        if not head.startswith(b"HTTP/1.1 200") or b'"accepted"' not in rest:
            self._fail(head[:80] + rest[:300])
            return
        self._seconds.append(perf_counter() - self._sent_at)
        self._received = rest[length:]
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(RuntimeError(f"a connection was closed: {exc}"))

    def _next(self) -> None:
        assert self._transport is not None
        if not self._waiting:
            if not self._done.done():
                self._done.set_result(None)
            self._transport.close()
            return
        self._sent_at = perf_counter()
        self._transport.write(self._waiting.popleft())

    def _fail(self, answer: bytes) -> None:
        if not self._done.done():
            self._done.set_exception(RuntimeError(f"not accepted: {answer!r}"))


async def send_all(host: str, port: int, requests: Iterable[bytes]) -> tuple[float, list[float]]:
    """Send every request, 64 in flight; return the seconds it took and each one's seconds.

    Raises:
        RuntimeError: One was not accepted.
        TimeoutError: They are not answered within five minutes.
    """
    loop = asyncio.get_running_loop()
    waiting, seconds = deque(requests), list[float]()
    done = [loop.create_future() for _ in range(IN_FLIGHT)]
    started = perf_counter()
    async with asyncio.timeout(_LONGEST_S):
        for one in done:
            await loop.create_connection(partial(_Connection, waiting, seconds, one), host, port)
        await asyncio.gather(*done)
    return perf_counter() - started, seconds
