"""已改派: what an agency that had a case learns of it, wherever it asks."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from gateway.domain.delivery import Delivery
from gateway.domain.directory import Agency, AgencyDirectory
from gateway.domain.dispatch import dispatch_number
from gateway.flows.fetch import case_view, superseded_dispatches
from schemas.records.dispatches import REASSIGNED, CaseView
from tests.builders.records import JINSHUI, JIYUAN
from tests.integration.flows.desk import AT_JIYUAN, NUMBER, Desk, an_item
from tests.integration.flows.operator import annotate, assign, release
from tests.integration.flows.test_dispatch_return import said

JINSHUI_AGENCY: Final = Agency(JINSHUI, "金水区公共就业服务中心", "410105", Delivery.PUSH)


@pytest.fixture
async def at_agency(desk: Desk) -> Desk:
    """Give a desk with two cases that are with 金水区."""
    await desk.pull(an_item(NUMBER), an_item("SY2"))
    await desk.push()
    return desk


async def viewed(desk: Desk, key: str, agency: str) -> CaseView:
    """Return a case as an agency sees it."""
    seen = await case_view(key, agency=agency, store=desk.store)
    assert seen is not None
    return CaseView.read(seen)


async def test_the_old_agency_sees_that_the_case_was_reassigned_and_only_its_own_steps(
    at_agency: Desk,
) -> None:
    await at_agency.give_back(await at_agency.return_of("SY2", note="电话 13800000000"))
    await assign(at_agency, NUMBER, "SY2")
    await annotate(at_agency, NUMBER)

    seen = {key: await viewed(at_agency, key, JINSHUI) for key in (NUMBER, "SY2")}
    assert {(one.state, one.revision, one.due_on) for one in seen.values()} == {
        (REASSIGNED, 0, None)
    }
    assert seen[NUMBER].dispatch_no == dispatch_number(NUMBER, 1)
    steps = {key: [step.step for step in one.history] for key, one in seen.items()}
    assert steps == {NUMBER: ["deliver"], "SY2": ["deliver", "hold"]}
    ours = await viewed(at_agency, NUMBER, JIYUAN)
    assert (ours.state, ours.dispatch_no) == ("ACCEPTED", dispatch_number(NUMBER, 2))
    assert [step.step for step in ours.history] == ["accept", "deliver", "assign", "note"]
    assert await case_view(NUMBER, agency="4105000001", store=at_agency.store) is None


async def over(desk: Desk, agency: str, hours: int = 1) -> list[str]:
    """Return the numbers that an agency is told of with its dispatches, as over."""
    within = timedelta(hours=hours)
    found = await superseded_dispatches(
        agency, within=within, store=desk.store, now=desk.clock, limit=2
    )
    return [one.dispatch_no for one in found]


async def test_the_old_agency_learns_with_its_dispatches_which_of_them_are_over(
    at_agency: Desk,
) -> None:
    assert await over(at_agency, JINSHUI) == []
    await assign(at_agency, NUMBER)
    at_agency.clock.forward(minutes=30)
    await at_agency.give_back(await at_agency.return_of("SY2"))
    first, second = dispatch_number(NUMBER, 1), dispatch_number("SY2", 1)
    assert await over(at_agency, JINSHUI) == [second, first]
    assert await over(at_agency, JIYUAN) == []

    await assign(at_agency, NUMBER, to=JINSHUI)
    assert await over(at_agency, JIYUAN) == [dispatch_number(NUMBER, 2)]
    at_agency.clock.forward(minutes=45)
    assert await over(at_agency, JINSHUI) == [second]
    assert await over(at_agency, JINSHUI, hours=2) == [second, first]


async def test_acknowledging_a_dispatch_that_is_over_says_so(desk: Desk) -> None:
    await desk.pull(an_item(NUMBER, **AT_JIYUAN))
    number = dispatch_number(NUMBER, 1)
    await assign(desk, NUMBER, to=JINSHUI)
    assert said(await desk.acknowledge(number)) == ["outcome.superseded-dispatch"]
    assert said(await desk.acknowledge(number, agency=JINSHUI)) == ["dispatch.unknown"]


async def test_a_release_to_another_agency_ends_the_dispatch_of_the_first(desk: Desk) -> None:
    await desk.pull(an_item(NUMBER))
    desk.agency.inbox.refusals[dispatch_number(NUMBER, 1)] = "message.invalid"
    await desk.push()
    desk.rules = replace(
        desk.rules, directory=AgencyDirectory([replace(JINSHUI_AGENCY, code="4101050002")])
    )
    await release(desk, NUMBER)
    assert (await desk.case()).agency == "4101050002"
    assert await over(desk, JINSHUI) == [dispatch_number(NUMBER, 1)]
