"""Slow and surplus connections are cut; whoever behaves is served meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from gateway.metrics import Metrics
from gateway.web.unreadable_requests import refuse_unreadable
from transport.connection_limiter import ConnectionLimiter, ConnectionLimits
from transport.listen_address import TcpAddress
from transport.listener import Listener, Serving

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
WHOLE = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(version="0", contract="0")


@asynccontextmanager
async def listening(
    metrics: Metrics, *, header_s: float = 30.0, max_connections: int = 100
) -> AsyncIterator[Callable[[], AbstractAsyncContextManager[Connection]]]:
    """Serve «hello» behind a connection limiter; give a function that opens connections to it."""
    limits = ConnectionLimits(header_s=header_s, connections=max_connections, sweep_s=0.01)
    limiter = ConnectionLimiter(limits, partial(metrics.count, metrics.connections_cut))

    async def hello(request: web.Request) -> web.Response:
        body = await request.read()
        return web.Response(body=b"hello" + body)

    app = web.Application()
    app.router.add_route("*", "/", hello)
    serving = Serving("listen", TcpAddress("127.0.0.1", 0), refuse_unreadable, finish_s=1)
    listener = await Listener.open(app, limiter, serving)
    parts = urlsplit(listener.url)

    @asynccontextmanager
    async def connect() -> AsyncIterator[Connection]:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        try:
            yield reader, writer
        finally:
            writer.close()

    try:
        yield connect
    finally:
        await listener.finish()


async def answer_on(connection: Connection, request: bytes = WHOLE) -> bytes:
    reader, writer = connection
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    assert b" 200 " in head
    return await reader.readexactly(5)


def cut(metrics: Metrics, reason: str) -> float:
    found = metrics.registry.get_sample_value("duijie_connections_cut_total", {"reason": reason})
    return found or 0.0


async def end_of(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read()
    except ConnectionError:
        return b""


@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\nHos"], ids=["silent", "half-a-header"])
async def test_a_header_that_does_not_come_is_cut(metrics: Metrics, said: bytes) -> None:
    async with (
        asyncio.timeout(10),
        listening(metrics, header_s=0.05) as connect,
        connect() as (reader, writer),
    ):
        writer.write(said)

        assert await end_of(reader) == b""
    assert cut(metrics, "slow-header") == 1


async def test_half_a_header_on_a_kept_connection_is_cut_too(metrics: Metrics) -> None:
    async with (
        asyncio.timeout(10),
        listening(metrics, header_s=0.05) as connect,
        connect() as connection,
    ):
        assert await answer_on(connection) == b"hello"
        connection[1].write(WHOLE[:10])

        assert await end_of(connection[0]) == b""
    assert cut(metrics, "slow-header") == 1


async def test_a_slow_body_is_not_taken_for_a_slow_header(metrics: Metrics) -> None:
    async with (
        asyncio.timeout(10),
        listening(metrics, header_s=0.05) as connect,
        connect() as waiting,
        connect() as slow,
    ):
        slow[1].write(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n")
        assert await end_of(waiting[0]) == b""  # the sweep has cut a silent one meanwhile
        slow[1].write(b"!")

        assert b" 200 " in await slow[0].readuntil(b"\r\n\r\n")
        assert await slow[0].readexactly(6) == b"hello!"
    assert cut(metrics, "slow-header") == 1


async def test_an_idle_connection_between_requests_is_kept(metrics: Metrics) -> None:
    async with (
        asyncio.timeout(10),
        listening(metrics, header_s=0.05) as connect,
        connect() as kept,
        connect() as silent,
    ):
        assert await answer_on(kept) == b"hello"
        assert await end_of(silent[0]) == b""  # longer than the limit has passed

        assert await answer_on(kept) == b"hello"


async def test_one_connection_too_many_is_told_to_come_again(metrics: Metrics) -> None:
    async with asyncio.timeout(10), listening(metrics, max_connections=2) as connect:
        async with connect() as one, connect() as two, connect() as third:
            assert await answer_on(one) == b"hello"
            assert await answer_on(two) == b"hello"

            refused = await end_of(third[0])
            assert refused.startswith(b"HTTP/1.1 503 ")
            assert b"Retry-After: 1\r\n" in refused
        assert cut(metrics, "too-many") == 1


async def test_a_place_that_became_free_is_given_again(metrics: Metrics) -> None:
    async with asyncio.timeout(10), listening(metrics, max_connections=1) as connect:
        async with connect() as first:
            assert await answer_on(first, WHOLE[:-2] + b"Connection: close\r\n\r\n") == b"hello"
            assert await end_of(first[0]) == b""
        async with connect() as second:
            assert await answer_on(second) == b"hello"
