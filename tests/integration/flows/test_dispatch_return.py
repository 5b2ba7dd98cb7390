"""退回: a dispatch that an agency returns waits on the desk's queue, whatever crosses it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from gateway.adapters.ledger.store import open_ledger
from gateway.domain.case import State, Step
from gateway.domain.dispatch import dispatch_number
from gateway.domain.item_answer import ItemAnswer
from gateway.domain.release import ReleaseResult
from gateway.domain.return_rules import GIVEN_BACK
from gateway.flows.failpoints import Failpoint
from gateway.flows.relay import relay_dispatches
from gateway.flows.release import release_held
from schemas.records.canonical_form import content_digest
from schemas.records.receipts import ItemResult, ItemStatus, Receipt
from schemas.records.returns import DispatchReturn
from tests.builders.extended import return_json
from tests.builders.ledger import a_sealer
from tests.builders.records import JINSHUI, JIYUAN, as_json, withdrawal_json
from tests.integration.flows.desk import AT_JIYUAN, NUMBER, Desk, an_item
from tests.support.clock import SettableClock
from tests.support.failpoints import GIVING_BACK
from tests.support.killed import run_until_killed

SUBJECT = "tests.integration.flows.return_subject"


def said(answers: tuple[ItemAnswer, ...]) -> list[str]:
    """Return each answer's status, or the code of its refusal."""
    return [one.refused.code if one.refused else one.status.value for one in answers]


@dataclass(frozen=True)
class ReturningAgency:
    """An agency's system that returns a dispatch before it gives its receipt for the push."""

    desk: Desk
    returned: bytes

    async def deliver(self, dispatches: Sequence[bytes]) -> tuple[ItemResult, ...]:
        """Return the dispatch, then answer the push."""
        assert said(await self.desk.give_back(self.returned)) == ["accepted"]
        return await self.desk.agency.deliver(dispatches)


@pytest.fixture
async def at_agency(desk: Desk) -> Desk:
    """Give a desk with two cases that are with 金水区."""
    await desk.pull(an_item(NUMBER), an_item("SY2"))
    await desk.push()
    return desk


async def test_a_returned_dispatch_holds_its_case_with_reason_place_and_note(
    at_agency: Desk,
) -> None:
    before = await at_agency.case()
    at_agency.clock.forward(hours=1)
    sent = await at_agency.return_of(note="住址在中原区，电话 13800000000")

    (answer,) = await at_agency.give_back(sent)

    receipt = Receipt.read(answer.receipt or b"")
    assert (receipt.key, receipt.kind, receipt.revision) == (before.dispatch_no, "return", 1)
    assert receipt.digest == content_digest(DispatchReturn.read(sent))
    case = await at_agency.case()
    assert (case.state, case.hold_reason) == (State.HELD, GIVEN_BACK)
    assert (case.agency, case.dispatch_no) == (None, None)
    assert case.due_on == before.due_on  # its clock runs on
    entry = (await at_agency.history())[-1]
    assert (entry.step, entry.actor, entry.at) == (Step.HOLD, JINSHUI, at_agency.clock())
    assert entry.note == "dispatch.returned reason=1 belongs_to=410102"
    assert await at_agency.texts() == {entry.seq: "住址在中原区，电话 ***********"}
    assert (await at_agency.figures()).held == {GIVEN_BACK: 1}


async def test_a_dispatch_may_be_returned_before_its_receipt_is_here(desk: Desk) -> None:
    await desk.pull(an_item(NUMBER))
    assert said(await desk.give_back(await desk.return_of())) == ["accepted"]
    assert await desk.outbox_depth(JINSHUI) == (0, 0)
    assert (await desk.push()).claimed == 0


async def test_a_return_crosses_a_push_whose_receipt_then_changes_nothing(desk: Desk) -> None:
    # Given a push on its way: the agency answers only after its return is in
    await desk.pull(an_item(NUMBER))
    system = ReturningAgency(desk, await desk.return_of())
    relayed = await relay_dispatches(
        JINSHUI, system, store=desk.store, now=desk.clock, jitter=desk.jitter
    )

    assert (relayed.claimed, relayed.settled) == (1, 0)
    case = await desk.case()
    assert (case.state, case.hold_reason) == (State.HELD, GIVEN_BACK)
    assert [entry.step for entry in await desk.history()] == [Step.ACCEPT, Step.HOLD]
    (message,) = await desk.messages()
    assert message.ended_as == "cancelled"


async def test_a_dispatch_that_is_fetched_is_offered_no_more_once_it_is_returned(
    desk: Desk,
) -> None:
    await desk.pull(an_item(NUMBER, **AT_JIYUAN))
    assert len((await desk.pending_dispatches())[0]) == 1
    assert said(await desk.give_back(await desk.return_of(), sender=JIYUAN)) == ["accepted"]
    assert await desk.pending_dispatches() == ([], False)
    late = await desk.acknowledge(dispatch_number(NUMBER, 1))
    assert said(late) == ["outcome.superseded-dispatch"]
    assert (await desk.case()).state is State.HELD


async def test_a_second_return_gets_the_first_receipt_byte_for_byte(at_agency: Desk) -> None:
    sent = await at_agency.return_of()
    (first,) = await at_agency.give_back(sent)
    history = await at_agency.history()
    spelled = as_json(dict(reversed(json.loads(sent).items())))
    for again_sent in (sent, spelled):
        at_agency.clock.forward(hours=1)
        (again,) = await at_agency.give_back(again_sent)
        assert (again.status, again.receipt) == (ItemStatus.DUPLICATE, first.receipt)
    await at_agency.reassign()
    (late,) = await at_agency.give_back(sent)
    assert (late.status, late.receipt) == (ItemStatus.DUPLICATE, first.receipt)
    assert (await at_agency.history())[:-1] == history


async def test_the_same_dispatch_twice_in_one_batch_is_returned_once(at_agency: Desk) -> None:
    sent = await at_agency.return_of()
    first, again = await at_agency.give_back(sent, sent)
    assert said((first, again)) == ["accepted", "duplicate"]
    assert first.receipt == again.receipt


async def test_other_content_about_the_same_dispatch_is_a_conflict_and_kept(
    at_agency: Desk,
) -> None:
    first, other = await at_agency.return_of(), await at_agency.return_of(reason="2")
    await at_agency.give_back(first)
    assert said(await at_agency.give_back(other, other)) == ["return.conflict"] * 2
    kept = [(row.key, row.source, row.reason) for row in await at_agency.quarantined()]
    assert kept == [(NUMBER, JINSHUI, "return.conflict")]
    assert (await at_agency.history())[-1].note == "dispatch.returned reason=1 belongs_to=410102"


async def test_a_dispatch_that_is_not_the_senders_answers_as_one_that_is_not_there(
    at_agency: Desk,
) -> None:
    number = dispatch_number(NUMBER, 1)
    theirs = await at_agency.return_of()
    answers = [
        *await at_agency.give_back(theirs, sender=JIYUAN),
        *await at_agency.give_back(return_json(application_no="SY404"), sender=JIYUAN),
        *await at_agency.give_back(await at_agency.return_of(dispatch_no="D0-1")),
        *await at_agency.give_back(await at_agency.return_of("SY2", dispatch_no=number)),
        *await at_agency.give_back(
            await at_agency.return_of(dispatch_no=dispatch_number(NUMBER, 2))
        ),
    ]
    assert {one.refused.code for one in answers if one.refused} == {"dispatch.unknown"}
    assert len(answers) == 5
    assert {(await at_agency.case(key)).state for key in (NUMBER, "SY2")} == {State.DISPATCHED}


async def test_a_dispatch_that_was_reassigned_cannot_be_returned(at_agency: Desk) -> None:
    late = await at_agency.return_of()
    await at_agency.reassign()
    assert said(await at_agency.give_back(late)) == ["outcome.superseded-dispatch"]
    case = await at_agency.case()
    assert (case.state, case.agency) == (State.ACCEPTED, JIYUAN)
    assert said(await at_agency.give_back(await at_agency.return_of(), sender=JIYUAN)) == [
        "accepted"
    ]


async def test_a_return_that_does_not_name_its_application_is_taken_while_it_is_undecided(
    at_agency: Desk,
) -> None:
    first = await at_agency.return_of(application_no=None)
    second = await at_agency.return_of("SY2", application_no=None)
    assert said(await at_agency.give_back(first, sender=JIYUAN)) == ["dispatch.unknown"]
    assert said(await at_agency.give_back(first)) == ["accepted"]
    assert (await at_agency.case()).hold_reason == GIVEN_BACK
    assert said(await at_agency.give_back(first)) == ["duplicate"]
    other = await at_agency.return_of(dispatch_no=dispatch_number(NUMBER, 1), reason="2")
    assert said(await at_agency.give_back(other)) == ["return.conflict"]
    assert [row.key for row in await at_agency.quarantined()] == [NUMBER]

    await at_agency.reassign("SY2")
    assert said(await at_agency.give_back(second)) == ["outcome.superseded-dispatch"]
    await at_agency.decide(await at_agency.outcome("SY2"), sender=JIYUAN)
    decided = await at_agency.return_of("SY2", application_no=None)
    assert said(await at_agency.give_back(decided, sender=JIYUAN)) == ["dispatch.unknown"]


async def test_what_was_decided_or_withdrawn_is_not_given_back(at_agency: Desk) -> None:
    decided, withdrawn = await at_agency.return_of(), await at_agency.return_of("SY2")
    await at_agency.decide(await at_agency.outcome())
    await at_agency.pull(withdrawal_json(application_no="SY2"))
    codes = ["case.illegal-step", "case.withdrawn"]
    assert said(await at_agency.give_back(decided, withdrawn)) == codes
    await at_agency.report()
    assert said(await at_agency.give_back(decided)) == ["case.illegal-step"]
    assert (await at_agency.case()).state is State.REPORTED


async def test_an_outcome_after_the_return_comes_too_late(at_agency: Desk) -> None:
    late = await at_agency.outcome()
    await at_agency.give_back(await at_agency.return_of())
    assert said(await at_agency.decide(late)) == ["outcome.superseded-dispatch"]
    assert (await at_agency.case()).state is State.HELD


async def test_a_case_that_was_returned_goes_on_under_a_new_number(at_agency: Desk) -> None:
    await at_agency.give_back(await at_agency.return_of())
    (done,) = await release_held(
        [NUMBER],
        operator="李敏",
        store=at_agency.store,
        rules=at_agency.rules,
        now=at_agency.clock,
    )
    assert (done.result, done.held_for) == (ReleaseResult.RELEASED, GIVEN_BACK)
    assert (await at_agency.case()).dispatch_no == dispatch_number(NUMBER, 2)
    assert (await at_agency.push()).settled == 1


async def test_an_unreadable_item_does_not_hurt_its_mates(at_agency: Desk) -> None:
    whole = await at_agency.return_of()
    answers = await at_agency.give_back(
        b"[]", await at_agency.return_of("SY2", reason="7"), whole, return_json(reason="9")
    )
    assert said(answers) == ["message.invalid", "message.invalid", "accepted", "message.invalid"]
    assert (await at_agency.case("SY2")).state is State.DISPATCHED


@pytest.mark.parametrize("at", GIVING_BACK)
async def test_a_death_leaves_all_of_a_return_or_nothing_and_the_agency_sends_it_again(
    at: Failpoint,
    url: str,
    clock: SettableClock,
) -> None:
    # Given two cases with an agency
    desk = Desk(open_ledger(url, sealer=a_sealer(), now=clock), clock)
    await desk.pull(an_item(NUMBER), an_item("SY2"))
    returns = [await desk.return_of(note="说明"), await desk.return_of("SY2")]
    await desk.store.close()

    # When the gateway is killed while it takes their returns
    await run_until_killed(SUBJECT, url, at, *(one.decode() for one in returns))

    # Then before the commit nothing has happened, after it everything, and a repeat makes it whole
    desk.store = open_ledger(url, sealer=a_sealer(), now=clock)
    whole = at is Failpoint.RETURN_STORED
    assert (await desk.figures()).states == {"HELD" if whole else "ACCEPTED": 2}
    assert said(await desk.give_back(*returns)) == ["duplicate" if whole else "accepted"] * 2
    assert (await desk.figures()).states == {"HELD": 2}
    assert [len(await desk.history(key)) for key in (NUMBER, "SY2")] == [2, 2]
    assert await desk.texts() == {2: "说明"}
    assert (await desk.push()).claimed == 0
    await desk.store.close()
