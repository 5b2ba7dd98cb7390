"""恶意对端: a server that answers with any bytes that a test thinks of, in a thread of its own.

Its own thread, so that the time it takes is not that of the gateway's event loop.
"""

import asyncio
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

from portable import connections
from tests.support.serving import served_bytes
from tests.support.until import give_way

_SIGNATURE: Final = re.compile(rb"\r\nSignature: ([^\r]+)\r\n", re.IGNORECASE)
_LENGTH: Final = re.compile(rb"\r\nContent-Length: (\d+)\r\n", re.IGNORECASE)
_HOLDS_S: Final = 0.02
_TURNS_TO_END: Final = 5
"""Turns of the event loop from cutting a connection to its end, and some to spare."""


@dataclass(frozen=True, slots=True)
class HostileRequest:
    """What an answer may depend on: the method, and the Signature field, empty where none is."""

    method: str
    signature: str


@dataclass(frozen=True, slots=True)
class HostileAnswer:
    """Bytes to write one after another; then the connection is closed, or held for a moment."""

    parts: tuple[bytes, ...]
    reads_request: bool = True
    holds: bool = False


def http_answer(
    status: int, headers: Mapping[str, str], body: bytes, *, reason: str = "Said"
) -> HostileAnswer:
    """Return an answer that says its length."""
    head = f"HTTP/1.1 {status} {reason}\r\n".encode() + header_lines(headers.items())
    return HostileAnswer((head + b"Content-Length: %d\r\n\r\n" % len(body), body))


def header_lines(headers: Iterable[tuple[str, str]], break_: bytes = b"\r\n") -> bytes:
    """Return header fields, each with the line break after it."""
    return b"".join(name.encode() + b": " + value.encode() + break_ for name, value in headers)


class HostileServer:
    """Gives each request what `answer` makes of it, and calls `answered` after it, in its thread.

    `count` is how many connections were answered.
    """

    def __init__(
        self,
        answer: Callable[[HostileRequest], HostileAnswer],
        answered: Callable[[], None] | None = None,
    ) -> None:
        self._answer, self._answered = answer, answered
        self.count = 0
        self._calls: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def serve(self, port: int, up: threading.Event, stop: asyncio.Event) -> None:
        """Serve until stopped."""
        async with served_bytes(self._connected, port):
            up.set()
            await stop.wait()
        while calls := dict(self._calls):
            for writer in calls.values():
                connections.cut(writer.transport)  # its call then ends by itself
            await asyncio.wait(calls)
            await give_way(_TURNS_TO_END)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._one(reader, writer))
        self._calls[task] = writer
        task.add_done_callback(self._calls.pop)

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._call(reader, writer)
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _call(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            head = await reader.readuntil(b"\r\n\r\n")
            answer = self._answer(_request(head))
            if answer.reads_request and (length := _LENGTH.search(head)):
                await reader.readexactly(int(length[1]))
            await _write(answer, reader, writer)
        self.count += 1
        if self._answered is not None:
            self._answered()


def _request(head: bytes) -> HostileRequest:
    signature = _SIGNATURE.search(head)
    return HostileRequest(
        head.partition(b" ")[0].decode("latin-1"),
        signature[1].decode("latin-1") if signature else "",
    )


async def _write(
    answer: HostileAnswer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    for part in answer.parts:
        writer.write(part)
        await writer.drain()
    if answer.holds:
        with suppress(TimeoutError):
            async with asyncio.timeout(_HOLDS_S):
                await reader.read()


@contextmanager
def serving_hostile(server: HostileServer, port: int) -> Iterator[None]:
    """Serve in a thread until the block ends."""
    up = threading.Event()
    loops: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def main() -> None:
        stop = asyncio.Event()
        loops.append((asyncio.get_running_loop(), stop))
        await server.serve(port, up, stop)

    thread = threading.Thread(target=asyncio.run, args=(main(),))
    thread.start()
    try:
        assert up.wait(10), "the hostile server does not start"
        yield
    finally:
        loop, stop = loops[0]
        loop.call_soon_threadsafe(stop.set)
        thread.join()
