"""A raw socket server that answers with hostile answers, in a thread of its own.

Its own thread, so that the time it takes is not that of the gateway's event loop.
"""

import asyncio
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

from tests.integration.gateway.hostile.answers import HostileAnswer, HostileAnswers

_SIGNATURE: Final = re.compile(rb"\r\nSignature: ([^\r]+)\r\n", re.IGNORECASE)
_LENGTH: Final = re.compile(rb"\r\nContent-Length: (\d+)\r\n", re.IGNORECASE)
_HOLDS_S: Final = 0.02
_TURNS: Final = 5
"""Of the event loop, from accepting to the first step of a call, and some to spare."""


class HostileServer:
    """Answers each request with the next answer, and calls `answered` after it, in its thread."""

    def __init__(self, answers: HostileAnswers, answered: Callable[[], None]) -> None:
        self._answers, self._answered = answers, answered
        self.count = 0
        self._calls: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def serve(self, port: int, up: threading.Event, stop: asyncio.Event) -> None:
        """Serve until stopped."""
        server = await asyncio.start_server(self._connected, "127.0.0.1", port, limit=1 << 20)
        async with server:
            up.set()
            await stop.wait()
            for listening in server.sockets:
                asyncio.get_running_loop().remove_reader(listening.fileno())
            await _some_turns()
            server.close()  # only now: asyncio leaks what it has accepted and not yet begun
            while calls := dict(self._calls):
                for writer in calls.values():
                    writer.transport.abort()  # its call then ends by itself
                await asyncio.wait(calls)
                await _some_turns()

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
            signature = _SIGNATURE.search(head)
            answer = self._answers.next(signature[1].decode("latin-1") if signature else "")
            if answer.reads_request and (length := _LENGTH.search(head)):
                await reader.readexactly(int(length[1]))
            await self._write(answer, reader, writer)
        self.count += 1
        self._answered()

    async def _write(
        self, answer: HostileAnswer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        for part in answer.parts:
            writer.write(part)
            await writer.drain()
        if answer.holds:
            with suppress(TimeoutError):
                async with asyncio.timeout(_HOLDS_S):
                    await reader.read()


async def _some_turns() -> None:
    """Give way until what was accepted is a call, and what was aborted is gone."""
    for _ in range(_TURNS):
        await asyncio.sleep(0)


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
