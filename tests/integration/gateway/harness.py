"""A real gateway between scripted peers, all in the process of the test."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp

from duijie.demo.agencies import StandIn
from gateway.app.lifecycle import Gateway
from gateway.domain.delivery import Delivery
from gateway.flows.failpoints import Failpoint
from schemas.signing import Suite
from tests.builders.records import JINSHUI, JIYUAN
from tests.integration.gateway.peers import AgencyServer, PortalServer, signed_app
from tests.support.serving import served
from tests.support.signing_client import SigningClient
from tests.support.stack import Connection, Stack, a_gateway, make_stack

SUITE: Final = Suite.HMAC_SHA256
AGENCIES: Final = (
    StandIn(JINSHUI, "金水区公共就业服务中心", "410105", Delivery.PUSH, SUITE, ("410105",)),
    StandIn(JIYUAN, "济源市公共就业服务中心", "419001", Delivery.FETCH, SUITE, ("419001",)),
)


class Failpoints:
    """Lets a test wait for a step of a flow, which may be passed in another thread."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._passed = {failpoint: asyncio.Event() for failpoint in Failpoint}

    def hook(self, failpoint: Failpoint) -> None:
        """Note one step; what the gateway calls."""
        self._loop.call_soon_threadsafe(self._passed[failpoint].set)

    async def passed(self, failpoint: Failpoint) -> None:
        """Wait until the step was passed at least once."""
        await self._passed[failpoint].wait()


@dataclass(frozen=True)
class Harness:
    """A gateway between a scripted portal and two agencies: 金水区 is pushed to, 济源市 fetches."""

    gateway: Gateway
    portal: PortalServer
    pushed: AgencyServer
    jinshui: SigningClient
    jiyuan: SigningClient
    portal_as_caller: SigningClient
    operators: SigningClient
    session: aiohttp.ClientSession
    failpoints: Failpoints

    async def health(self, path: str) -> tuple[int, str]:
        """Return what the second port says."""
        async with self.session.get(f"{self.gateway.addresses.health}{path}") as answer:
            return answer.status, await answer.text()

    async def figure(self, line_start: str) -> float:
        """Return one metric's value; 0 while it has no line."""
        _, text = await self.health("/metrics")
        found = [line for line in text.splitlines() if line.startswith(line_start + " ")]
        return float(found[0].rpartition(" ")[2]) if found else 0.0


def stack_of_two(folder: Path) -> Stack:
    """Make keys and settings for a gateway with the two agencies."""
    return make_stack(folder, AGENCIES)


@asynccontextmanager
async def a_harness(stack: Stack) -> AsyncIterator[Harness]:
    """Run a gateway and its peers over a stack's folder, where an earlier one may have run."""
    portal, pushed, failpoints = PortalServer(), AgencyServer(), Failpoints()
    async with AsyncExitStack() as running:
        await running.enter_async_context(served_portal(stack, portal))
        push = stack.push(JINSHUI)
        app = signed_app(push.of_answerer(), pushed.answer)
        await running.enter_async_context(served(app, push.port))
        session = await running.enter_async_context(aiohttp.ClientSession())
        settings = stack.gateway_settings()
        gateway = await running.enter_async_context(a_gateway(settings, hook=failpoints.hook))
        jinshui, jiyuan = (_client(stack.agency(code), session) for code in (JINSHUI, JIYUAN))
        yield Harness(
            gateway,
            portal,
            pushed,
            jinshui,
            jiyuan,
            _client(stack.pushes(), session),
            _client(stack.operator(), session),
            session,
            failpoints,
        )


@asynccontextmanager
async def served_portal(stack: Stack, portal: PortalServer) -> AsyncIterator[None]:
    """Serve a scripted portal where the gateway of this stack expects it."""
    docked = stack.portal()
    app = signed_app(docked.of_answerer(), portal.answer, now=portal.now)
    async with served(app, docked.port):
        yield


def _client(connection: Connection, session: aiohttp.ClientSession) -> SigningClient:
    return SigningClient(connection.base, connection.of_caller(), session)
