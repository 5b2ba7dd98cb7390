"""Start, run and stop (生命周期): the ports of a simulator, and the tasks of its agencies."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Final

import aiohttp
from aiohttp import web

from schemas.reference.clock import Now, utc_now
from simulator.agencies.agency import SimulatedAgency
from simulator.app.build import build
from simulator.config import Delivery, SimulatorSettings
from simulator.errors import SettingsRefused
from simulator.logs import say
from simulator.national.entry import NationalEntry
from simulator.national.pushing import FeedPusher
from simulator.timer import RealTimer, Timer
from simulator.web.problems import refuse_unreadable
from transport.connection_limiter import ConnectionLimiter, ConnectionLimits
from transport.errors import TransportMisconfigured
from transport.listen_address import read_tcp_address
from transport.listener import Listener, Serving
from transport.tls import TlsInUse

_log: Final = logging.getLogger(__name__)
_FINISH_S: Final = 4.0
"""How long the end may take at each address, whatever clients do."""
_REAL_TIMER: Final = RealTimer()


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
        limits: ConnectionLimits | None = None,
    ) -> None:
        per_address = settings.connections_per_address
        self._limits = limits or ConnectionLimits(per_address=per_address)
        self._parts = build(settings, now=now, timer=timer)
        self.agencies: dict[str, SimulatedAgency] = {}
        self.pushers: dict[str, FeedPusher] = {}
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
        """Listen on every port and set the agencies to work.

        Raises:
            SettingsRefused: An address cannot be taken, or a journal of nonces cannot be kept.
        """
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

    def reload_files(self) -> None:
        """Read the files of keys and of certificates again; either may be refused for itself."""
        self.reload_keys()
        try:
            self._parts.tls.reload()
        except SettingsRefused as exc:
            say(_log, logging.ERROR, "tls.kept", raised=exc)

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
                pushed[one.code] = await self._listen(
                    parts.agency_app(agency),
                    one.listen,
                    f"agency {one.code}: listen",
                    parts.tls.listeners.get(one.code),
                )
        self.pushers.update(parts.pushers(session))
        control_app = parts.control_app(self.agencies, self.pushers, self._listening)
        self._addresses = Addresses(
            national=await self._listen(
                parts.national_app(),
                national.listen,
                "national.listen",
                parts.tls.listeners.get("national"),
            ),
            control=await self._listen(control_app, national.control, "national.control"),
            agencies=pushed,
        )
        for agency in self.agencies.values():
            self._set_to_work(agency)
        for area, pusher in self.pushers.items():
            self._spawn(pusher.run(), f"push {area}")
        return self._addresses

    async def _listen(
        self, app: web.Application, listen: str, setting: str, tls: TlsInUse | None = None
    ) -> str:
        """Serve an application until `stop`; return its base URL."""
        serving = Serving(
            setting,
            read_tcp_address(listen),
            refuse_unreadable,
            tls,
            finish_s=_FINISH_S,
            ends_with_client=True,  # a poll ends with its connection, and counts no delivery
        )
        try:
            listener = await Listener.open(app, ConnectionLimiter(self._limits), serving)
        except TransportMisconfigured as exc:
            raise SettingsRefused(*exc.reasons) from exc
        self._running.push_async_callback(listener.finish)
        return listener.url

    def _set_to_work(self, agency: SimulatedAgency) -> None:
        loops = [agency.submit, agency.hand_in]
        if agency.settings.delivery in {Delivery.FETCH, Delivery.EXCHANGE_TABLE}:
            loops.append(agency.fetch)
        for loop in loops:
            self._spawn(loop(), f"{loop.__name__} {agency.settings.code}")

    def _spawn(self, run: Coroutine[object, object, None], name: str) -> None:
        task = asyncio.create_task(run, name=name)
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

    `on_hangup` is given what is to be called at each SIGHUP: it reads the files of keys and
    certificates again.
    """
    simulator = Simulator(settings)
    on_hangup(simulator.reload_files)
    ready(await simulator.start())
    try:
        await stop.wait()
    finally:
        await simulator.stop()


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
