"""现场: national side and agencies in this process, whose books survive every death of the gateway.

Gateways come and go on one store. All share one clock, which a test sets forward after a death:
so the leases of the dead expire at once, and neither side finds the other's signatures too old.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from duijie.demo.plan import DEFAULT_STORE, GATEWAY_FILE, SIMULATOR_FILE, PlanOptions
from duijie.demo.provision import provision
from gateway.app.lifecycle import Gateway
from gateway.config import Settings
from gateway.ports.views import FlowFigures
from gateway.settings_file import load_settings
from schemas.reference.clock import beijing_date, utc_now
from simulator.app import Simulator
from simulator.config import SimulatorSettings
from simulator.national.book import Book
from tests.support.clock import SettableClock
from tests.support.until import CHECK_EVERY_S, WITHIN_S, until
from tests.system.command_line import own_ports
from tests.system.kills.load import Load

PROVINCE: Final = "410000"


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything but the gateway; `settings` are the gateway's."""

    folder: Path
    settings: Settings
    simulator: Simulator
    clock: SettableClock

    @property
    def config(self) -> Path:
        """The gateway's settings file."""
        return self.folder / GATEWAY_FILE

    @property
    def book(self) -> Book:
        """The national side's book."""
        return self.simulator.entry.book

    @asynccontextmanager
    async def gateway(self) -> AsyncIterator[Gateway]:
        """Run a plain gateway in this process, whose retries come soon, and drain it."""
        gateway = Gateway(self.settings, now=self.clock, jitter=_soon)
        try:
            await gateway.start()
            yield gateway
        finally:
            await gateway.drain()

    async def finish(self, load: Load) -> FlowFigures:
        """Run a plain gateway until everything is back and nothing owed; return its figures."""
        async with self.gateway() as gateway:
            await until(load.is_back)
            figures = await self._figures(gateway)
            async with asyncio.timeout(WITHIN_S):
                while any(owed.depth for owed in figures.backlog):
                    await asyncio.sleep(CHECK_EVERY_S)
                    figures = await self._figures(gateway)
            await until(load.is_answered)
        return figures

    async def _figures(self, gateway: Gateway) -> FlowFigures:
        today = beijing_date(self.clock())
        return await gateway.store.read(lambda views: views.figures(today))


def _soon() -> float:
    return 0.0


@asynccontextmanager
async def a_scene(folder: Path, store: str = DEFAULT_STORE) -> AsyncIterator[Scene]:
    """Set the scene in an empty folder: fresh keys, free ports, empty books."""
    provision(folder, PlanOptions(province=PROVINCE, store=store, ports=own_ports()[0]))
    clock = SettableClock(utc_now)
    simulator = Simulator(SimulatorSettings.read(folder / SIMULATOR_FILE), now=clock)
    await simulator.start()
    try:
        yield Scene(folder, load_settings(folder / GATEWAY_FILE), simulator, clock)
    finally:
        await simulator.stop()
