"""拉取: offered until acknowledged, complete, and to nobody but the agency they are for."""

import pytest

from gateway.domain.case import State
from gateway.domain.dispatch import dispatch_number
from gateway.flows import fetch
from schemas.records.dispatches import REASSIGNED, CaseView, Dispatch
from schemas.records.receipts import ItemStatus, Receipt
from tests.builders.records import JINSHUI, JIYUAN, MOBILE, NAME, an_application, withdrawal_json
from tests.integration.flows.desk import AT_JIYUAN, NUMBER, Desk, an_item

FIRST = dispatch_number(NUMBER, 1)


@pytest.fixture
async def fetching(desk: Desk) -> Desk:
    """Give a desk with three dispatches for 济源市, which fetches, and one for 金水区."""
    await desk.pull(an_item(NUMBER, **AT_JIYUAN))
    desk.clock.forward(seconds=1)
    await desk.pull(an_item("SY2", **AT_JIYUAN), an_item("SY-PUSH"))
    desk.clock.forward(seconds=1)
    await desk.pull(an_item("SY3", **AT_JIYUAN))
    return desk


async def test_dispatches_are_offered_complete_and_oldest_first(fetching: Desk) -> None:
    bodies, more = await fetching.pending_dispatches()
    dispatches = [Dispatch.read(body) for body in bodies]
    assert [one.application.application_no for one in dispatches] == [NUMBER, "SY2", "SY3"]
    assert dispatches[0].application == an_application(**AT_JIYUAN)
    assert {one.agency_code for one in dispatches} == {JIYUAN}
    assert not more


async def test_an_offer_says_whether_more_wait(fetching: Desk) -> None:
    bodies, more = await fetching.pending_dispatches(limit=2)
    assert (len(bodies), more) == (2, True)
    bodies, more = await fetching.pending_dispatches(limit=3)
    assert (len(bodies), more) == (3, False)


async def test_what_is_not_acknowledged_comes_again(fetching: Desk) -> None:
    first = await fetching.pending_dispatches()
    fetching.clock.forward(days=1)
    assert await fetching.pending_dispatches() == first
    assert (await fetching.case()).state is State.ACCEPTED


async def test_what_is_acknowledged_is_offered_no_more_and_its_case_dispatched(
    fetching: Desk,
) -> None:
    (answer,) = await fetching.acknowledge(FIRST)
    assert answer.status is ItemStatus.ACCEPTED
    receipt = Receipt.read(answer.receipt or b"")
    assert (receipt.key, receipt.kind) == (FIRST, "dispatch")
    assert len((await fetching.pending_dispatches())[0]) == 2
    assert (await fetching.case()).state is State.DISPATCHED
    assert (await fetching.case("SY2")).state is State.ACCEPTED


async def test_a_repeated_acknowledgement_gets_the_first_receipt(fetching: Desk) -> None:
    (first,) = await fetching.acknowledge(FIRST)
    fetching.clock.forward(hours=5)
    (again,) = await fetching.acknowledge(FIRST)
    assert (again.status, again.receipt) == (ItemStatus.DUPLICATE, first.receipt)
    assert len(await fetching.history()) == 2


async def test_a_dispatch_acknowledged_twice_in_one_batch_is_settled_once(fetching: Desk) -> None:
    first, second = await fetching.acknowledge(FIRST, FIRST)
    assert first.receipt == second.receipt
    assert len(await fetching.history()) == 2


@pytest.mark.parametrize(
    "number", [dispatch_number("SY-PUSH", 1), dispatch_number(NUMBER, 2), "D0-1"]
)
async def test_a_number_that_does_not_wait_for_the_agency_is_refused(
    fetching: Desk, number: str
) -> None:
    good, refused = await fetching.acknowledge(FIRST, number)
    assert good.status is ItemStatus.ACCEPTED
    assert refused.refused is not None
    assert refused.refused.code == "dispatch.unknown"
    assert (await fetching.case("SY-PUSH")).state is State.ACCEPTED


async def test_another_agency_is_offered_nothing_and_can_acknowledge_nothing(
    fetching: Desk,
) -> None:
    other = "410182-01"
    assert await fetching.pending_dispatches(other) == ([], False)
    (answer,) = await fetching.acknowledge(FIRST, agency=other)
    assert answer.status is ItemStatus.REFUSED
    assert len((await fetching.pending_dispatches())[0]) == 3


async def test_a_withdrawn_case_is_offered_no_more(fetching: Desk) -> None:
    await fetching.pull(withdrawal_json())
    numbers = [Dispatch.read(body).dispatch_no for body in (await fetching.pending_dispatches())[0]]
    assert FIRST not in numbers
    (answer,) = await fetching.acknowledge(FIRST)
    assert answer.status is ItemStatus.REFUSED
    assert (await fetching.case()).state is State.WITHDRAWN


async def test_an_acknowledgement_after_the_decision_changes_nothing(fetching: Desk) -> None:
    await fetching.decide(await fetching.outcome(), sender=JIYUAN)
    (answer,) = await fetching.acknowledge(FIRST)
    assert answer.status is ItemStatus.ACCEPTED
    assert (await fetching.case()).state is State.DECIDED
    assert len((await fetching.pending_dispatches())[0]) == 2


async def test_after_a_reassignment_the_old_dispatch_is_offered_no_more(fetching: Desk) -> None:
    await fetching.reassign(agency=JINSHUI)
    assert len((await fetching.pending_dispatches())[0]) == 2
    (answer,) = await fetching.acknowledge(FIRST)
    assert answer.status is ItemStatus.REFUSED


async def test_a_case_is_shown_to_its_agency_only(fetching: Desk) -> None:
    await fetching.acknowledge(FIRST)
    body = await fetch.case_view(NUMBER, agency=JIYUAN, store=fetching.store)
    assert body is not None
    view = CaseView.read(body)
    assert (view.state, view.dispatch_no, view.revision) == ("DISPATCHED", FIRST, 0)
    assert [step.step for step in view.history] == ["accept", "deliver"]
    assert NAME not in body.decode()
    assert MOBILE not in body.decode()
    for agency, number in ((JINSHUI, NUMBER), (JIYUAN, "SY-PUSH"), (JIYUAN, "UNKNOWN")):
        assert await fetch.case_view(number, agency=agency, store=fetching.store) is None


async def test_after_a_reassignment_a_case_is_shown_to_the_new_agency(fetching: Desk) -> None:
    await fetching.reassign(agency=JINSHUI)
    states = []
    for agency in (JIYUAN, JINSHUI):
        seen = await fetch.case_view(NUMBER, agency=agency, store=fetching.store)
        states.append(None if seen is None else CaseView.read(seen).state)
    assert states == [REASSIGNED, "ACCEPTED"]


async def test_every_held_case_can_be_shown(desk: Desk) -> None:
    await desk.pull(an_item(NUMBER))
    desk.agency.inbox.refusals[FIRST] = "message.invalid"
    await desk.push()
    body = await fetch.case_view(NUMBER, agency=JINSHUI, store=desk.store)
    assert body is not None
    assert CaseView.read(body).history[-1].note == "message.invalid"
