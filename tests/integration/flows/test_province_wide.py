"""全省通办: who accepts may be another than who handles; a dispatch stays with one agency."""

from dataclasses import replace

import orjson
import pytest

from gateway.domain.case import State
from tests.builders.extended import deregistration_json, registration_json
from tests.builders.records import JINSHUI, JIYUAN
from tests.integration.flows.desk import LOCAL, NUMBER, Desk, an_item
from tests.integration.flows.operator import assign
from tests.integration.flows.test_registration import said

AWAY = registration_json(place_division="410105")
"""Accepted by 济源市 for somebody whose registration place is 金水区."""


@pytest.fixture
def desk(desk: Desk) -> Desk:
    """Give a desk of a province where every agency accepts for all, two days later."""
    desk.rules = replace(desk.rules, province=replace(desk.rules.province, anywhere="吉林省通知"))
    desk.clock.forward(days=2)
    return desk


async def test_who_accepts_may_differ_from_who_handles_the_application_of_the_same_person(
    desk: Desk,
) -> None:
    # Given an application that was dispatched to the agency of its place
    await desk.pull(an_item(NUMBER))
    await desk.push()

    # When another agency registers the person at its counter, for that place
    assert said(await desk.register(AWAY)) == ["accepted"]

    # Then each case is with its own agency, and each names the other
    local, applied = await desk.case(LOCAL), await desk.case()
    assert (local.agency, local.place_division) == (JIYUAN, "410105")
    assert (applied.agency, applied.state) == (JINSHUI, State.DISPATCHED)
    assert f"person.also-applied:{NUMBER}" in local.findings
    assert f"person.registered-locally:{LOCAL}" in applied.findings

    # and both are reported, the application as what it is
    refused = await desk.refusal(refusal_reason="06")
    assert said(await desk.decide(refused)) == ["accepted"]
    for _ in range(2):
        await desk.report()
    assert desk.portal.registrations.batches == [[(LOCAL, 1)]]
    assert desk.portal.reports.batches == [[(NUMBER, 1)]]


async def test_what_is_dispatched_to_one_agency_no_other_decides(desk: Desk) -> None:
    await desk.pull(an_item(NUMBER))
    await desk.push()
    outcome = await desk.outcome(aae017=JIYUAN)
    assert said(await desk.decide(outcome, sender=JIYUAN)) == ["outcome.unknown-application"]
    assert (await desk.case()).state is State.DISPATCHED


async def test_an_application_may_be_handled_by_another_agency_than_that_of_its_place(
    desk: Desk,
) -> None:
    await desk.pull(an_item(NUMBER))
    await desk.push()
    await assign(desk, NUMBER)
    outcome = await desk.outcome(aae017=JIYUAN, aae022="419001")
    assert said(await desk.decide(outcome, sender=JIYUAN)) == ["accepted"]
    case = await desk.case()
    assert (case.agency, case.place_division) == (JIYUAN, "410105")
    await desk.report()
    sent = orjson.loads(desk.portal.reports.taken[NUMBER, 1])
    assert (sent["aae017"], sent["aae022"]) == (JIYUAN, "419001")


async def test_who_accepted_ends_it_and_nobody_else(desk: Desk) -> None:
    desk.clock.forward(days=92)
    assert said(await desk.register(AWAY)) == ["accepted"]
    ending = {
        "application_no": None,
        "division": "419001",
        "local_serial": "JY-2026-0001",
        "acc020": "4190012026000001",
    }
    by_place = deregistration_json(**ending)
    assert said(await desk.deregister(by_place)) == ["deregistration.unknown-registration"]
    own = deregistration_json(**ending, aae017=JIYUAN)
    assert said(await desk.deregister(own, sender=JIYUAN)) == ["accepted"]
