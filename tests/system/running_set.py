"""整套程序: simulator, agencies and gateways, and what a test can ask of them.

Each is a process of its own where a test kills one or reads what it logged; else all run in the
process of the test, which takes a tenth of the time to start.
"""

import os
import signal
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import aiohttp
import httpx
from prometheus_client.parser import text_string_to_metric_families

from contracts.docs.page import page
from duijie.clients.control_client import ControlClient
from duijie.demo.plan import DEFAULT_STORE, GATEWAY_FILE, Plan
from duijie.demo.programs import Program, start_gateway, start_simulator
from duijie.demo.settings_files import gateway_settings
from duijie.ledger_reader import open_ledger_reader
from duijie.ports import HOST
from gateway.domain.case import State
from gateway.ports.views import Views, WorkRow
from gateway.settings_file import load_settings
from simulator.web.control.requests import InjectRequest
from storage.sealing import CryptoProfile
from tests.support.ports import free_ports
from tests.support.signing_client import SigningClient
from tests.support.stack import Stack, a_gateway, a_simulator, make_stack
from tests.support.until import until
from tests.system.balancer import a_balancer

T = TypeVar("T")


@dataclass
class RunningSet:
    """Simulator with its agencies, and gateways, on free ports; `gateways` are the processes."""

    stack: Stack
    http: httpx.AsyncClient
    session: aiohttp.ClientSession
    control: ControlClient
    ending: AsyncExitStack
    as_processes: bool
    gateways: list[Program] = field(default_factory=list)
    health: list[str] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        """Where keys, settings and ledger are."""
        return self.stack.folder

    @property
    def plan(self) -> Plan:
        """What the set consists of."""
        return self.stack.plan

    async def start_gateway(self) -> None:
        """Start a gateway and wait until it is ready."""
        if self.as_processes:
            await self._start(self.plan, GATEWAY_FILE)
            return
        settings = self.stack.gateway_settings()
        gateway = await self.ending.enter_async_context(a_gateway(settings, page=page))
        self.health.append(gateway.addresses.health)

    async def start_replicas(self, count: int) -> None:
        """Start processes that differ in where they listen only; a balancer in front."""
        behind: list[int] = []
        port = self.plan.ports["gateway"]
        called = f'public_authorities = ["{HOST}:{port}"]\n'
        for at in range(count):
            listen, health, console = free_ports(3)
            own = {"gateway": listen, "health": health, "console": console}
            ports = {**self.plan.ports, **own}
            plan = replace(self.plan, ports=ports)
            name = f"replica-{at}.toml"
            text = called + gateway_settings(plan, self.stack.agencies)
            (self.folder / name).write_text(text, "utf-8")
            await self._start(plan, name)
            behind.append(listen)
        await self.ending.enter_async_context(a_balancer(port, behind))

    async def _start(self, plan: Plan, settings: str) -> None:
        gateway = await start_gateway(self.folder, plan, settings)
        self.ending.push_async_callback(gateway.stop)
        self.gateways.append(gateway)
        self.health.append(plan.url("health"))
        await gateway.wait_ready(self.http)

    @property
    def national(self) -> str:
        """Where a person files."""
        return self.plan.url("simulator")

    @property
    def console(self) -> str:
        """Where the gateway lists its cases."""
        return self.plan.url("console")

    @property
    def interfaces(self) -> str:
        """Where agencies call the gateway."""
        return self.plan.url("gateway")

    @property
    def config(self) -> Path:
        """The gateway's settings."""
        return self.stack.gateway_file

    async def file(self, count: int = 1, *places: str) -> list[str]:
        """Let invented people file; return the application numbers."""
        return await self.control.file(count, seed=7, places=places)

    async def inject(self, content: bytes, number: str | None) -> None:
        """Put bytes into the province's feed as they are."""
        await self.control.inject(
            InjectRequest(
                province=self.plan.province,
                content_base64=b64encode(content).decode(),
                application_no=number,
            )
        )

    async def all_back(self, count: int) -> bool:
        """Return whether `count` applications are back at the national side."""
        return (await self.control.summary()).back == count

    async def dispatch_no(self, agency: str, number: str) -> str:
        """Return the dispatch under which an agency has an application, when both sides say so.

        A pushed dispatch is at the agency before the gateway has stored that it arrived.
        """
        found: list[str] = []

        async def arrived() -> bool:
            dispatches = (await self.control.agency(agency)).dispatches
            found.extend(one.dispatch_no for one in dispatches if one.application_no == number)
            return bool(found)

        async def settled() -> bool:
            row = await self.read(lambda views: views.case(number))
            return isinstance(row, WorkRow) and row.case.state is not State.ACCEPTED

        await until(arrived, f"{number} reaches {agency}")
        await until(settled, f"the gateway knows that {number} reached {agency}")
        return found[-1]

    async def read(self, view: Callable[[Views], T]) -> T:
        """Read the gateway's ledger from beside it."""
        async with open_ledger_reader(load_settings(self.config)) as ledger:
            return await ledger.read(view)

    async def figure(self, name: str, gateway: int = 0, **labels: str) -> float:
        """Return one figure of `/metrics`, the sum over the labels that are not named."""
        answer = await self.http.get(f"{self.health[gateway]}/metrics")
        return sum(
            sample.value
            for family in text_string_to_metric_families(answer.text)
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    def client(self, agency: str) -> SigningClient:
        """Return what signs as the system of one agency, with the key it was given."""
        connection = self.stack.agency(agency)
        return SigningClient(connection.base, connection.of_caller(), self.session)

    def kill(self, gateway: int) -> None:
        """Kill one gateway with SIGKILL."""
        os.kill(self.gateways[gateway].process.pid, signal.SIGKILL)


@asynccontextmanager
async def a_running_set(
    folder: Path,
    *,
    store: str = DEFAULT_STORE,
    decide_after_s: float = 0.0,
    crypto: CryptoProfile = CryptoProfile.INTERNATIONAL,
    gateway: bool = True,
    as_processes: bool = False,
) -> AsyncIterator[RunningSet]:
    """Run simulator, agencies and a gateway until the block ends; every process is ended."""
    stack = make_stack(folder, store=store, decide_after_s=decide_after_s, crypto=crypto)
    async with AsyncExitStack() as ending:
        http = await ending.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=30.0))
        session = await ending.enter_async_context(aiohttp.ClientSession())
        control = await ending.enter_async_context(ControlClient(stack.plan.url("control")))
        running = RunningSet(stack, http, session, control, ending, as_processes)
        if as_processes:
            simulator = await start_simulator(folder, stack.plan)
            ending.push_async_callback(simulator.stop)
            await simulator.wait_ready(http)
        else:
            await ending.enter_async_context(a_simulator(stack.simulator_settings()))
        if gateway:
            await running.start_gateway()
        yield running
