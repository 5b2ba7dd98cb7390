"""退回部端: what is not the province's goes back; its case ends once the other side has it."""

import asyncio

import pytest

from gateway.adapters.ledger.store import open_ledger
from gateway.domain.case import State, Step
from gateway.domain.dispatch import dispatch_number
from gateway.domain.operator_acts import RETURN_PENDING, ActResult
from gateway.domain.portal_return import FORWARDED_AGAIN, RETURN_REFUSED
from gateway.errors import PeerRefused, PeerUnavailable
from gateway.flows.failpoints import Failpoint
from gateway.ports import PORTAL
from schemas.records.application_returns import (
    FORWARDED_TWICE,
    UNREADABLE_CONTENT,
    WRONG_DIVISION,
    ApplicationReturn,
)
from tests.builders.ledger import a_sealer
from tests.builders.records import JINSHUI, withdrawal_json
from tests.integration.flows.desk import NUMBER, Desk, an_item
from tests.integration.flows.operator import (
    REASON,
    assign,
    release,
    results,
    return_to_portal,
)
from tests.integration.flows.test_dispatch_return import said
from tests.support.clock import SettableClock
from tests.support.failpoints import GIVING_BACK_TO_PORTAL
from tests.support.killed import run_until_killed

SUBJECT = "tests.integration.flows.act_subject"
ELSEWHERE = "430102"
MALFORMED = b'{"kind":"application","application_no":"SY-BAD","a":1,"a":2}'


@pytest.fixture
async def misplaced(desk: Desk) -> Desk:
    """Give a desk with a case of another province, held."""
    await desk.pull(an_item(NUMBER, place_division=ELSEWHERE))
    assert (await desk.case()).hold_reason == "place.out-of-province"
    return desk


def sent(desk: Desk) -> list[ApplicationReturn]:
    """Return what the national side has taken back."""
    return [ApplicationReturn.read(body) for body in desk.portal.returns.taken.values()]


async def test_it_is_held_until_the_national_side_has_taken_it_and_ends_then(
    misplaced: Desk,
) -> None:
    before = await misplaced.case()
    assert results(await return_to_portal(misplaced, NUMBER)) == [ActResult.DONE]
    case = await misplaced.case()
    assert (case.state, case.hold_reason, case.due_on) == (
        *(State.HELD, RETURN_PENDING, before.due_on),
    )
    assert await misplaced.outbox_depth(PORTAL) == (1, 0)

    assert (await misplaced.report()).settled == 1

    assert (await misplaced.case()).state is State.RETURNED
    (record,) = sent(misplaced)
    assert (record.application_no, record.reason, record.returned_by) == (NUMBER, "1", "李敏")
    assert (await misplaced.report()).claimed == 0
    assert [entry.step for entry in await misplaced.history()] == [
        *(Step.ACCEPT, Step.HOLD, Step.RETURN),
    ]
    assert await misplaced.texts() == {2: REASON}, "what the operator wrote stays here"


async def test_done_twice_it_is_done_once(misplaced: Desk) -> None:
    first = await return_to_portal(misplaced, NUMBER, NUMBER)
    again = await return_to_portal(misplaced, NUMBER)
    assert (results(first), results(again)) == ([ActResult.DONE], [ActResult.ALREADY])
    await misplaced.report()
    assert results(await return_to_portal(misplaced, NUMBER)) == [ActResult.ALREADY]
    assert len(sent(misplaced)) == 1


async def test_two_returns_at_the_same_moment_are_one(misplaced: Desk) -> None:
    acts = await asyncio.gather(*(return_to_portal(misplaced, NUMBER) for _ in range(4)))
    assert sorted(one.result for (one,) in acts) == [*[ActResult.ALREADY] * 3, ActResult.DONE]
    assert await misplaced.outbox_depth(PORTAL) == (1, 0)


async def test_an_unanswered_return_goes_again_under_the_same_revision(misplaced: Desk) -> None:
    await return_to_portal(misplaced, NUMBER)
    misplaced.portal.returns.lost_replies.append(PeerUnavailable(PORTAL))
    await misplaced.report()
    assert (await misplaced.case()).state is State.HELD
    misplaced.clock.forward(hours=1)
    await misplaced.report()
    assert (await misplaced.case()).state is State.RETURNED
    assert len(sent(misplaced)) == 1


async def test_what_the_national_side_does_not_take_is_on_the_desk_again(misplaced: Desk) -> None:
    misplaced.portal.returns.refusals[NUMBER] = "application-return.decided"
    await return_to_portal(misplaced, NUMBER)
    assert (await misplaced.report()).parked == 1
    case = await misplaced.case()
    assert (case.state, case.hold_reason) == (State.HELD, RETURN_REFUSED)
    note = (await misplaced.history())[-1].note
    assert note == "return.refused code=application-return.decided"

    misplaced.portal.returns.refusals.clear()
    assert results(await return_to_portal(misplaced, NUMBER)) == [ActResult.DONE]
    await misplaced.report()
    assert (await misplaced.case()).state is State.RETURNED
    assert await misplaced.outbox_depth(PORTAL) == (0, 0), "the refused one is given up"


async def test_one_that_overtook_its_acknowledgement_goes_again(misplaced: Desk) -> None:
    misplaced.portal.returns.refusals[NUMBER] = "outcome.not-acknowledged"
    await return_to_portal(misplaced, NUMBER)
    relayed = await misplaced.report()
    assert (relayed.parked, relayed.postponed) == (0, 1)
    assert (await misplaced.case()).hold_reason == RETURN_PENDING


async def test_a_portal_that_does_not_offer_it_brings_it_back_to_the_desk(misplaced: Desk) -> None:
    misplaced.portal.returns.failures.append(PeerRefused(PORTAL, problem="operation.not-built"))
    await return_to_portal(misplaced, NUMBER)
    await misplaced.report()
    case = await misplaced.case()
    assert (case.state, case.hold_reason) == (State.HELD, RETURN_REFUSED)
    assert results(await assign(misplaced, NUMBER)) == [ActResult.DONE]


async def test_an_application_of_this_province_stays_here(desk: Desk) -> None:
    await desk.pull(an_item(NUMBER))
    for reason, place in (("1", None), (WRONG_DIVISION, ELSEWHERE)):
        acts = await return_to_portal(desk, NUMBER, reason=reason, belongs_to=place)
        assert results(acts) == [ActResult.BELONGS_HERE]
    assert (await desk.case()).state is State.ACCEPTED
    assert await desk.outbox_depth(PORTAL) == (0, 0)


async def test_one_that_was_dispatched_is_taken_back_first(desk: Desk) -> None:
    await desk.pull(an_item(NUMBER), an_item("SY2"))
    await desk.push()
    outcome, returned = await desk.outcome(), await desk.return_of()
    await return_to_portal(desk, NUMBER, reason=FORWARDED_TWICE)
    case = await desk.case()
    assert (case.agency, case.dispatch_no) == (None, None)
    assert said(await desk.decide(outcome)) == ["outcome.superseded-dispatch"]
    assert said(await desk.give_back(returned)) == ["outcome.superseded-dispatch"]
    assert (await desk.case("SY2")).state is State.DISPATCHED


async def test_a_dispatch_that_was_not_sent_yet_is_sent_no_more(desk: Desk) -> None:
    await desk.pull(an_item(NUMBER))
    await return_to_portal(desk, NUMBER, reason=FORWARDED_TWICE)
    assert (await desk.push()).claimed == 0
    assert await desk.outbox_depth(JINSHUI) == (0, 0)


async def test_while_it_goes_back_it_is_neither_assigned_nor_released(misplaced: Desk) -> None:
    await return_to_portal(misplaced, NUMBER)
    assert results(await assign(misplaced, NUMBER)) == [ActResult.GOING_BACK]
    (released,) = await release(misplaced, NUMBER)
    assert released.result.value == "still-held"
    assert (await misplaced.case()).hold_reason == RETURN_PENDING


async def test_a_withdrawal_meanwhile_ends_it_and_nothing_goes_back(misplaced: Desk) -> None:
    await return_to_portal(misplaced, NUMBER)
    await misplaced.pull(withdrawal_json())
    assert (await misplaced.case()).state is State.WITHDRAWN
    assert (await misplaced.report()).claimed == 0
    assert results(await return_to_portal(misplaced, NUMBER)) == [ActResult.CLOSED]


async def test_a_withdrawal_that_crosses_the_return_stands(misplaced: Desk) -> None:
    await return_to_portal(misplaced, NUMBER)
    misplaced.portal.returns.lost_replies.append(PeerUnavailable(PORTAL))
    await misplaced.report()
    await misplaced.pull(withdrawal_json())
    misplaced.clock.forward(hours=1)
    await misplaced.report()
    assert (await misplaced.case()).state is State.WITHDRAWN


# 再次转来: it came again


async def test_what_comes_again_after_it_went_back_waits_at_the_desk(misplaced: Desk) -> None:
    await return_to_portal(misplaced, NUMBER)
    await misplaced.report()
    misplaced.portal.offer_again()
    again = an_item(NUMBER, place_division=ELSEWHERE, forwarded_at="2026-03-02T15:00:00+08:00")
    misplaced.portal.feed[:] = [again]
    await misplaced.pull()
    case = await misplaced.case()
    assert (case.state, case.hold_reason) == (State.HELD, FORWARDED_AGAIN)
    assert NUMBER in misplaced.portal.numbers, "acknowledged: the desk has it"
    assert results(await assign(misplaced, NUMBER)) == [ActResult.DONE]
    misplaced.portal.offer_again()
    await misplaced.pull()
    assert (await misplaced.case()).state is State.ACCEPTED, "a mere repeat moves nothing"


async def test_the_very_same_that_comes_again_after_it_went_back_waits_too(
    misplaced: Desk,
) -> None:
    await return_to_portal(misplaced, NUMBER)
    await misplaced.report()
    misplaced.portal.offer_again()
    await misplaced.pull()
    assert (await misplaced.case()).hold_reason == FORWARDED_AGAIN


async def test_a_repeat_while_it_goes_back_changes_nothing(misplaced: Desk) -> None:
    await return_to_portal(misplaced, NUMBER)
    misplaced.portal.offer_again()
    await misplaced.pull()
    assert (await misplaced.case()).hold_reason == RETURN_PENDING
    await misplaced.report()
    assert (await misplaced.case()).state is State.RETURNED


async def test_what_is_forwarded_anew_before_the_receipt_came_is_not_ended_by_it(
    misplaced: Desk,
) -> None:
    await return_to_portal(misplaced, NUMBER)
    misplaced.portal.returns.lost_replies.append(PeerUnavailable(PORTAL))
    await misplaced.report()
    misplaced.portal.offer_again()
    again = an_item(NUMBER, place_division=ELSEWHERE, forwarded_at="2026-03-02T15:00:00+08:00")
    misplaced.portal.feed[:] = [again]
    await misplaced.pull()
    misplaced.clock.forward(hours=1)
    await misplaced.report()
    case = await misplaced.case()
    assert (case.state, case.hold_reason) == (State.HELD, FORWARDED_AGAIN)


async def test_what_could_not_be_read_goes_back_and_its_readable_copy_goes_on(desk: Desk) -> None:
    await desk.pull(MALFORMED)
    key = "SY-BAD"
    assert results(await return_to_portal(desk, key)) == [ActResult.UNFIT_REASON]
    acts = await return_to_portal(desk, key, reason=UNREADABLE_CONTENT)
    assert results(acts) == [ActResult.DONE]
    await desk.report()
    assert (await desk.case(key)).state is State.RETURNED
    desk.portal.offer_again()
    desk.portal.feed[:] = [an_item(key)]
    await desk.pull()
    case = await desk.case(key)
    assert (case.state, case.dispatch_no) == (State.ACCEPTED, dispatch_number(key, 1))
    assert await desk.outbox_depth(JINSHUI) == (1, 0)


async def test_an_unreadable_copy_that_comes_again_waits_at_the_desk(desk: Desk) -> None:
    await desk.pull(MALFORMED)
    await return_to_portal(desk, "SY-BAD", reason=UNREADABLE_CONTENT)
    await desk.report()
    desk.portal.offer_again()
    await desk.pull()
    case = await desk.case("SY-BAD")
    assert (case.state, case.hold_reason) == (State.HELD, FORWARDED_AGAIN)
    acts = await return_to_portal(desk, "SY-BAD", reason=UNREADABLE_CONTENT)
    assert results(acts) == [ActResult.DONE]


async def test_a_readable_copy_before_the_return_went_out_takes_it_back(desk: Desk) -> None:
    await desk.pull(MALFORMED)
    await return_to_portal(desk, "SY-BAD", reason=UNREADABLE_CONTENT)
    desk.portal.offer_again()
    desk.portal.feed[:] = [an_item("SY-BAD")]
    await desk.pull()
    assert (await desk.case("SY-BAD")).state is State.ACCEPTED
    assert (await desk.report()).claimed == 0


async def test_unknown_and_ended_cases_are_said(misplaced: Desk) -> None:
    await misplaced.pull(an_item("SY2"))
    await misplaced.push()
    await misplaced.decide(await misplaced.outcome("SY2"))
    assert results(await return_to_portal(misplaced, "SY2", "SY404")) == [
        *(ActResult.CLOSED, ActResult.UNKNOWN),
    ]


@pytest.mark.parametrize("at", GIVING_BACK_TO_PORTAL)
async def test_a_return_killed_before_its_commit_is_none_and_after_it_is_whole(
    at: Failpoint, url: str, clock: SettableClock
) -> None:
    # Given two cases that are not the province's
    desk = Desk(open_ledger(url, sealer=a_sealer(), now=clock), clock)
    numbers = (NUMBER, "SY2")
    await desk.pull(*(an_item(number, place_division=ELSEWHERE) for number in numbers))
    await desk.store.close()

    # When the process in which an operator returns them is killed at this failpoint
    await run_until_killed(SUBJECT, url, at, "return", *numbers)

    # Then before the commit nothing has happened, after it everything, and a repeat makes it whole
    desk.store = open_ledger(url, sealer=a_sealer(), now=clock)
    whole = at is Failpoint.PORTAL_RETURN_STORED
    assert await desk.outbox_depth(PORTAL) == ((2, 0) if whole else (0, 0))
    assert [len(await desk.texts(number)) for number in numbers] == [int(whole)] * 2
    await return_to_portal(desk, *numbers)
    assert [len(await desk.history(number)) for number in numbers] == [2, 2]
    await desk.report()
    assert (await desk.figures()).states == {"RETURNED": 2}
    assert len(sent(desk)) == 2
    await desk.store.close()
