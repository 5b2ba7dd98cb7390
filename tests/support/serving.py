"""Servers of tests on loopback, of applications and of bytes, stopped as the gateway stops its own.

asyncio leaves a connection open that it accepted in the turn in which its server closes, and fails
whatever test then runs; so every server of a test is stopped here.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from aiohttp import web

from duijie.ports import HOST
from portable import connections
from tests.support.until import give_way
from transport.listening_socket import stop_listening, url_of

OnConnection = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None] | None]


@asynccontextmanager
async def served(
    app: web.Application, port: int = 0, *, finish_s: float = 1.0
) -> AsyncIterator[str]:
    """Serve `app` on a loopback port, a free one where none is named; give its base URL.

    Requests in hand have `finish_s` to end when the block does.
    """
    runner = web.AppRunner(
        app,
        handle_signals=False,
        access_log=None,
        shutdown_timeout=finish_s,
        handler_cancellation=True,  # a held download ends with its connection
    )
    await runner.setup()
    assert runner.server is not None
    try:
        loop = asyncio.get_running_loop()
        async with stopped(await loop.create_server(runner.server, HOST, port)) as server:
            yield url_of(server)
    finally:
        await runner.cleanup()


@asynccontextmanager
async def served_bytes(
    on_connection: OnConnection, port: int = 0, *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[str]:
    """Call `on_connection` with each connection, over TLS where `tls` is given; give the URL.

    What is still going on when the block ends is cut: nothing of it outlives the event loop.
    """
    open_: dict[asyncio.StreamWriter, asyncio.Task[None] | None] = {}

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_[writer] = asyncio.current_task()
        answering = on_connection(reader, writer)
        if answering is not None:
            await answering

    try:
        async with stopped(await asyncio.start_server(one, HOST, port, ssl=tls)) as server:
            yield url_of(server, "http" if tls is None else "https")
    finally:
        await _cut(open_)


async def _cut(open_: Mapping[asyncio.StreamWriter, asyncio.Task[None] | None]) -> None:
    for writer in open_:
        connections.cut(writer.transport)
    tasks = [task for task in open_.values() if task is not None and not task.done()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await give_way(2)  # a connection that is cut ends in the next turn


@asynccontextmanager
async def stopped(server: asyncio.Server) -> AsyncIterator[asyncio.Server]:
    """Stop a server when the block ends: what it has accepted by then begins."""
    try:
        yield server
    finally:
        await stop_listening(server)
