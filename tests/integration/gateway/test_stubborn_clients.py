"""Clients that do not read, do not send, do not leave, or come in crowds: others are served."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

import pytest

from gateway.app.interfaces import HEALTH_FINISH_S
from gateway.app.lifecycle import DRAIN_S
from gateway.web.calls import Answer, SignedCall
from tests.integration.gateway.acting import BODY, PATH, Acting, Plan, acting
from tests.integration.gateway.harness import a_harness, stack_of_two
from tests.support.raw_http import RawConnection, body_headers, raw_connection, request_head
from tests.support.until import until
from transport.connection_limiter import PER_ADDRESS, ConnectionLimits
from transport.listener import FINISH_S

DOCUMENTED_DRAIN_S: Final = 30
LARGE: Final = b"x" * (16 << 20)  # more than the system buffers for a connection
ASK_MUCH: Final = b'{"much":1}'


async def much_or_little(call: SignedCall) -> Answer:
    return Answer(LARGE if call.body == ASK_MUCH else call.body)


def ask(act: Acting, line: RawConnection, body: bytes = BODY) -> None:
    """Send a whole signed request."""
    lines = body_headers(body, act.client.sign("POST", PATH, body))
    line.send(request_head(act.client.base, "POST", PATH, lines) + body)


def cut(act: Acting, reason: str) -> float:
    name = "duijie_connections_cut_total"
    return act.metrics.registry.get_sample_value(name, {"reason": reason}) or 0.0


@asynccontextmanager
async def limited(
    folder: Path, limits: ConnectionLimits, plan: Plan = much_or_little
) -> AsyncIterator[Acting]:
    """Serve under these limits."""
    async with asyncio.timeout(30), acting(folder, plan, limits=limits) as act:
        yield act


async def test_who_takes_a_large_answer_is_not_cut(tmp_path: Path) -> None:
    limits = ConnectionLimits(write_s=5, sweep_s=0.001)
    async with limited(tmp_path, limits) as act:
        assert (await act.client.call("POST", PATH, ASK_MUCH)).body == LARGE
    assert cut(act, "unread-answer") == 0


async def test_what_is_not_taken_is_bounded_in_all_by_cutting_the_fullest(tmp_path: Path) -> None:
    limits = ConnectionLimits(write_s=60, unread_bytes=2 * len(LARGE), sweep_s=0.02)
    async with limited(tmp_path, limits) as act, AsyncExitStack() as opened:
        for _ in range(4):
            deaf = await opened.enter_async_context(raw_connection(act.client.base))
            ask(act, deaf, ASK_MUCH)

        await until(lambda: cut(act, "unread-bytes") >= 1)

        assert (await act.client.call("POST", PATH, BODY)).body == BODY


async def test_requests_sent_ahead_wait_until_the_answers_before_them_are_taken(
    tmp_path: Path,
) -> None:
    begun = 0

    async def count(_: SignedCall) -> Answer:
        nonlocal begun
        begun += 1
        return Answer(LARGE)

    limits = ConnectionLimits(write_s=0.2, sweep_s=0.02)
    async with limited(tmp_path, limits, count) as act, raw_connection(act.client.base) as ahead:
        for _ in range(200):
            ask(act, ahead)

        await until(lambda: cut(act, "unread-answer") == 1)

    assert begun == 1


async def test_a_crowd_from_one_address_leaves_probes_and_other_addresses_alone(
    tmp_path: Path,
) -> None:
    async with (
        asyncio.timeout(30),
        a_harness(stack_of_two(tmp_path)) as harness,
        AsyncExitStack() as opened,
    ):
        base = harness.gateway.addresses.listen
        for _ in range(PER_ADDRESS):
            line = await opened.enter_async_context(raw_connection(base, "127.0.0.3"))
            line.send(b"POST /agency/v1/outcomes HTTP/1.1\r\nHost: half-a-header")
        surplus = await opened.enter_async_context(raw_connection(base, "127.0.0.3"))

        assert (await surplus.answer()).status == 503
        assert await harness.health("/readyz") == (200, "ready\n")
        pinged = await harness.jinshui.call("POST", "/agency/v1/ping", b'{"echo":"x"}')
        assert pinged.status == 200


class Stubborn:
    """Three requests that do not end by themselves."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()

    async def plan(self, call: SignedCall) -> Answer:
        """Answer with much, or never."""
        if call.body == ASK_MUCH:
            return Answer(LARGE)
        self.begun.set()
        await asyncio.Event().wait()
        raise AssertionError("nobody ends this wait")


async def test_a_drain_ends_in_time_whatever_clients_do(tmp_path: Path) -> None:
    stubborn = Stubborn()
    async with (
        asyncio.timeout(20),
        acting(tmp_path, stubborn.plan, finish_s=0.4) as act,
        raw_connection(act.client.base) as drips,
        raw_connection(act.client.base) as deaf,
        raw_connection(act.client.base) as waits,
        raw_connection(act.client.base) as silent,
    ):
        lines = body_headers(BODY, act.client.sign("POST", PATH, BODY), expect="100-continue")
        drips.send(request_head(act.client.base, "POST", PATH, lines))
        assert (await drips.answer()).status == 100  # its body is awaited
        drips.send(BODY[:1])
        ask(act, deaf, ASK_MUCH)
        await deaf.reader.readexactly(1)  # its answer is being written
        ask(act, waits)
        await stubborn.begun.wait()
        silent.send(b"POST ")

        async with asyncio.timeout(5):
            await act.listener.finish()

            for line in (drips, waits, silent):
                assert await line.ended() == b""
            assert len(await deaf.ended()) < len(LARGE)
    assert cut(act, "drain") >= 2


@pytest.mark.parametrize("work_s", [DRAIN_S, FINISH_S])
def test_all_deadlines_of_a_drain_fit_into_the_documented_one(work_s: float) -> None:
    assert work_s + HEALTH_FINISH_S < DOCUMENTED_DRAIN_S - 5  # the rest is for clients and store
