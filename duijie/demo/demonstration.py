"""演示: starts both programs, lets applications travel, stays up, drains in order."""

import asyncio
from collections.abc import Coroutine, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
from rich.console import Console

from duijie.clients.control_client import Control
from duijie.clients.gateway_client import GatewayOutside
from duijie.demo.agencies import places_of, stand_ins
from duijie.demo.demo_run import Travel, Wanted
from duijie.demo.display import display_for, say
from duijie.demo.plan import GATEWAY_FILE, SIMULATOR_FILE, Plan
from duijie.demo.programs import Program
from duijie.demo.summary import address_lines, stuck_lines, summary_json, summary_lines
from duijie.demo.watch import Watch
from duijie.errors import FAILED
from duijie.ports import require_free
from gateway.serving import stop_event
from schemas.reference.divisions import DivisionTree
from simulator.config import SimulatorSettings

INTERRUPTED: Final = 130


@dataclass(frozen=True, slots=True)
class Terms:
    """What the demonstration is asked to do."""

    count: int
    exit_when_done: bool
    as_json: bool


class Demonstration:
    """One run of `duijie up` in a prepared folder."""

    def __init__(self, folder: Path, plan: Plan, terms: Terms, console: Console) -> None:
        self._folder, self._plan, self._terms, self._console = folder, plan, terms, console
        self._live = console.is_terminal and not terms.as_json
        self._programs: list[Program] = []

    async def run(self) -> int:
        """Run it and return the exit code: 0 when all are back, or when a person ends a stay.

        Raises:
            Trouble: A port is taken, or a program did not start or died.
        """
        require_free(self._plan.wanted_ports())
        stop = stop_event()
        async with AsyncExitStack() as closing:
            closing.push_async_callback(self._drain)
            if not await self._unless(stop, self._start()):
                return 0
            travel = await self._travel(closing)
            code = await self._go(stop, travel)
        if self._terms.as_json:
            say(self._console, summary_json(travel.sums(), travel.seconds))
        return code

    async def _go(self, stop: asyncio.Event, travel: Travel) -> int:
        display = display_for(self._console, self._terms.count, live=self._live)
        arrived = await self._unless(stop, travel.run(display))
        sums = travel.sums()
        self._say(summary_lines(sums, travel.seconds))
        if not arrived:
            return INTERRUPTED if self._terms.exit_when_done else 0
        self._say(stuck_lines(travel.picture, self._plan))
        if self._terms.exit_when_done:
            return 0 if sums.is_whole else FAILED
        self._say(address_lines(self._plan, self._folder))
        await self._unless(stop, asyncio.sleep(float("inf")))
        return 0

    async def _start(self) -> None:
        """Start both at once; neither needs the other to be ready."""
        async with httpx.AsyncClient(trust_env=False, timeout=5.0) as client:
            ready = f"{self._plan.url('control')}/control/v1/summary"
            await self._launch("simulator", "国家端模拟器", SIMULATOR_FILE, ready)
            ready = f"{self._plan.url('health')}/readyz"
            await self._launch("gateway", "网关", GATEWAY_FILE, ready)
            await asyncio.gather(*(program.wait_ready(client) for program in self._programs))

    async def _launch(self, word: str, name: str, settings: str, ready: str) -> None:
        words = (word, "serve", "--config", str(self._folder / settings))
        log = self._folder / "logs" / f"{word}.log"
        self._programs.append(await Program.start(name, words, log=log, ready=ready))

    async def _travel(self, closing: AsyncExitStack) -> Travel:
        settings = SimulatorSettings.read(self._folder / SIMULATOR_FILE)
        agencies = stand_ins(self._plan.province)
        control = await closing.enter_async_context(Control(self._plan.url("control")))
        gateway = await closing.enter_async_context(
            GatewayOutside(
                api=self._plan.url("gateway"),
                health=self._plan.url("health"),
                links={one.code: one.link() for one in settings.agency},
            )
        )
        wanted = Wanted(
            count=self._terms.count,
            seed=self._plan.seed,
            places=places_of(agencies),
            paced=self._live and not self._terms.exit_when_done,
        )
        watch = Watch(
            control,
            gateway,
            agencies={one.code: one.name.removesuffix("（模拟）") for one in agencies},
            province=DivisionTree.load().name(self._plan.province),
        )
        return Travel(control, watch, wanted)

    async def _unless(self, stop: asyncio.Event, work: Coroutine[None, None, None]) -> bool:
        """Do `work`; return False where a person stopped it before its end.

        Raises:
            Trouble: What `work` raised, or that a program died meanwhile.
        """
        working = asyncio.create_task(work)
        stopping = asyncio.create_task(stop.wait())
        deaths = [asyncio.create_task(program.process.wait()) for program in self._programs]
        waits = {working, stopping, *deaths}
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            if stopping.done():
                return False
            for program in self._programs:
                if program.has_ended:
                    raise program.death()
            await working
        finally:
            for task in waits:
                task.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
        return True

    async def _drain(self) -> None:
        """End both in order: first the gateway, which settles what it has in hand."""
        for program in reversed(self._programs):
            await program.stop()

    def _say(self, lines: Iterable[str]) -> None:
        for line in lines:
            say(self._console, line)
