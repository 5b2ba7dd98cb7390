"""Harness (试验环境): national side and agencies in this process, which outlive each gateway.

Gateways come and go on one store. All share one clock, which a test sets forward after a death:
so the leases of the dead expire at once, and neither side finds the other's signatures too old.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from duijie.demo.agencies import StandIn
from duijie.demo.plan import DEFAULT_STORE
from gateway.app.lifecycle import Gateway
from schemas.reference.clock import beijing_date, utc_now
from simulator.app import Simulator
from simulator.national.book import Book
from tests.support.clock import SettableClock
from tests.support.stack import Stack, a_gateway, a_simulator, make_stack
from tests.support.until import until
from tests.system.kills.desk_load import DeskLoad
from tests.system.kills.load import Load

_LOOK_SELDOM_S: Final = 0.1
_HESITANT: Final = {"return_share": 0.1, "decide_after_s": 0.15}


@dataclass(frozen=True, slots=True)
class KillHarness:
    """Everything but the gateway; `stack` has its settings."""

    stack: Stack
    simulator: Simulator
    clock: SettableClock

    @property
    def config(self) -> Path:
        """The gateway's settings file."""
        return self.stack.gateway_file

    @property
    def book(self) -> Book:
        """The national side's book."""
        return self.simulator.entry.book

    def desk(self) -> DeskLoad:
        """Return the operators' system of this gateway."""
        called = self.stack.operator()
        return DeskLoad(self.simulator, self.clock, base=called.base, link=called.of_caller())

    @asynccontextmanager
    async def gateway(self) -> AsyncIterator[Gateway]:
        """Run a plain gateway in this process, whose retries come soon, and drain it."""
        settings = self.stack.gateway_settings()
        async with a_gateway(settings, now=self.clock, jitter=_soon) as gateway:
            yield gateway

    async def finish(self, load: Load) -> None:
        """Run a plain gateway until everything is back and its outbox is empty."""
        async with self.gateway() as gateway:

            async def outbox_is_empty() -> bool:
                today = beijing_date(self.clock())
                figures = await gateway.store.read(lambda views: views.figures(today))
                return not any(one.depth for one in figures.backlog)

            await _until_back(load)
            await until(outbox_is_empty)
            await until(load.is_answered)


async def _until_back(load: Load) -> None:
    """Wait until everything is back, however long that takes, as long as it comes nearer."""
    while not load.is_back():
        missing = len(load.missing())

        def is_nearer(before: int = missing) -> bool:
            return load.is_back() or len(load.missing()) < before

        what = f"one of {missing} that are missing, as {load.missing()[:3]}"
        await until(is_nearer, what, every_s=_LOOK_SELDOM_S)


def _soon() -> float:
    return 0.0


@asynccontextmanager
async def a_kill_harness(
    folder: Path,
    store: str = DEFAULT_STORE,
    agencies: tuple[StandIn, ...] | None = None,
    *,
    hesitant: bool = False,
) -> AsyncIterator[KillHarness]:
    """Set it up in an empty folder: fresh keys, free ports, empty books.

    With `hesitant` agencies take a moment to decide, and give some dispatches back.
    """
    stack, clock = make_stack(folder, agencies, store=store), SettableClock(utc_now)
    settings = stack.simulator_settings()
    if hesitant:
        slow = tuple(one.model_copy(update=_HESITANT) for one in settings.agency)
        settings = settings.model_copy(update={"agency": slow})
    async with a_simulator(settings, now=clock) as simulator:
        yield KillHarness(stack, simulator, clock)
