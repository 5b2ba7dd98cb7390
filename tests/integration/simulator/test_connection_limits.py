"""A port of the simulator has the limits of the gateway's: headers, connections, slow bodies."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest

from schemas.reference.clock import utc_now
from simulator.app import Simulator
from simulator.config import NationalSettings, SimulatorSettings
from simulator.timer import RealTimer
from simulator.web.connection_guard import ConnectionLimits

SETTINGS = SimulatorSettings(national=NationalSettings(listen="127.0.0.1:0", control="127.0.0.1:0"))
GET = b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n"


@asynccontextmanager
async def listening(limits: ConnectionLimits) -> AsyncIterator[int]:
    """Run a simulator with these limits; give the port of its national side."""
    simulator = Simulator(SETTINGS, now=utc_now, timer=RealTimer(), limits=limits)
    try:
        here = await simulator.start()
        yield urlsplit(here.national).port or 0
    finally:
        await simulator.stop()


async def answer_to(port: int, *parts: bytes) -> bytes:
    """Send bytes and return all that comes back until the other side closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in parts:
            writer.write(part)
        async with asyncio.timeout(10):
            return await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


CLOSE = b"Connection: close\r\n\r\n"


async def test_more_headers_than_the_limit_are_refused() -> None:
    async with listening(ConnectionLimits()) as port:
        few = b"".join(b"X-%d: a\r\n" % n for n in range(40))
        many = b"".join(b"X-%d: a\r\n" % n for n in range(200))
        assert b" 200 " in await answer_to(port, GET, few, CLOSE)
        assert b" 400 " in await answer_to(port, GET, many, CLOSE)
        assert b" 400 " in await answer_to(port, GET, b"X: " + b"a" * 20_000 + b"\r\n", CLOSE)


@pytest.mark.parametrize("sent", [b"", b"GET /livez HTT", GET, GET + b"X-1: a\r\nX-2"])
async def test_a_header_that_does_not_come_in_time_ends_the_connection(sent: bytes) -> None:
    async with listening(ConnectionLimits(header_s=0.2, sweep_s=0.05)) as port:
        assert await answer_to(port, sent) == b""
        assert b" 200 " in await answer_to(port, GET, CLOSE)


async def test_a_connection_serves_one_request_after_another() -> None:
    async with listening(ConnectionLimits(header_s=0.5, sweep_s=0.02)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(3):
            writer.write(GET + b"\r\n")
            assert b" 200 " in await reader.readuntil(b"\r\n")
            await reader.readuntil(b"\r\n\r\nok")
        writer.close()


async def test_more_connections_than_the_limit_are_told_to_come_back() -> None:
    async with listening(ConnectionLimits(connections=2)) as port:
        lines = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        for reader, writer in lines:
            writer.write(GET + b"\r\n")
            await reader.readuntil(b"\r\n\r\nok")
        refused = await answer_to(port)
        assert refused.startswith(b"HTTP/1.1 503 ")
        assert b"Retry-After: 1" in refused

        for _, writer in lines:
            writer.close()
            await writer.wait_closed()
        assert b" 200 " in await answer_to(port, GET, CLOSE)
