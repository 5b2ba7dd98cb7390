"""演示: starts both programs, sends applications there and back, stays up, drains in order."""

import asyncio
from collections.abc import Coroutine, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
from rich.console import Console

from duijie.clients.control_client import ControlClient
from duijie.clients.gateway_client import GatewayClient
from duijie.demo.agencies import places_of, stand_ins
from duijie.demo.demo_run import DemoRun, FilingOptions
from duijie.demo.display import display_for, print_plain
from duijie.demo.plan import SIMULATOR_FILE, Plan
from duijie.demo.programs import Program, start_gateway, start_simulator
from duijie.demo.summary import address_lines, stuck_lines, summary_json, summary_lines
from duijie.demo.watch import Watch
from duijie.errors import FAILED
from duijie.ports import require_free
from portable.event_loop import stop_event
from schemas.reference.divisions import DivisionTree
from simulator.config import SimulatorSettings

INTERRUPTED: Final = 130


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What a demonstration does once it is set up."""

    count: int
    exit_when_done: bool
    as_json: bool


class Demonstration:
    """One run of `duijie up` in a prepared folder."""

    def __init__(self, folder: Path, plan: Plan, options: RunOptions, console: Console) -> None:
        self._folder, self._plan, self._options, self._console = folder, plan, options, console
        self._live = console.is_terminal and not options.as_json
        self._programs: list[Program] = []

    async def run(self) -> int:
        """Run it and return the exit code: 0 when all are back, or when a person stops it later.

        Raises:
            CliError: A port is taken, or a program did not start or died.
        """
        require_free(self._plan.required_ports())
        stop = stop_event()
        async with AsyncExitStack() as closing:
            closing.push_async_callback(self._drain)
            if not await self._run_unless_stopped(stop, self._start()):
                return 0
            demo_run = await self._open_run(closing)
            code = await self._follow(stop, demo_run)
        if self._options.as_json:
            print_plain(self._console, summary_json(demo_run.totals(), demo_run.seconds))
        return code

    async def _follow(self, stop: asyncio.Event, demo_run: DemoRun) -> int:
        display = display_for(self._console, self._options.count, live=self._live)
        finished = await self._run_unless_stopped(stop, demo_run.run(display))
        totals = demo_run.totals()
        self._print(summary_lines(totals, demo_run.seconds))
        if not finished:
            return INTERRUPTED if self._options.exit_when_done else 0
        self._print(stuck_lines(demo_run.snapshot, self._plan))
        if self._options.exit_when_done:
            return 0 if totals.is_complete else FAILED
        self._print(address_lines(self._plan, self._folder))
        await self._run_unless_stopped(stop, asyncio.sleep(float("inf")))
        return 0

    async def _start(self) -> None:
        """Start both at once; neither needs the other to be ready."""
        self._programs.append(await start_simulator(self._folder, self._plan))
        self._programs.append(await start_gateway(self._folder, self._plan))
        async with httpx.AsyncClient(trust_env=False, timeout=5.0) as client:
            await asyncio.gather(*(program.wait_ready(client) for program in self._programs))

    async def _open_run(self, closing: AsyncExitStack) -> DemoRun:
        settings = SimulatorSettings.read(self._folder / SIMULATOR_FILE)
        agencies = stand_ins(self._plan.province)
        control = await closing.enter_async_context(ControlClient(self._plan.url("control")))
        gateway = await closing.enter_async_context(
            GatewayClient(
                api=self._plan.url("gateway"),
                health=self._plan.url("health"),
                links={one.code: one.link() for one in settings.agency},
            )
        )
        filing = FilingOptions(
            count=self._options.count,
            seed=self._plan.seed,
            places=places_of(agencies),
            paced=self._live and not self._options.exit_when_done,
        )
        watch = Watch(
            control,
            gateway,
            agencies={one.code: one.name.removesuffix("（模拟）") for one in agencies},
            province=DivisionTree.load().name(self._plan.province),
        )
        return DemoRun(control, watch, filing)

    async def _run_unless_stopped(
        self, stop: asyncio.Event, work: Coroutine[None, None, None]
    ) -> bool:
        """Do `work`; return False when a person stopped it before its end.

        Raises:
            CliError: What `work` raised, or that a program died meanwhile.
        """
        working = asyncio.create_task(work)
        stopping = asyncio.create_task(stop.wait())
        exits = [asyncio.create_task(program.process.wait()) for program in self._programs]
        waits = {working, stopping, *exits}
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            if stopping.done():
                return False
            for program in self._programs:
                if program.has_ended:
                    raise program.exit_error()
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

    def _print(self, lines: Iterable[str]) -> None:
        for line in lines:
            print_plain(self._console, line)
