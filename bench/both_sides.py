"""两侧: the real gateway process between the national side and the agencies; applications sent."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from bench.environment import SEED, Environment, fresh_environment, gateway_program
from duijie.demo.agencies import places_of
from duijie.demo.plan import SIMULATOR_FILE
from duijie.demo.programs import Program
from simulator.app import Simulator
from simulator.config import SimulatorSettings
from simulator.exchanges.entries import Application

_LOOK_EVERY_S: Final = 0.001
_TIMEOUT_S: Final = 60.0
_WARM_UP: Final = 20


@dataclass(frozen=True, slots=True)
class BothSides:
    """The simulator with its agencies in this process, the gateway in another."""

    env: Environment
    simulator: Simulator
    gateway: Program


@asynccontextmanager
async def both_sides() -> AsyncIterator[BothSides]:
    """Run both sides, connected and warmed up; the agencies decide at once."""
    async with fresh_environment() as env:
        simulator = Simulator(SimulatorSettings.read(env.folder / SIMULATOR_FILE))
        await simulator.start()
        try:
            async with gateway_program(env) as gateway:
                sides = BothSides(env, simulator, gateway)
                await send_in_turn(sides, _WARM_UP)
                yield sides
        finally:
            await simulator.stop()


async def file(sides: BothSides, count: int) -> Sequence[Application]:
    """Let people file applications, which the national side forwards at once."""
    places = places_of(sides.env.agencies)
    return await sides.simulator.entry.file_people(count, seed=SEED, places=places)


async def send_in_turn(sides: BothSides, count: int) -> list[Application]:
    """File applications one after another, each once the result of the last is there."""
    return await keep_under_way(sides, 1, count)


async def keep_under_way(sides: BothSides, under_way: int, count: int) -> list[Application]:
    """File `count` applications, another one as soon as there is a result, and await all results.

    One look a millisecond for all that are under way: watching must not cost what is measured.
    """
    waiting = list(await file(sides, min(under_way, count)))
    done: list[Application] = []
    async with asyncio.timeout(_TIMEOUT_S):
        while waiting:
            await asyncio.sleep(_LOOK_EVERY_S)
            done += [one for one in waiting if one.results]
            waiting = [one for one in waiting if not one.results]
            missing = min(under_way, count - len(done)) - len(waiting)
            if missing > 0:
                waiting += await file(sides, missing)
    return done


async def send_at_rate(sides: BothSides, a_second: float, count: int) -> list[Application]:
    """File at a steady rate, whatever comes back, and await all results."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    filed: list[Application] = []
    for number in range(count):
        await asyncio.sleep(max(0.0, started + number / a_second - loop.time()))
        filed += await file(sides, 1)
    await await_results(filed)
    return filed


async def await_results(filed: Iterable[Application]) -> None:
    """Wait until the national side holds a result for each application."""
    async with asyncio.timeout(_TIMEOUT_S):
        for one in filed:
            while not one.results:  # noqa: ASYNC110 - the book notifies nobody, and should not
                await asyncio.sleep(_LOOK_EVERY_S)


def there_and_back_ms(one: Application) -> float:
    """Return the time from filing to the result at the national side, in milliseconds."""
    if one.decided_at is None:
        raise RuntimeError(f"{one.number} has no result")
    return (one.decided_at - one.submitted_at).total_seconds() * 1000
