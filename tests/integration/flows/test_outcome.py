"""审核结果: each item its own answer, repeats the first receipt, nothing taken that may not be."""

import asyncio
import json

import pytest

from gateway.domain.case import State
from gateway.domain.dispatch import dispatch_number
from gateway.domain.item_answer import ItemAnswer
from gateway.flows.failpoints import Failpoint
from gateway.flows.outcome import record_outcomes
from gateway.ports import PORTAL
from schemas.records.json_errors import JsonError, JsonErrorCode
from schemas.records.receipts import ItemStatus, Receipt
from schemas.records.strict_json import RawItem
from tests.builders.records import JINSHUI, JIYUAN, as_json, withdrawal_json
from tests.integration.flows.desk import NUMBER, Desk, an_item


def said(answers: tuple[ItemAnswer, ...]) -> list[str]:
    """Return each answer's status, or the code of its refusal."""
    return [one.refused.code if one.refused else one.status.value for one in answers]


@pytest.fixture
async def at_agency(desk: Desk) -> Desk:
    """Give a desk with three cases that are with 金水区."""
    await desk.pull(an_item(NUMBER), an_item("SY2"), an_item("SY3"))
    await desk.push()
    return desk


async def test_an_outcome_gets_a_receipt_decides_the_case_and_is_enqueued_for_the_portal(
    at_agency: Desk,
) -> None:
    sent = await at_agency.outcome()
    (answer,) = await at_agency.decide(sent)
    assert answer.status is ItemStatus.ACCEPTED
    receipt = Receipt.read(answer.receipt or b"")
    assert (receipt.key, receipt.kind, receipt.revision) == (NUMBER, "outcome", 1)
    assert receipt.received_at == at_agency.clock()
    case = await at_agency.case()
    assert (case.state, case.revision) == (State.DECIDED, 1)
    assert await at_agency.outbox_depth(PORTAL) == (1, 0)


async def test_a_repeat_gets_the_first_receipt_byte_for_byte(at_agency: Desk) -> None:
    sent = await at_agency.outcome()
    (first,) = await at_agency.decide(sent)
    for wait_h in (1, 1000):
        at_agency.clock.forward(hours=wait_h)
        (again,) = await at_agency.decide(sent)
        assert again.status is ItemStatus.DUPLICATE
        assert again.receipt == first.receipt
        await at_agency.report()
    assert at_agency.portal.reports.batches == [[(NUMBER, 1)]]


async def test_an_outcome_may_overtake_the_receipt_of_its_dispatch(desk: Desk) -> None:
    await desk.pull(an_item(NUMBER))
    assert said(await desk.decide(await desk.outcome())) == ["accepted"]
    await desk.push()
    assert (await desk.case()).state is State.DECIDED


async def test_other_content_under_the_same_revision_is_a_conflict_and_kept(
    at_agency: Desk,
) -> None:
    await at_agency.decide(await at_agency.outcome())
    other = await at_agency.outcome(aae019="王芳")
    assert said(await at_agency.decide(other)) == ["outcome.conflict"]
    assert said(await at_agency.decide(other)) == ["outcome.conflict"]
    assert [(row.key, row.reason) for row in await at_agency.quarantined()] == [
        (NUMBER, "outcome.conflict")
    ]
    assert await at_agency.outbox_depth(PORTAL) == (1, 0)


async def test_the_first_receipt_is_still_given_after_a_correction(at_agency: Desk) -> None:
    first = await at_agency.outcome()
    (before,) = await at_agency.decide(first)
    await at_agency.decide(await at_agency.refusal(revision=2))
    (again,) = await at_agency.decide(first)
    assert (again.status, again.receipt) == (ItemStatus.DUPLICATE, before.receipt)
    assert (await at_agency.case()).revision == 2


async def test_another_agency_cannot_decide(at_agency: Desk) -> None:
    theirs = await at_agency.outcome(aae017=JIYUAN)
    unknown = ["outcome.unknown-application"]
    assert said(await at_agency.decide(theirs, sender=JIYUAN)) == unknown
    ours = await at_agency.outcome()
    assert said(await at_agency.decide(ours, sender=JIYUAN)) == unknown
    assert said(await at_agency.decide(theirs)) == ["outcome.wrong-agency"]
    assert (await at_agency.case()).state is State.DISPATCHED
    assert await at_agency.outbox_depth(PORTAL) == (0, 0)


async def test_another_agency_cannot_fetch_the_receipt_of_an_outcome(at_agency: Desk) -> None:
    sent = await at_agency.outcome()
    await at_agency.decide(sent)
    (answer,) = await at_agency.decide(sent, sender=JIYUAN)
    assert answer.receipt is None
    assert said((answer,)) == ["outcome.unknown-application"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"application_no": "UNKNOWN"}, "outcome.unknown-application"),
        ({"dispatch_no": None}, "outcome.dispatch-missing"),
        ({"dispatch_no": dispatch_number(NUMBER, 7)}, "dispatch.unknown"),
        (
            {"application_no": None, "division": "410105", "local_serial": "L1"},
            "outcome.unknown-application",
        ),
        ({"revision": 0}, "message.invalid"),
        ({"aae019": "张\t"}, "message.invalid"),
        ({"acc020": None}, "message.invalid"),
    ],
)
async def test_what_cannot_be_taken_is_refused_by_its_code(
    at_agency: Desk, changes: dict[str, object], code: str
) -> None:
    sent = as_json({**json.loads(await at_agency.outcome()), **changes})
    assert said(await at_agency.decide(sent)) == [code]
    assert await at_agency.outbox_depth(PORTAL) == (0, 0)
    assert (await at_agency.case()).revision == 0


async def test_a_result_under_an_old_dispatch_is_superseded(at_agency: Desk) -> None:
    late = await at_agency.outcome()
    await at_agency.reassign()
    assert said(await at_agency.decide(late)) == ["outcome.superseded-dispatch"]
    fresh = await at_agency.outcome()
    assert said(await at_agency.decide(fresh)) == ["outcome.unknown-application"]
    assert said(await at_agency.decide(fresh, sender=JIYUAN)) == ["accepted"]


async def test_a_lower_revision_after_a_higher_one_is_superseded(at_agency: Desk) -> None:
    await at_agency.decide(await at_agency.outcome(revision=2))
    assert said(await at_agency.decide(await at_agency.outcome())) == ["outcome.superseded"]
    assert (await at_agency.case()).revision == 2


async def test_nobody_is_registered_without_having_consented(desk: Desk) -> None:
    unsigned = {"given": False, "date": "2026-03-01", "text_version": "2020-1"}
    await desk.pull(an_item(NUMBER, commitment=unsigned))
    assert said(await desk.decide(await desk.outcome())) == ["outcome.commitment-missing"]
    assert (await desk.case()).state is State.ACCEPTED
    assert await desk.outbox_depth(PORTAL) == (0, 0)
    assert said(await desk.decide(await desk.refusal())) == ["accepted"]


async def test_a_withdrawn_case_takes_no_outcome(at_agency: Desk) -> None:
    sent = await at_agency.outcome()
    await at_agency.pull(withdrawal_json())
    assert said(await at_agency.decide(sent)) == ["case.withdrawn"]
    assert await at_agency.outbox_depth(PORTAL) == (0, 0)


async def test_a_held_case_may_still_be_decided_by_its_agency(desk: Desk) -> None:
    await desk.pull(an_item(NUMBER))
    desk.agency.inbox.refusals[dispatch_number(NUMBER, 1)] = "message.invalid"
    await desk.push()
    assert (await desk.case()).state is State.HELD
    assert said(await desk.decide(await desk.outcome())) == ["accepted"]
    case = await desk.case()
    assert (case.state, case.hold_reason) == (State.DECIDED, None)


async def test_an_invalid_item_does_not_hurt_its_mates(at_agency: Desk) -> None:
    items = (
        RawItem(await at_agency.outcome()),
        RawItem(b'{"a":1,"a":2}', JsonError(JsonErrorCode.DUPLICATE_MEMBER)),
        RawItem(await at_agency.outcome("SY2", aae016="9")),
        RawItem(await at_agency.outcome("SY3", application_no="UNKNOWN")),
        RawItem(await at_agency.refusal("SY3")),
    )
    answers = await record_outcomes(
        items, sender=JINSHUI, store=at_agency.store, now=at_agency.clock
    )
    assert said(answers) == [
        "accepted",
        "message.malformed",
        "message.invalid",
        "outcome.unknown-application",
        "accepted",
    ]
    assert await at_agency.outbox_depth(PORTAL) == (2, 0)


async def test_what_is_wrong_is_said_by_member_and_never_by_value(at_agency: Desk) -> None:
    (answer,) = await at_agency.decide(await at_agency.outcome(aae019="张伟\t", acc020="编号"))
    assert {error.pointer for error in answer.errors} == {"/aae019", "/acc020"}
    assert "张伟" not in "".join(error.message for error in answer.errors)


@pytest.mark.parametrize("name", ["x" * 201, "x" * 5000, "张伟" * 300, "a/b~c", "", "\n"])
async def test_an_unknown_member_of_any_name_is_only_refused(at_agency: Desk, name: str) -> None:
    strange = as_json({**json.loads(await at_agency.outcome("SY2")), name: 1})
    answers = await at_agency.decide(await at_agency.outcome(), strange)
    assert said(answers) == ["accepted", "message.invalid"]
    assert len(answers[1].errors) == 1
    assert "张伟" not in answers[1].errors[0].pointer


async def test_two_revisions_of_one_case_may_share_a_batch(at_agency: Desk) -> None:
    first, second = await at_agency.outcome(), await at_agency.refusal(revision=2)
    answers = await at_agency.decide(first, await at_agency.outcome("SY2"), second)
    assert said(answers) == ["accepted", "accepted", "accepted"]
    case = await at_agency.case()
    assert (case.state, case.revision) == (State.DECIDED, 2)
    await at_agency.report()
    await at_agency.report()
    first_batch, second_batch = at_agency.portal.reports.batches
    assert set(first_batch) == {(NUMBER, 1), ("SY2", 1)}
    assert second_batch == [(NUMBER, 2)]


async def test_two_revisions_in_the_wrong_order_leave_the_higher_one(at_agency: Desk) -> None:
    first, second = await at_agency.outcome(), await at_agency.refusal(revision=2)
    assert said(await at_agency.decide(second, first)) == ["accepted", "outcome.superseded"]
    assert (await at_agency.case()).revision == 2


async def test_the_same_outcome_twice_in_one_batch_is_taken_once(at_agency: Desk) -> None:
    sent = await at_agency.outcome()
    first, second = await at_agency.decide(sent, sent)
    assert said((first, second)) == ["accepted", "duplicate"]
    assert first.receipt == second.receipt
    assert await at_agency.outbox_depth(PORTAL) == (1, 0)


async def test_a_batch_that_could_not_be_stored_leaves_nothing_and_may_come_again(
    at_agency: Desk,
) -> None:
    class PowerCut(Exception):
        pass

    def cut(failpoint: Failpoint) -> None:
        if failpoint is Failpoint.OUTCOME_WRITTEN:
            raise PowerCut

    sent = await at_agency.outcome()
    with pytest.raises(PowerCut):
        await record_outcomes(
            [RawItem(sent)],
            sender=JINSHUI,
            store=at_agency.store,
            now=at_agency.clock,
            hook=cut,
        )
    assert (await at_agency.case()).state is State.DISPATCHED
    assert said(await at_agency.decide(sent)) == ["accepted"]


async def test_an_empty_batch_has_an_empty_answer(at_agency: Desk) -> None:
    assert await at_agency.decide() == ()


async def test_an_outcome_sent_twice_at_the_same_moment_is_taken_once(at_agency: Desk) -> None:
    sent = await at_agency.outcome()
    both = await asyncio.gather(at_agency.decide(sent), at_agency.decide(sent))
    answers = [answer for (answer,) in both]
    assert sorted(said(tuple(answers))) == ["accepted", "duplicate"]
    assert answers[0].receipt == answers[1].receipt
    assert await at_agency.outbox_depth(PORTAL) == (1, 0)
