"""A national side, a gateway and an agency that takes pushes, all real, in this process.

The fetching agency has no stand-in system: who holds its key is the agency.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from duijie.demo.agencies import StandIn
from gateway.domain.delivery import Delivery
from gateway.flows.failpoints import Failpoint
from schemas.signing import Suite
from simulator.app import Simulator
from tests.support.stack import Connection, a_gateway, a_simulator, make_stack

JIYUAN: Final = "419001"
FETCHING, PUSHED = "4190010001", "4101000001"


@dataclass(frozen=True, slots=True)
class DockingSet:
    """What is running: `agency` is how the fetching agency calls, `pushed` how the gateway does.

    `operators` is how the system of the operators calls the gateway, `pushing` how the national
    side does. `reported` is set once the gateway has handed a result to the national side.
    """

    national: Simulator
    agency: Connection
    pushed: Connection
    operators: Connection
    pushing: Connection
    reported: asyncio.Event


@asynccontextmanager
async def a_national_side(folder: Path) -> AsyncIterator[tuple[Simulator, Connection]]:
    """Run the national side alone; who holds the province's key is the province."""
    stack = make_stack(folder)
    async with a_simulator(stack.simulator_settings(agencies=())) as national:
        yield national, stack.portal()


@asynccontextmanager
async def a_docking_set(folder: Path, suite: Suite) -> AsyncIterator[DockingSet]:
    """Run them all; the agencies' keys are of `suite`."""
    fetching = StandIn(FETCHING, FETCHING, JIYUAN, Delivery.FETCH, suite, (JIYUAN,))
    pushed = StandIn(PUSHED, PUSHED, "410100", Delivery.PUSH, suite, ("410102",))
    stack = make_stack(folder, (fetching, pushed))
    reported, loop = asyncio.Event(), asyncio.get_running_loop()

    def hook(failpoint: Failpoint) -> None:
        if failpoint is Failpoint.REPORT_SETTLED:  # passed in another thread
            loop.call_soon_threadsafe(reported.set)

    async with AsyncExitStack() as running:
        settings = stack.simulator_settings(agencies=[PUSHED])
        national = await running.enter_async_context(a_simulator(settings))
        await running.enter_async_context(a_gateway(stack.gateway_settings(), hook=hook))
        yield DockingSet(
            national,
            stack.agency(FETCHING),
            stack.push(PUSHED),
            stack.operator(),
            stack.pushes(),
            reported,
        )
