"""撤回: a person takes an application back, in whatever order the messages come."""

import pytest

from gateway.domain.case import State, Step
from gateway.ports import PORTAL
from tests.builders.records import (
    JINSHUI,
    application_json,
    withdrawal_json,
)
from tests.integration.flows.desk import NUMBER, Desk


async def test_a_withdrawal_ends_a_case_that_is_not_decided(desk: Desk) -> None:
    await desk.pull(application_json())
    result = await desk.pull(withdrawal_json())
    assert [(row.key, row.agency) for row in result.rows] == [(NUMBER, JINSHUI)]
    assert (await desk.case()).state is State.WITHDRAWN
    assert await desk.outbox_depth(JINSHUI) == (0, 0)
    assert [one.kind for one in desk.portal.acknowledged] == ["application", "withdrawal"]


async def test_a_withdrawal_after_the_dispatch_reached_the_agency_ends_the_case(desk: Desk) -> None:
    await desk.pull(application_json())
    await desk.push()
    await desk.pull(withdrawal_json())
    assert (await desk.case()).state is State.WITHDRAWN


async def test_a_withdrawal_that_came_first_waits_for_its_application(desk: Desk) -> None:
    await desk.pull(withdrawal_json())
    assert desk.portal.numbers == [NUMBER]
    assert await desk.no_case(NUMBER)
    await desk.pull(application_json())
    assert (await desk.case()).state is State.WITHDRAWN
    assert await desk.outbox_depth(JINSHUI) == (0, 0)
    assert [entry.step for entry in await desk.history()] == [Step.ACCEPT, Step.WITHDRAW]


@pytest.mark.parametrize("withdrawal_first", [True, False])
async def test_an_application_and_its_withdrawal_may_share_a_page(
    desk: Desk, *, withdrawal_first: bool
) -> None:
    page = [application_json(), withdrawal_json()]
    await desk.pull(*(reversed(page) if withdrawal_first else page))
    assert (await desk.case()).state is State.WITHDRAWN
    assert await desk.outbox_depth(JINSHUI) == (0, 0)
    assert desk.portal.numbers == [NUMBER, NUMBER]


async def test_after_the_decision_a_withdrawal_changes_nothing(desk: Desk) -> None:
    await desk.pull(application_json())
    await desk.decide(await desk.outcome())
    await desk.pull(withdrawal_json())
    assert (await desk.case()).state is State.DECIDED
    assert await desk.outbox_depth(PORTAL) == (1, 0)
    await desk.report()
    assert (await desk.case()).state is State.REPORTED


async def test_a_withdrawal_that_comes_twice_is_noted_once(desk: Desk) -> None:
    await desk.pull(application_json(), withdrawal_json())
    desk.portal.offer_again()
    await desk.pull()
    assert [entry.step for entry in await desk.history()] == [Step.ACCEPT, Step.WITHDRAW]
    assert await desk.quarantined() == []
