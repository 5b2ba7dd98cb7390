"""B3, B4, B9: applications there and back, with the real gateway process between real peers."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Final

from bench.environment import ROUNDS, SEED, Environment, fresh_environment, gateway_program
from bench.figure import Figure, in_turn, percentile
from bench.flushes import count_flushes
from bench.round_trip import two_round_trips_ms
from duijie.demo.agencies import places_of
from duijie.demo.plan import SIMULATOR_FILE
from simulator.app import Simulator
from simulator.config import SimulatorSettings
from simulator.exchanges.entries import Application

CONCURRENCY: Final = 8
COUNT: Final = 400
IDLE_COUNT: Final = 60
PAGES: Final = 10
_POLL_EVERY_S: Final = 0.001
_TIMEOUT_S: Final = 60.0


@asynccontextmanager
async def _running() -> AsyncIterator[tuple[Environment, Simulator]]:
    """Run the simulator with its agencies in this process, the gateway in another."""
    async with fresh_environment() as env:
        simulator = Simulator(SimulatorSettings.read(env.folder / SIMULATOR_FILE))
        await simulator.start()
        try:
            async with gateway_program(env):
                await _send_in_turn(simulator, env, 20)  # warms up and connects
                yield env, simulator
        finally:
            await simulator.stop()


async def measure_concurrent() -> list[Figure]:
    """B3: eight applications under way at any time, then half the rate that this reached."""
    rates, p50s_ms, p99s_ms = list[float](), list[float](), list[float]()
    async with _running() as (env, simulator):
        for _ in range(ROUNDS):
            started = perf_counter()
            await asyncio.gather(
                *(_send_in_turn(simulator, env, COUNT // CONCURRENCY) for _ in range(CONCURRENCY))
            )
            rates.append(COUNT / (perf_counter() - started))
            times = await _send_at_rate(simulator, env, rates[-1] / 2)
            p50s_ms.append(percentile(times, 50))
            p99s_ms.append(percentile(times, 99))
    return [
        Figure("B3", "往返：并发 8 时每秒办结上传", "/s", tuple(rates)),
        Figure("B3", "往返：半载时 p50", "ms", tuple(p50s_ms), maximum=60),
        Figure("B3", "往返：半载时 p99", "ms", tuple(p99s_ms), maximum=250),
    ]


async def measure_idle() -> list[Figure]:
    """B4: from the agency's decision to the result in the national book, nothing else going on."""
    p50s_ms, limits, p99s_ms = list[float](), list[float](), list[float]()
    async with _running() as (env, simulator):

        async def measure_limit() -> None:
            limits.append(await two_round_trips_ms(IDLE_COUNT, env.key_file(env.hmac_agency())))

        async def measure_ours() -> None:
            filed = await _send_in_turn(simulator, env, IDLE_COUNT)
            times = [_return_ms(simulator, one) for one in filed]
            p50s_ms.append(percentile(times, 50))
            p99s_ms.append(percentile(times, 99))

        for turn in range(ROUNDS):
            for measure_one in in_turn((measure_limit, measure_ours), turn):
                await measure_one()
    return [
        Figure("B4", "实时：决定到部端收到 p50", "ms", tuple(p50s_ms), tuple(limits), maximum=4),
        Figure("B4", "实时：决定到部端收到 p99", "ms", tuple(p99s_ms), maximum=100),
    ]


async def measure_flushes() -> list[Figure]:
    """B9: flushes to disk per case, one at a time and in pages of a hundred."""
    single, paged = list[float](), list[float]()
    async with _running() as (env, simulator):
        for _ in range(ROUNDS):
            before = await count_flushes(env)
            await _send_in_turn(simulator, env, IDLE_COUNT)
            between = await count_flushes(env)
            count = 100 * PAGES
            filed = await _file(simulator, env, count)
            for one in filed:
                await _await_result(one)
            single.append((between - before) / IDLE_COUNT)
            paged.append((await count_flushes(env) - between) / count)
    return [
        Figure("B9", "落盘：逐件时每件次数", "次", tuple(single), maximum=3),
        Figure("B9", "落盘：百件一页时每件次数", "次", tuple(paged), maximum=0.1),
    ]


async def _send_in_turn(simulator: Simulator, env: Environment, count: int) -> list[Application]:
    """File applications one after another, each once the result of the last is there."""
    filed: list[Application] = []
    for _ in range(count):
        (one,) = await _file(simulator, env, 1)
        await _await_result(one)
        filed.append(one)
    return filed


async def _send_at_rate(simulator: Simulator, env: Environment, a_second: float) -> list[float]:
    """File at a steady rate, whatever comes back; return each time there and back in ms."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    filed: list[Application] = []
    for number in range(COUNT):
        await asyncio.sleep(max(0.0, started + number / a_second - loop.time()))
        filed += await _file(simulator, env, 1)
    for one in filed:
        await _await_result(one)
    return [_round_trip_ms(one) for one in filed]


async def _file(simulator: Simulator, env: Environment, count: int) -> Sequence[Application]:
    places = places_of(env.agencies)
    return await simulator.entry.file_people(count, seed=SEED, places=places)


async def _await_result(one: Application) -> None:
    async with asyncio.timeout(_TIMEOUT_S):
        while not one.results:  # noqa: ASYNC110 - the book notifies nobody, and should not
            await asyncio.sleep(_POLL_EVERY_S)


def _round_trip_ms(one: Application) -> float:
    if one.decided_at is None:
        raise RuntimeError(f"{one.number} has no result")
    return (one.decided_at - one.submitted_at).total_seconds() * 1000


def _return_ms(simulator: Simulator, one: Application) -> float:
    """Return the time from the agency's decision, before it is even sent, to its effect."""
    decided_at = next(
        received.decided_at
        for agency in simulator.agencies.values()
        for received in agency.book.received.values()
        if received.dispatch.application.application_no == one.number
    )
    if one.decided_at is None or decided_at is None:
        raise RuntimeError(f"{one.number} has no result")
    return (one.decided_at - decided_at).total_seconds() * 1000
