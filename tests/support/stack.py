"""A stack (整套) for tests: a folder provisioned as a demonstration's is, its parts run in process.

Every test that needs keys and settings of connected parties, or a real gateway or simulator in its
own process, gets them here. The ports are the worker's own, so a part can end and start again at
the same address.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread
from typing import Final
from urllib.parse import urlsplit

from duijie.demo.agencies import StandIn, stand_ins
from duijie.demo.key_files import OPERATOR_KEYS, key_names
from duijie.demo.plan import (
    DEFAULT_PORTS,
    DEFAULT_STORE,
    GATEWAY_FILE,
    SIMULATOR_FILE,
    Plan,
    PlanOptions,
    make_plan,
)
from duijie.demo.provision import provision_keys, write_settings
from duijie.demo.settings_files import KEYS
from duijie.ports import HOST
from gateway.app.lifecycle import Gateway
from gateway.config import Settings
from gateway.domain.retry_policy import Jitter
from gateway.flows.failpoints import FailpointHook, no_hook
from gateway.settings_file import load_settings
from gateway.web.contract_page import Page
from schemas.reference.clock import Now, utc_now
from schemas.signing import Link, read_key_file
from simulator.app import Simulator
from simulator.config import SimulatorSettings
from simulator.timer import RealTimer, Timer
from storage.sealing import CryptoProfile
from tests.support.ports import free_ports
from transport.connection_limiter import ConnectionLimits

PROVINCE: Final = "410000"
_REAL_TIMER: Final = RealTimer()


@dataclass(frozen=True, slots=True)
class KeyFiles:
    """One party's key files; with a shared secret both are the same file."""

    private: Path
    public: Path


@dataclass(frozen=True, slots=True)
class Connection:
    """Who calls and who answers, and where the answering party listens."""

    caller: KeyFiles
    answerer: KeyFiles
    base: str

    @property
    def port(self) -> int:
        """Where the answering party listens."""
        return urlsplit(self.base).port or 0

    def of_caller(self) -> Link:
        """Return what the caller signs with and believes."""
        return _link(self.caller, self.answerer)

    def of_answerer(self) -> Link:
        """Return what the answering party signs with and believes."""
        return _link(self.answerer, self.caller)


@dataclass(frozen=True, slots=True)
class Stack:
    """A folder with the keys and settings of a national side, a gateway and its agencies."""

    folder: Path
    plan: Plan
    agencies: tuple[StandIn, ...]

    @property
    def gateway_file(self) -> Path:
        """The gateway's settings file."""
        return self.folder / GATEWAY_FILE

    @property
    def keys(self) -> Path:
        """Where the key files are."""
        return self.folder / KEYS

    def gateway_settings(self) -> Settings:
        """Return the gateway's settings as it reads them."""
        return load_settings(self.gateway_file)

    def simulator_settings(self, agencies: Sequence[str] | None = None) -> SimulatorSettings:
        """Return the simulator's settings: with the systems of all agencies, or of these only."""
        settings = SimulatorSettings.read(self.folder / SIMULATOR_FILE)
        if agencies is None:
            return settings
        some = tuple(one for one in settings.agency if one.code in agencies)
        return settings.model_copy(update={"agency": some})

    def portal(self) -> Connection:
        """Return how the gateway calls the national side."""
        ours, theirs = f"portal-{self.plan.province}.json", "national.json"
        return Connection(self._files(ours), self._files(theirs), self.plan.url("simulator"))

    def pushes(self) -> Connection:
        """Return how the national side calls the gateway: with the key of its pushes."""
        theirs, ours = "national-push.json", f"portal-{self.plan.province}.json"
        return Connection(self._files(theirs), self._files(ours), self.plan.url("gateway"))

    def agency(self, code: str) -> Connection:
        """Return how an agency's system calls the gateway."""
        theirs, ours = self._both(code)
        return Connection(theirs, ours, self.plan.url("gateway"))

    def operator(self) -> Connection:
        """Return how the system of the operators calls the gateway."""
        theirs, ours = map(self._files, OPERATOR_KEYS)
        return Connection(theirs, ours, self.plan.url("gateway"))

    def push(self, code: str) -> Connection:
        """Return how the gateway calls the system of an agency that takes pushes."""
        theirs, ours = self._both(code)
        pushed = [one.code for one in self.agencies if one.takes_pushes]
        port = self.plan.ports["agency"] + pushed.index(code)
        return Connection(ours, theirs, f"http://{HOST}:{port}")

    def _both(self, code: str) -> tuple[KeyFiles, KeyFiles]:
        """Return the files of an agency and those of the gateway for it."""
        (agency,) = (one for one in self.agencies if one.code == code)
        theirs, ours = map(self._files, key_names(agency))
        return theirs, ours

    def _files(self, name: str) -> KeyFiles:
        private = self.keys / name
        public = private.with_suffix(".public.json")
        return KeyFiles(private, public if public.exists() else private)


def _link(ours: KeyFiles, theirs: KeyFiles) -> Link:
    return Link(read_key_file(ours.private), read_key_file(theirs.public))


def own_ports() -> dict[str, int]:
    """Return free ports of this worker for one stack, by the names in a plan."""
    return dict(zip(DEFAULT_PORTS, free_ports(len(DEFAULT_PORTS)), strict=True))


def make_stack(
    folder: Path,
    agencies: tuple[StandIn, ...] | None = None,
    *,
    province: str = PROVINCE,
    store: str = DEFAULT_STORE,
    decide_after_s: float = 0.0,
    crypto: CryptoProfile = CryptoProfile.INTERNATIONAL,
) -> Stack:
    """Provision a folder; without `agencies` it has the stand-ins of Henan (河南).

    Another province than Henan needs agencies of its own, and a profile in the settings.
    """
    options = PlanOptions(
        province=PROVINCE,
        store=store,
        ports=own_ports(),
        decide_after_s=decide_after_s,
        crypto=crypto,
    )
    plan = replace(make_plan(None, options), province=province)
    stack = Stack(folder, plan, agencies or stand_ins(PROVINCE, crypto))
    provision_keys(folder, stack.plan, stack.agencies)
    write_settings(folder, stack.plan, stack.agencies)
    return stack


@asynccontextmanager
async def a_gateway(
    settings: Settings,
    *,
    now: Now | None = None,
    hook: FailpointHook = no_hook,
    jitter: Jitter = random.random,
    page: Page | None = None,
    limits: ConnectionLimits | None = None,
) -> AsyncIterator[Gateway]:
    """Run a gateway until the block ends, and drain it, also when it could not start."""
    gateway = Gateway(settings, now=now, hook=hook, jitter=jitter, page=page, limits=limits)
    try:
        await gateway.start()
        yield gateway
    finally:
        await gateway.drain()


@asynccontextmanager
async def a_simulator(
    settings: SimulatorSettings,
    *,
    now: Now = utc_now,
    timer: Timer = _REAL_TIMER,
    limits: ConnectionLimits | None = None,
) -> AsyncIterator[Simulator]:
    """Run the national side and stand-in agencies until the block ends."""
    simulator = Simulator(settings, now=now, timer=timer, limits=limits)
    try:
        await simulator.start()
        yield simulator
    finally:
        await simulator.stop()


@contextmanager
def a_simulator_thread(settings: SimulatorSettings) -> Iterator[ExitStack]:
    """Run a simulator beside a test that has no event loop; it ends with what is given, or before.

    Closing the stack that is given ends the simulator within the block.
    """
    loop = asyncio.new_event_loop()
    with ExitStack() as ending:
        thread = Thread(target=loop.run_forever, name="simulator")
        thread.start()
        ending.callback(loop.close)
        ending.callback(thread.join)
        ending.callback(loop.call_soon_threadsafe, loop.stop)
        simulator = Simulator(settings)
        asyncio.run_coroutine_threadsafe(simulator.start(), loop).result()
        ending.callback(lambda: asyncio.run_coroutine_threadsafe(simulator.stop(), loop).result())
        yield ending
