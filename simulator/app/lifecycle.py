"""Start, run and stop (生命周期): the ports of a simulator, and the tasks of its agencies."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Final

import aiohttp
from aiohttp import web

from schemas.reference.clock import Now, utc_now
from schemas.signing.listen_address import read_tcp_address
from simulator.agencies.agency import SimulatedAgency
from simulator.app.build import build
from simulator.config import Delivery, SimulatorSettings
from simulator.errors import SettingsRefused
from simulator.logs import say
from simulator.national.entry import NationalEntry
from simulator.timer import RealTimer, Timer
from simulator.web.connection_guard import MAX_HEADERS, ConnectionGuard, ConnectionLimits

_log: Final = logging.getLogger(__name__)
_GRACE_S: Final = 2.0
_KEEP_ALIVE_S: Final = 75.0
_BACKLOG: Final = 1024
_TURNS_TO_BEGIN: Final = 5
"""Turns of the event loop from accepting a connection to its protocol, and some to spare."""
_REAL_TIMER: Final = RealTimer()
_LIMITS: Final = ConnectionLimits()


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a running simulator listens: base URLs, agencies that take pushes by their code."""

    national: str
    control: str
    agencies: dict[str, str]


class Simulator:
    """One running simulator; `start` binds the ports, `stop` ends everything.

    Raises:
        SettingsRefused: The settings contradict each other, or a key cannot be read.
    """

    def __init__(
        self,
        settings: SimulatorSettings,
        *,
        now: Now = utc_now,
        timer: Timer = _REAL_TIMER,
        limits: ConnectionLimits = _LIMITS,
    ) -> None:
        self._limits = limits
        self._parts = build(settings, now=now, timer=timer)
        self.agencies: dict[str, SimulatedAgency] = {}
        self._running = AsyncExitStack()
        self._addresses: Addresses | None = None

    @property
    def entry(self) -> NationalEntry:
        """The national side."""
        return self._parts.entry

    @property
    def addresses(self) -> Addresses:
        """The addresses in use.

        Raises:
            RuntimeError: The simulator has not been started.
        """
        if self._addresses is None:
            raise RuntimeError("the simulator has not been started")
        return self._addresses

    async def start(self) -> Addresses:
        """Listen on every port and set the agencies to work."""
        try:
            return await self._start()
        except BaseException:
            await self.stop()
            raise

    def reload_keys(self) -> None:
        """Read the key files again; a bad file leaves the keys in force, and is said in the log."""
        try:
            self._parts.reload_keys()
        except SettingsRefused as exc:
            say(_log, logging.ERROR, "keys.kept", raised=exc)

    async def stop(self) -> None:
        """Stop listening and end every task."""
        await self._running.aclose()

    async def _start(self) -> Addresses:
        parts, national = self._parts, self._parts.settings.national
        if parts.settings.folder is None:
            say(_log, logging.WARNING, "nonces.in-memory")
        session = await self._running.enter_async_context(
            aiohttp.ClientSession(trust_env=False, auto_decompress=False)
        )
        pushed: dict[str, str] = {}
        for one in parts.settings.agency:
            agency = parts.agency(one, session)
            self.agencies[one.code] = agency
            if one.listen is not None:
                pushed[one.code] = await self._listen(parts.agency_app(agency), one.listen)
        control_app = parts.control_app(self.agencies, self._listening)
        self._addresses = Addresses(
            national=await self._listen(parts.national_app(), national.listen),
            control=await self._listen(control_app, national.control),
            agencies=pushed,
        )
        for agency in self.agencies.values():
            self._set_to_work(agency)
        return self._addresses

    async def _listen(self, app: web.Application, listen: str) -> str:
        """Serve an application until `stop`; return its base URL."""
        guard = ConnectionGuard(self._limits)
        guard.watch(app)
        runner = web.AppRunner(
            app,
            max_headers=MAX_HEADERS,
            keepalive_timeout=_KEEP_ALIVE_S,
            access_log=None,
            auto_decompress=False,
            handler_cancellation=True,  # a poll ends with its connection, and counts no delivery
            shutdown_timeout=_GRACE_S,
        )
        await runner.setup()
        self._running.push_async_callback(runner.cleanup)
        if runner.server is None:
            raise RuntimeError("the application did not start")
        address = read_tcp_address(listen)
        loop, factory = asyncio.get_running_loop(), guard.guard(runner.server)
        server = await loop.create_server(factory, address.host, address.port, backlog=_BACKLOG)
        sweep = asyncio.create_task(guard.sweep(), name=f"sweep {listen}")
        self._running.push_async_callback(_end, sweep)
        self._running.push_async_callback(_stop_listening, server)
        bound: tuple[str, int] = server.sockets[0].getsockname()[:2]
        name = f"[{bound[0]}]" if ":" in bound[0] else bound[0]
        return f"http://{name}:{bound[1]}"

    def _set_to_work(self, agency: SimulatedAgency) -> None:
        loops = [agency.submit]
        if agency.settings.delivery is Delivery.FETCH:
            loops.append(agency.fetch)
        for loop in loops:
            task = asyncio.create_task(loop(), name=f"{loop.__name__} {agency.settings.code}")
            self._running.push_async_callback(partial(_end, task))

    def _listening(self) -> dict[str, str]:
        here = self.addresses
        return {"national": here.national, "control": here.control, **here.agencies}


async def serve(
    settings: SimulatorSettings,
    *,
    ready: Callable[[Addresses], None],
    on_hangup: Callable[[Callable[[], None]], None],
    stop: asyncio.Event,
) -> None:
    """Run a simulator until `stop` is set; call `ready` with its addresses once it listens.

    `on_hangup` is given what is to be called at each SIGHUP: it reads the key files again.
    """
    simulator = Simulator(settings)
    on_hangup(simulator.reload_keys)
    ready(await simulator.start())
    try:
        await stop.wait()
    finally:
        await simulator.stop()


async def _stop_listening(server: asyncio.Server) -> None:
    """Accept no more, let what was accepted begin, and close: asyncio would leave it open."""
    loop = asyncio.get_running_loop()
    for listening in server.sockets:
        loop.remove_reader(listening.fileno())
    for _ in range(_TURNS_TO_BEGIN):
        await asyncio.sleep(0)
    server.close()


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
