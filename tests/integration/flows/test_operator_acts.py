"""经手: an operator reassigns, holds and annotates; each act once, whatever happens in between."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import pytest

from gateway.adapters.ledger.store import open_ledger
from gateway.domain.case import State, Step
from gateway.domain.dispatch import dispatch_number
from gateway.domain.operator_acts import HELD_BY_OPERATOR, ActResult
from gateway.flows.failpoints import Failpoint
from gateway.flows.relay import relay_dispatches
from schemas.records.dispatches import Dispatch
from schemas.records.receipts import ItemResult
from tests.builders.ledger import a_sealer
from tests.builders.records import JINSHUI, JIYUAN, application_json, withdrawal_json
from tests.integration.flows.desk import NUMBER, Desk, an_item
from tests.integration.flows.operator import (
    ACTS,
    REASON,
    annotate,
    assign,
    hold,
    release,
    results,
)
from tests.integration.flows.test_dispatch_return import said
from tests.support.clock import SettableClock
from tests.support.failpoints import ACTING
from tests.support.killed import run_until_killed

SUBJECT = "tests.integration.flows.act_subject"
DONE = {
    Failpoint.ASSIGN_STORED: {"ACCEPTED": 2},
    Failpoint.HOLD_STORED: {"HELD": 2},
}
"""How the cases stand after an act that moves them; the others leave them where they are."""


@pytest.fixture
async def at_agency(desk: Desk) -> Desk:
    """Give a desk with two cases that are with 金水区."""
    await desk.pull(an_item(NUMBER), an_item("SY2"))
    await desk.push()
    return desk


# 改派: what giving a case to another agency does


async def test_a_reassigned_case_goes_to_the_other_agency_under_a_new_number(
    at_agency: Desk,
) -> None:
    before = await at_agency.case()
    at_agency.clock.forward(hours=1)

    (act,) = await assign(at_agency, NUMBER)

    assert act.result is ActResult.DONE
    case = await at_agency.case()
    assert (case.state, case.agency) == (State.ACCEPTED, JIYUAN)
    assert case.dispatch_no == dispatch_number(NUMBER, 2)
    assert case.due_on == before.due_on  # the clock never stopped
    entry = (await at_agency.history())[-1]
    assert (entry.step, entry.actor, entry.at) == (Step.ASSIGN, "operator:李敏", at_agency.clock())
    assert entry.note == f"case.assigned to={JIYUAN} from={JINSHUI}"
    assert await at_agency.texts() == {entry.seq: REASON}
    (body,), more = await at_agency.pending_dispatches()
    dispatch = Dispatch.read(body)
    assert (dispatch.dispatch_no, more) == (case.dispatch_no, False)
    assert (dispatch.routed_by.rule, dispatch.routed_by.matched_division) == ("operator", "419001")


async def test_a_dispatch_that_was_not_sent_yet_is_sent_no_more(desk: Desk) -> None:
    await desk.pull(an_item(NUMBER))
    await assign(desk, NUMBER)
    assert (await desk.push()).claimed == 0
    assert await desk.outbox_depth(JINSHUI) == (0, 0)


async def test_what_comes_under_the_old_number_is_refused(at_agency: Desk) -> None:
    outcome, returned = await at_agency.outcome(), await at_agency.return_of()
    await assign(at_agency, NUMBER)
    assert said(await at_agency.decide(outcome)) == ["outcome.superseded-dispatch"]
    assert said(await at_agency.give_back(returned)) == ["outcome.superseded-dispatch"]
    fresh = await at_agency.outcome()
    assert said(await at_agency.decide(fresh, sender=JIYUAN)) == ["accepted"]


async def test_a_case_that_was_returned_or_has_no_agency_can_be_assigned(desk: Desk) -> None:
    await desk.pull(an_item(NUMBER), an_item("SY2", place_division="410202"))
    await desk.give_back(await desk.return_of())
    assert {(await desk.case(key)).state for key in (NUMBER, "SY2")} == {State.HELD}
    assert results(await assign(desk, NUMBER, "SY2")) == [ActResult.DONE] * 2
    cases = [await desk.case(key) for key in (NUMBER, "SY2")]
    assert [(one.agency, one.dispatches, one.hold_reason) for one in cases] == [
        (JIYUAN, 2, None),
        (JIYUAN, 1, None),
    ]
    assert (await desk.history("SY2"))[-1].note == f"case.assigned to={JIYUAN}"


async def test_a_case_goes_back_and_forth_under_a_number_of_its_own_each_time(
    at_agency: Desk,
) -> None:
    for ordinal, agency in enumerate((JIYUAN, JINSHUI, JIYUAN), start=2):
        await assign(at_agency, NUMBER, to=agency)
        case = await at_agency.case()
        assert (case.agency, case.dispatch_no) == (agency, dispatch_number(NUMBER, ordinal))
    assert await at_agency.outbox_depth(JINSHUI) == (0, 0)
    assert await at_agency.outbox_depth(JIYUAN) == (1, 0)


async def test_a_second_assignment_changes_nothing(at_agency: Desk) -> None:
    first = await assign(at_agency, NUMBER, NUMBER)
    history = await at_agency.history()
    assert results(first) == [ActResult.DONE]
    assert results(await assign(at_agency, NUMBER)) == [ActResult.ALREADY]
    assert await at_agency.history() == history
    assert len((await at_agency.pending_dispatches())[0]) == 1


async def test_two_assignments_at_the_same_moment_dispatch_the_case_once(at_agency: Desk) -> None:
    acts = await asyncio.gather(*(assign(at_agency, NUMBER) for _ in range(4)))
    assert sorted(one.result for (one,) in acts) == [*[ActResult.ALREADY] * 3, ActResult.DONE]
    assert (await at_agency.case()).dispatches == 2


@dataclass(frozen=True)
class SlowAgency:
    """An agency's system that gives its receipt for a push only after `meanwhile` was done."""

    desk: Desk
    meanwhile: Callable[[], Awaitable[object]]

    async def deliver(self, dispatches: Sequence[bytes]) -> tuple[ItemResult, ...]:
        """Have something done, then answer the push."""
        await self.meanwhile()
        return await self.desk.agency.deliver(dispatches)


async def test_a_reassignment_crosses_a_push_whose_receipt_then_changes_nothing(
    desk: Desk,
) -> None:
    await desk.pull(an_item(NUMBER))
    system = SlowAgency(desk, lambda: assign(desk, NUMBER))
    relayed = await relay_dispatches(
        JINSHUI, system, store=desk.store, now=desk.clock, jitter=desk.jitter
    )
    assert (relayed.claimed, relayed.settled) == (1, 0)
    case = await desk.case()
    assert (case.state, case.agency) == (State.ACCEPTED, JIYUAN)
    assert said(await desk.acknowledge(dispatch_number(NUMBER, 2))) == ["accepted"]
    assert (await desk.case()).state is State.DISPATCHED


@pytest.mark.parametrize("first", ["outcome", "return"])
async def test_of_a_reassignment_and_what_the_old_agency_says_at_the_same_moment_one_holds(
    desk: Desk, first: str
) -> None:
    numbers = [f"SY{ordinal}" for ordinal in range(12)]
    await desk.pull(*map(an_item, numbers))
    await desk.push()
    sent = [
        await (desk.outcome(key) if first == "outcome" else desk.return_of(key)) for key in numbers
    ]
    take = desk.decide if first == "outcome" else desk.give_back

    async def both(key: str, content: bytes) -> tuple[ActResult, str]:
        ((act,), answers) = await asyncio.gather(assign(desk, key), take(content))
        return act.result, said(answers)[0]

    for key, (result, answer) in zip(
        numbers, await asyncio.gather(*map(both, numbers, sent)), strict=True
    ):
        case = await desk.case(key)
        if first == "return":  # whichever came first, the case is with the new agency
            assert result is ActResult.DONE
            assert case.agency == JIYUAN
        elif answer == "accepted":
            assert (result, case.state, case.agency) == (ActResult.CLOSED, State.DECIDED, JINSHUI)
        else:
            assert (result, answer) == (ActResult.DONE, "outcome.superseded-dispatch")
            assert (case.state, case.agency, case.revision) == (State.ACCEPTED, JIYUAN, 0)


# 挂起: what holding a case does


async def test_a_held_case_waits_for_a_person_with_the_reason(at_agency: Desk) -> None:
    before = await at_agency.case()
    assert results(await hold(at_agency, NUMBER)) == [ActResult.DONE]
    case = await at_agency.case()
    assert (case.state, case.hold_reason) == (State.HELD, HELD_BY_OPERATOR)
    assert (case.agency, case.dispatch_no, case.due_on) == (
        before.agency,
        before.dispatch_no,
        before.due_on,
    )
    entry = (await at_agency.history())[-1]
    assert (entry.actor, entry.note) == ("operator:李敏", HELD_BY_OPERATOR)
    assert await at_agency.texts() == {entry.seq: REASON}


async def test_a_second_hold_changes_nothing_and_takes_no_other_reason_away(desk: Desk) -> None:
    await desk.pull(an_item(NUMBER), an_item("SY2", place_division="410202"))
    assert results(await hold(desk, NUMBER, NUMBER)) == [ActResult.DONE]
    assert results(await hold(desk, NUMBER, "SY2")) == [ActResult.ALREADY] * 2
    assert len(await desk.history()) == 2
    assert (await desk.case("SY2")).hold_reason == "place.no-agency"


async def test_the_agency_may_decide_a_case_that_is_held_meanwhile(at_agency: Desk) -> None:
    await hold(at_agency, NUMBER)
    assert said(await at_agency.decide(await at_agency.outcome())) == ["accepted"]
    case = await at_agency.case()
    assert (case.state, case.hold_reason) == (State.DECIDED, None)


@pytest.mark.parametrize("sent", ["before", "meanwhile", "afterwards"])
async def test_a_release_goes_on_with_the_same_dispatch_wherever_it_is(
    desk: Desk, sent: str
) -> None:
    await desk.pull(an_item(NUMBER))
    if sent == "before":
        await desk.push()
    await hold(desk, NUMBER)
    if sent == "meanwhile":
        await desk.push()
    await release(desk, NUMBER)
    if sent == "afterwards":
        assert (await desk.case()).state is State.ACCEPTED
        await desk.push()
    case = await desk.case()
    assert (case.state, case.dispatch_no) == (State.DISPATCHED, dispatch_number(NUMBER, 1))
    assert list(desk.agency.inbox.taken) == [(dispatch_number(NUMBER, 1), 1)]
    assert (await desk.push()).claimed == 0
    assert said(await desk.decide(await desk.outcome())) == ["accepted"]


# 备注: what writing about a case does


async def test_an_annotation_stands_in_the_history_and_moves_nothing(at_agency: Desk) -> None:
    before = await at_agency.case()
    (act,) = await annotate(at_agency, NUMBER, text="已电话核实 13800000000\n本人确认")
    assert act.result is ActResult.DONE
    case, entry = await at_agency.case(), (await at_agency.history())[-1]
    assert (case.state, case.dispatch_no) == (before.state, before.dispatch_no)
    assert (entry.step, entry.actor) == (Step.NOTE, "operator:李敏")
    assert await at_agency.texts() == {entry.seq: "已电话核实 *********** 本人确认"}


async def test_the_same_words_are_written_once_and_others_beside_them(at_agency: Desk) -> None:
    first, second = "已电话核实", "本人外出"
    for text in (first, second, first, second):
        await annotate(at_agency, NUMBER, text=text)
    assert list((await at_agency.texts()).values()) == [first, second]
    assert results(await annotate(at_agency, NUMBER, text=first)) == [ActResult.ALREADY]


async def test_what_has_ended_is_annotated_all_the_same(at_agency: Desk) -> None:
    await at_agency.decide(await at_agency.outcome())
    await at_agency.report()
    assert results(await annotate(at_agency, NUMBER)) == [ActResult.DONE]
    assert (await at_agency.case()).state is State.REPORTED


# All of them


async def test_what_has_ended_cannot_be_read_or_is_unknown_is_said(at_agency: Desk) -> None:
    await at_agency.pull(withdrawal_json(), application_json(application_no="SY-BAD", aac003=None))
    await at_agency.decide(await at_agency.outcome("SY2"))
    keys = (NUMBER, "SY2", "SY-BAD", "SY404")
    closed = [ActResult.CLOSED] * 2
    assert results(await assign(at_agency, *keys)) == [
        *closed,
        ActResult.UNREADABLE,
        ActResult.UNKNOWN,
    ]
    assert results(await hold(at_agency, *keys)) == [
        *closed,
        ActResult.ALREADY,
        ActResult.UNKNOWN,
    ]
    assert results(await annotate(at_agency, "SY404")) == [ActResult.UNKNOWN]
    assert (await at_agency.figures()).held == {"application.unreadable": 1}


@pytest.mark.parametrize("at", ACTING)
async def test_an_act_killed_before_its_commit_is_none_and_after_it_is_whole(
    at: Failpoint,
    url: str,
    clock: SettableClock,
) -> None:
    # Given two cases with an agency
    desk = Desk(open_ledger(url, sealer=a_sealer(), now=clock), clock)
    numbers = (NUMBER, "SY2")
    await desk.pull(*map(an_item, numbers))
    await desk.push()
    await desk.store.close()

    # When the process in which an operator acts is killed at this failpoint
    name, _, when = at.value.partition("-")
    await run_until_killed(SUBJECT, url, at, name, *numbers)

    # Then before the commit nothing has happened, after it everything, and a repeat makes it whole
    desk.store = open_ledger(url, sealer=a_sealer(), now=clock)
    whole = when == "stored"
    assert (await desk.figures()).states == DONE.get(at, {"DISPATCHED": 2})
    assert [len(await desk.texts(number)) for number in numbers] == [int(whole)] * 2
    await ACTS[name](desk, *numbers, hook=lambda _: None)
    assert [len(await desk.history(number)) for number in numbers] == [3, 3]
    assert [len(await desk.texts(number)) for number in numbers] == [1, 1]
    assert len((await desk.pending_dispatches())[0]) == (2 if name == "assign" else 0)
    await desk.store.close()
