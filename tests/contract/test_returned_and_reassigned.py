"""退回、改派: an agency returns a case, an operator reassigns it, and its result comes back."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from duijie.cli import run
from duijie.demo.agencies import StandIn
from duijie.ledger_reader import open_ledger_reader
from gateway.config import Settings
from gateway.domain.case import State
from gateway.domain.delivery import Delivery
from gateway.domain.dispatch import dispatch_number
from gateway.domain.return_rules import GIVEN_BACK
from gateway.ports.views import WorkFilter, WorkRow
from schemas.signing import Suite
from simulator.config import SimulatorSettings
from tests.support.stack import a_gateway, a_simulator, make_stack
from tests.support.until import until

RETURNS, DECIDES = "4101000001", "4190010001"
AGENCIES = (
    StandIn(RETURNS, RETURNS, "410100", Delivery.PUSH, Suite.HMAC_SHA256, ("410102",)),
    StandIn(DECIDES, DECIDES, "419001", Delivery.FETCH, Suite.HMAC_SHA256, ("419001",)),
)


def with_one_that_returns(settings: SimulatorSettings) -> SimulatorSettings:
    """Return settings under which one stand-in agency returns all it gets, and none refuses."""
    shares = {RETURNS: 1.0, DECIDES: 0.0}
    changed = tuple(
        one.model_copy(update={"return_share": shares[one.code], "refuse_share": 0.0})
        for one in settings.agency
    )
    return settings.model_copy(update={"agency": changed})


async def held(settings: Settings) -> list[tuple[str, str | None]]:
    """Return the held cases of a gateway's ledger, each with the reason."""
    async with open_ledger_reader(settings) as ledger:
        rows = await ledger.read(
            lambda views: views.worklist(WorkFilter(states=(State.HELD,)), after=None, limit=9)
        )
    return [(row.case.key, row.case.hold_reason) for row in rows if isinstance(row, WorkRow)]


async def test_a_returned_case_is_reassigned_and_its_result_comes_back(tmp_path: Path) -> None:
    stack = make_stack(tmp_path, AGENCIES)
    settings = stack.gateway_settings()
    async with asyncio.timeout(120), AsyncExitStack() as running:
        simulated = with_one_that_returns(stack.simulator_settings())
        national = await running.enter_async_context(a_simulator(simulated))
        (filed,) = await national.entry.file_people(1, seed=7, places=["410102"])
        number = filed.number

        # When its agency returns the case
        async with a_gateway(settings):
            returning = national.agencies[RETURNS].book
            await until(lambda: any(one.answer for one in returning.received.values()))

        # Then it waits at the desk, and an operator gives it to another one
        assert await held(settings) == [(number, GIVEN_BACK)]
        said = ("--to", DECIDES, "--reason", "退回", "--operator", "李敏")
        words = ["gateway", "assign", number, *said, "--config", str(stack.gateway_file)]
        assert await asyncio.to_thread(run, words) == 0

        # And the national side has the result of that agency, under the new number
        async with a_gateway(settings):
            await until(lambda: bool(national.entry.book.results_of(number)))
        (result,) = national.entry.book.results_of(number).values()
        assert result.outcome.agency_code == DECIDES
        assert list(national.agencies[RETURNS].book.received) == [dispatch_number(number, 1)]
        assert list(national.agencies[DECIDES].book.received) == [dispatch_number(number, 2)]
