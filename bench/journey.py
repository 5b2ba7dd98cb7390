"""B3, B4, B9: the whole way there and back, with the real gateway process between real peers."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter
from typing import Final

import httpx

from bench.figure import Figure, percentile
from bench.round_trip import two_round_trips_ms
from bench.stage import ROUNDS, Stage, gateway_program, stage
from duijie.demo.agencies import places_of
from duijie.demo.plan import SIMULATOR_FILE
from simulator.app import Simulator
from simulator.config import SimulatorSettings
from simulator.exchanges.entries import Application

CONCURRENCY: Final = 8
COUNT: Final = 400
IDLE_COUNT: Final = 60
PAGES: Final = 10
_FLUSHES: Final = re.compile(r"^duijie_store_flushes ([0-9.e+]+)$", re.MULTILINE)
_LOOK_EVERY_S: Final = 0.001
_PATIENCE_S: Final = 60.0


@asynccontextmanager
async def _running() -> AsyncIterator[tuple[Stage, Simulator]]:
    """Run the simulator with its agencies here, and the gateway as a process of its own."""
    async with stage() as ground:
        simulator = Simulator(SimulatorSettings.read(ground.folder / SIMULATOR_FILE))
        await simulator.start()
        try:
            async with gateway_program(ground):
                await _travel(simulator, ground, 20)  # everything is warm and connected
                yield ground, simulator
        finally:
            await simulator.stop()


async def measure_concurrent() -> list[Figure]:
    """B3: eight applications under way at any time, then half that rate."""
    rates, halves, slow = list[float](), list[float](), list[float]()
    async with _running() as (ground, simulator):
        for _ in range(ROUNDS):
            started = perf_counter()
            await asyncio.gather(
                *(_travel(simulator, ground, COUNT // CONCURRENCY) for _ in range(CONCURRENCY))
            )
            rates.append(COUNT / (perf_counter() - started))
            times = await _paced(simulator, ground, rates[-1] / 2)
            halves.append(percentile(times, 50))
            slow.append(percentile(times, 99))
    return [
        Figure("B3", "往返: 并发 8 时每秒办结回传", "/s", tuple(rates)),
        Figure("B3", "往返: 半载时 p50", "ms", tuple(halves), most=60),
        Figure("B3", "往返: 半载时 p99", "ms", tuple(slow), most=250),
    ]


async def measure_idle() -> list[Figure]:
    """B4: from the agency's decision to the national side holding it, nothing else going on."""
    middles, limits, slow = list[float](), list[float](), list[float]()
    async with _running() as (ground, simulator):
        for _ in range(ROUNDS):
            limits.append(await two_round_trips_ms(IDLE_COUNT, _shared_key(ground)))
            filed = await _travel(simulator, ground, IDLE_COUNT)
            times = [_return_ms(simulator, one) for one in filed]
            middles.append(percentile(times, 50))
            slow.append(percentile(times, 99))
    return [
        Figure("B4", "实时: 决定到国家端收到 p50", "ms", tuple(middles), tuple(limits), most=4),
        Figure("B4", "实时: 决定到国家端收到 p99", "ms", tuple(slow), most=100),
    ]


async def measure_flushes() -> list[Figure]:
    """B9: flushes to disk per case, one at a time and in pages of a hundred."""
    single, paged = list[float](), list[float]()
    async with _running() as (ground, simulator):
        for _ in range(ROUNDS):
            before = await _flushes(ground)
            await _travel(simulator, ground, IDLE_COUNT)
            between = await _flushes(ground)
            count = 100 * PAGES
            filed = await _file(simulator, ground, count)
            for one in filed:
                await _back(one)
            single.append((between - before) / IDLE_COUNT)
            paged.append((await _flushes(ground) - between) / count)
    return [
        Figure("B9", "落盘: 逐件时每件次数", "次", tuple(single), most=3),
        Figure("B9", "落盘: 百件一页时每件次数", "次", tuple(paged), most=0.1),
    ]


async def _travel(simulator: Simulator, ground: Stage, count: int) -> list[Application]:
    """Send applications there and back, one after another."""
    filed: list[Application] = []
    for _ in range(count):
        (one,) = await _file(simulator, ground, 1)
        await _back(one)
        filed.append(one)
    return filed


async def _paced(simulator: Simulator, ground: Stage, a_second: float) -> list[float]:
    """File at a steady rate, whatever comes back; return the times there and back in ms."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    filed: list[Application] = []
    for number in range(COUNT):
        await asyncio.sleep(max(0.0, started + number / a_second - loop.time()))
        filed += await _file(simulator, ground, 1)
    for one in filed:
        await _back(one)
    return [_way_ms(one) for one in filed]


async def _file(simulator: Simulator, ground: Stage, count: int) -> Sequence[Application]:
    places = places_of(ground.agencies)
    return await simulator.entry.file_people(count, seed=7, places=places)


async def _back(one: Application) -> None:
    async with asyncio.timeout(_PATIENCE_S):
        while not one.results:  # noqa: ASYNC110 - the book tells nobody, and should not
            await asyncio.sleep(_LOOK_EVERY_S)


def _way_ms(one: Application) -> float:
    if one.decided_at is None:
        raise RuntimeError(f"{one.number} is not back")
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
        raise RuntimeError(f"{one.number} is not back")
    return (one.decided_at - decided_at).total_seconds() * 1000


def _shared_key(ground: Stage) -> Path:
    agency, _ = ground.sharing_agency()
    return next(one for one in ground.settings.agency if one.code == agency.code).key_file


async def _flushes(ground: Stage) -> float:
    async with httpx.AsyncClient(trust_env=False) as client:
        shown = await client.get(f"{ground.plan.url('health')}/metrics")
    found = _FLUSHES.search(shown.text)
    if found is None:
        raise RuntimeError("no metric duijie_store_flushes")
    return float(found[1])
