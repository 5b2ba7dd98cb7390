"""同一人: who is registered locally and has applied through the national entry is in both cases."""

import pytest

from gateway.domain.case import State, Step
from gateway.domain.screening import Finding
from gateway.flows.fetch import case_view
from gateway.ports import PORTAL
from schemas.records.dispatches import CaseView, Dispatch
from tests.builders.extended import registration_json
from tests.builders.records import JINSHUI, JIYUAN, citizen_number
from tests.integration.flows.desk import LOCAL, Desk, an_item
from tests.integration.flows.test_registration import said

ANOTHER = citizen_number("19910307", area="419001")


@pytest.fixture
def desk(desk: Desk) -> Desk:
    """Give a desk on the day after the registrations of these tests were decided."""
    desk.clock.forward(days=2)
    return desk


async def test_an_open_application_of_the_same_person_is_linked_and_neither_is_dropped(
    desk: Desk,
) -> None:
    await desk.pull(an_item("SY1"), an_item("SY2"), an_item("SY9", aac147=ANOTHER))
    assert said(await desk.register(registration_json())) == ["accepted"]
    local = await desk.case(LOCAL)
    assert {"person.also-applied:SY1", "person.also-applied:SY2"} <= set(local.findings)
    assert (await desk.history(LOCAL))[-1].step is Step.NOTE
    for number in ("SY1", "SY2"):
        case = await desk.case(number)
        assert f"person.registered-locally:{LOCAL}" in case.findings
        assert case.state is State.ACCEPTED
    assert not any(one.startswith("person.") for one in (await desk.case("SY9")).findings)
    assert await desk.outbox_depth(PORTAL) == (1, 0)
    corrected = registration_json(result={"revision": 2})
    assert said(await desk.register(corrected)) == ["accepted"]
    assert (await desk.case(LOCAL)).findings.count("person.also-applied:SY1") == 1
    assert said(await desk.decide(await desk.outcome("SY1"))) == ["accepted"]


async def test_two_registrations_of_one_applicant_in_a_batch_are_both_linked(desk: Desk) -> None:
    await desk.pull(an_item("SY1"))
    two = [registration_json(result={"local_serial": serial}) for serial in ("L1", "L2")]
    assert said(await desk.register(*two)) == ["accepted", "accepted"]
    found = set((await desk.case("SY1")).findings)
    assert {f"person.registered-locally:419001/{one}" for one in ("L1", "L2")} <= found


async def test_links_without_end_do_not_fill_an_open_application(desk: Desk) -> None:
    await desk.pull(an_item("SY1"))
    many = [registration_json(result={"local_serial": f"L{one}"}) for one in range(25)]
    assert set(said(await desk.register(*many))) == {"accepted"}
    found = (await desk.case("SY1")).findings
    assert sum(one.startswith(Finding.REGISTERED_LOCALLY) for one in found) == 20
    assert "person.also-applied:SY1" in (await desk.case("419001/L24")).findings


async def test_an_agency_that_gets_the_application_learns_of_the_link_and_not_of_the_key(
    desk: Desk,
) -> None:
    await desk.pull(an_item("SY1"))
    await desk.register(registration_json())
    await desk.reassign("SY1", JIYUAN)
    (body,), _ = await desk.pending_dispatches(JIYUAN)
    found = Dispatch.read(body).findings
    assert "person.registered-locally" in found
    assert LOCAL.encode() not in body


async def test_what_a_link_says_of_another_case_is_shown_to_neither_agency(desk: Desk) -> None:
    serial = "%" * 40  # as long, once written, as a key can be
    numbers = [f"SY{one}{'0' * 30}" for one in range(25)]
    await desk.pull(*map(an_item, numbers))
    assert said(await desk.register(registration_json(result={"local_serial": serial}))) == [
        "accepted"
    ]
    for key, agency in ((numbers[0], JINSHUI), (f"419001/{serial}", JIYUAN)):
        seen = CaseView.read(await case_view(key, agency=agency, store=desk.store) or b"")
        assert seen.history[-1].note in {"person.registered-locally", "person.also-applied"}


async def test_registrations_of_any_lawful_day_are_taken(desk: Desk) -> None:
    for serial, day in (("OLD", "1900-01-01"), ("NEW", "2199-12-31")):
        asked = registration_json(
            result={"local_serial": serial}, submitted_at=f"{day}T12:00:00+08:00"
        )
        assert said(await desk.register(asked)) == ["accepted"]
        assert (await desk.case(f"419001/{serial}")).due_on is None
