"""两侧: the real gateway process between the national side and the agencies; applications sent."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count, islice
from typing import Final

from bench.environment import SEED, Environment, fresh_environment, gateway_program
from duijie.demo.agencies import places_of
from duijie.demo.plan import SIMULATOR_FILE
from duijie.demo.programs import Program
from gateway.jobs.garbage_collection import settle_memory
from simulator.app import Simulator
from simulator.config import SimulatorSettings
from simulator.exchanges.entries import Application
from simulator.national.applicants import fill_in
from simulator.national.filing_request import FilingRequest
from simulator.timer import RealTimer

_TIMER: Final = RealTimer()
_TIMEOUT_S: Final = 60.0
_WARM_UP: Final = 20


@dataclass(frozen=True, slots=True)
class BothSides:
    """The simulator with its agencies in this process, the gateway in another.

    `people` fill in forms one after another; a form is ready before its time is taken.
    """

    env: Environment
    simulator: Simulator
    gateway: Program
    people: Iterator[FilingRequest]

    def forms(self, number: int) -> list[FilingRequest]:
        """Return the next forms, each of another person."""
        return list(islice(self.people, number))

    def file(self, forms: Iterable[FilingRequest]) -> list[Application]:
        """File forms at the national side, which forwards each at once."""
        return [self.simulator.entry.file(form) for form in forms]

    async def next_result(self) -> None:
        """Wait until the national side has applied another result.

        Raises:
            TimeoutError: There was none for a minute: something is stuck.
        """
        arrived = self.simulator.entry.book.result_applied
        if not await arrived.wait(_TIMEOUT_S, timer=_TIMER):
            raise TimeoutError(f"no result within {_TIMEOUT_S:.0f} s")


@asynccontextmanager
async def both_sides() -> AsyncIterator[BothSides]:
    """Run both sides, connected and warmed up; the agencies decide at once."""
    async with fresh_environment() as env:
        simulator = Simulator(SimulatorSettings.read(env.folder / SIMULATOR_FILE))
        await simulator.start()
        try:
            async with gateway_program(env) as gateway:
                sides = BothSides(env, simulator, gateway, _people(env, simulator))
                await send_in_turn(sides, sides.forms(_WARM_UP))
                settle_memory()  # as programs do that serve
                yield sides
        finally:
            await simulator.stop()


def _people(env: Environment, simulator: Simulator) -> Iterator[FilingRequest]:
    population = simulator.entry.population(SEED, places_of(env.agencies))
    return (fill_in(population.person(number)) for number in count())


async def send_in_turn(sides: BothSides, forms: Iterable[FilingRequest]) -> list[Application]:
    """File forms one after another, each once the result of the last is there."""
    return await keep_under_way(sides, 1, forms)


async def keep_under_way(
    sides: BothSides, under_way: int, forms: Iterable[FilingRequest]
) -> list[Application]:
    """File forms, another one as soon as there is a result, and await all results."""
    left = iter(forms)
    waiting, done = sides.file(islice(left, under_way)), list[Application]()
    while waiting:
        await sides.next_result()
        done += [one for one in waiting if one.results]
        waiting = [one for one in waiting if not one.results]
        waiting += sides.file(islice(left, under_way - len(waiting)))
    return done


async def send_at_rate(
    sides: BothSides, a_second: float, forms: Iterable[FilingRequest]
) -> list[Application]:
    """File at a steady rate, whatever comes back, and await all results."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    filed: list[Application] = []
    for number, form in enumerate(forms):
        await asyncio.sleep(max(0.0, started + number / a_second - loop.time()))
        filed += sides.file([form])
    await await_results(sides, filed)
    return filed


async def await_results(sides: BothSides, filed: Sequence[Application]) -> None:
    """Wait until the national side holds a result for each application."""
    while not all(one.results for one in filed):
        await sides.next_result()


def there_and_back_ms(one: Application) -> float:
    """Return the time from filing to the result at the national side, in milliseconds."""
    if one.decided_at is None:
        raise RuntimeError(f"{one.number} has no result")
    return (one.decided_at - one.submitted_at).total_seconds() * 1000
