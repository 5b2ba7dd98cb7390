"""What a listening address allows, asked of the gateway and of the simulator alike."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from contracts.docs.page import page
from schemas.reference.clock import utc_now
from schemas.signing import Target, sign_request
from simulator.config import NationalSettings, SimulatorSettings
from tests.integration.gateway.harness import stack_of_two
from tests.support.raw_http import (
    Lines,
    RawConnection,
    body_headers,
    raw_connection,
    request_head,
)
from tests.support.stack import Connection, a_gateway, a_simulator, make_stack
from tests.support.until import until
from transport.connection_limiter import ConnectionLimits

PAGE: Final = cache(page)
AHEAD: Final = 30  # pages sent for at once: more in all than the system buffers
OTHER: Final = "127.0.0.2"
SWEEP_S: Final = 0.02
SETTINGS: Final = SimulatorSettings(
    national=NationalSettings(listen="127.0.0.1:0", control="127.0.0.1:0")
)


@dataclass(frozen=True, slots=True)
class LimitedServer:
    """A running gateway or simulator, by where it listens."""

    base: str

    @property
    def little(self) -> bytes:
        """A request with a short answer."""
        return request_head(self.base, "GET", "/nowhere")

    @property
    def much(self) -> bytes:
        """Requests with long answers."""
        return request_head(self.base, "GET", "/docs") * AHEAD

    async def answers(self, source: str = "127.0.0.1") -> bool:
        """Return whether one more connection is served; otherwise it was told to come again."""
        async with raw_connection(self.base, source) as line:
            line.send(self.little)
            answer = await line.answer()
        assert answer.status in {404, 503}
        assert answer.headers["server"] == "duijie"
        return answer.status == 404


Start = Callable[[ConnectionLimits], AbstractAsyncContextManager[LimitedServer]]


@pytest.fixture(params=["gateway", "simulator"])
def start(request: pytest.FixtureRequest, tmp_path: Path) -> Start:
    """Give what starts each of the two under some limits."""

    @asynccontextmanager
    async def gateway(limits: ConnectionLimits) -> AsyncIterator[LimitedServer]:
        settings = stack_of_two(tmp_path).gateway_settings()
        async with (
            asyncio.timeout(60),
            a_gateway(settings, page=PAGE, limits=limits) as running,
        ):
            yield LimitedServer(running.addresses.listen)

    @asynccontextmanager
    async def simulator(limits: ConnectionLimits) -> AsyncIterator[LimitedServer]:
        async with asyncio.timeout(60), a_simulator(SETTINGS, limits=limits) as running:
            yield LimitedServer(running.addresses.national)

    return gateway if request.param == "gateway" else simulator


@asynccontextmanager
async def deaf(server: LimitedServer, source: str = "127.0.0.1") -> AsyncIterator[RawConnection]:
    """Connect a client that asks for much and reads the first byte of it only."""
    async with raw_connection(server.base, source) as line:
        line.send(server.much)
        await line.reader.readexactly(1)
        yield line


async def test_more_headers_or_longer_ones_than_the_limit_are_refused_in_our_own_form(
    start: Start,
) -> None:
    async with start(ConnectionLimits()) as server:
        for lines, status in (
            ([(f"X-{n}", "a") for n in range(40)], 404),
            ([(f"X-{n}", "a") for n in range(200)], 400),
            ([("X", "a" * 20_000)], 400),
        ):
            async with raw_connection(server.base) as line:
                line.send(request_head(server.base, "GET", "/nowhere", lines))
                answer = await line.answer()
            assert answer.status == status
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["server"] == "duijie"
            assert b"aaaa" not in answer.body


async def test_a_header_that_does_not_come_in_time_ends_the_connection(start: Start) -> None:
    async with (
        start(ConnectionLimits(header_s=0.2, sweep_s=SWEEP_S)) as server,
        AsyncExitStack() as opened,
    ):
        kept = await opened.enter_async_context(raw_connection(server.base))
        kept.send(server.little)
        assert (await kept.answer()).status == 404
        for begun in (b"", b"GET /nowh", server.little[:-2]):
            line = await opened.enter_async_context(raw_connection(server.base))
            line.send(begun)
            assert await line.ended() == b""
        kept.send(server.little)  # idle between two requests for longer than that
        assert (await kept.answer()).status == 404


async def test_more_connections_than_the_limit_are_told_to_come_again(start: Start) -> None:
    limits = ConnectionLimits(connections=2, sweep_s=SWEEP_S)
    async with start(limits) as server, AsyncExitStack() as opened:
        held = [await opened.enter_async_context(raw_connection(server.base)) for _ in range(2)]
        for line in held:
            line.send(server.little)
            assert (await line.answer()).status == 404
        async with raw_connection(server.base, OTHER) as surplus:
            answer = await surplus.answer()
        assert (answer.status, answer.headers["retry-after"]) == (503, "1")

        held[0].writer.close()

        await until(server.answers)


async def test_an_address_with_too_many_connections_gets_no_more_and_another_one_does(
    start: Start,
) -> None:
    limits = ConnectionLimits(per_address=2, sweep_s=SWEEP_S)
    async with start(limits) as server, AsyncExitStack() as opened:
        held = [await opened.enter_async_context(raw_connection(server.base)) for _ in range(2)]
        for line in held:
            line.send(server.little)
            assert (await line.answer()).status == 404

        assert not await server.answers()
        assert await server.answers(OTHER)
        held[0].writer.close()
        await until(server.answers)


async def test_who_does_not_take_an_answer_in_time_is_cut_while_others_are_served(
    start: Start,
) -> None:
    limits = ConnectionLimits(write_s=0.3, per_address=1, sweep_s=SWEEP_S)
    async with start(limits) as server, deaf(server):
        assert not await server.answers()
        assert await server.answers(OTHER)

        await until(server.answers)  # the only place of that address is free again


async def test_what_is_not_taken_is_bounded_in_all_by_cutting_the_fullest(start: Start) -> None:
    limits = ConnectionLimits(write_s=60, unread_bytes=1, per_address=1, sweep_s=SWEEP_S)
    async with start(limits) as server, deaf(server):
        assert await server.answers(OTHER)

        await until(server.answers)


def announced(connection: Connection, url: str) -> Lines:
    """Return the headers of a signed request whose body is still to come."""
    body = b'{"outcomes":[{}]}'
    signed = sign_request(
        connection.of_caller().ours,
        Target.from_url("POST", url),
        body=body,
        content_type="application/json",
        now=utc_now(),
    )
    return body_headers(body, signed, expect="100-continue")


async def test_the_simulator_ends_in_time_whatever_clients_do(tmp_path: Path) -> None:
    """The gateway is asked the same in `tests/integration/gateway/test_stubborn_clients.py`."""
    limits = ConnectionLimits(sweep_s=SWEEP_S)
    stack = make_stack(tmp_path)
    async with (
        asyncio.timeout(60),
        a_simulator(stack.simulator_settings(agencies=()), limits=limits) as running,
        raw_connection(running.addresses.national) as drips,
    ):
        base, path = running.addresses.national, "/national/v1/outcomes"
        drips.send(request_head(base, "POST", path, announced(stack.portal(), base + path)))
        assert (await drips.answer()).status == 100  # its body is awaited

        async with asyncio.timeout(10):
            await running.stop()

        assert await drips.ended() == b""
