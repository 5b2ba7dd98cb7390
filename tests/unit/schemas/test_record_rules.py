"""The rules inside each record: what is required when, and how much of it there may be."""

import json
from collections.abc import Mapping
from typing import Final

import pytest
from pydantic import ValidationError

from schemas.records.applications import FeedPage, ForwardedApplication, Withdrawal
from schemas.records.base import WireModel
from schemas.records.dispatches import CaseView, Dispatch, DispatchPage, Ping
from schemas.records.outcomes import Outcome, OutcomeBatch
from schemas.records.problems import Problem
from schemas.records.receipts import (
    AcknowledgementBatch,
    BatchAnswer,
    DispatchAcknowledgementBatch,
    ItemResult,
    Receipt,
)
from tests.builders.records import (
    MORNING,
    REFUSAL,
    an_application,
    an_outcome,
    application_json,
    as_json,
    dispatch_json,
    outcome_json,
    withdrawal_json,
)

RECEIPT: Final[Mapping[str, object]] = {
    "receipt_no": "0" * 24,
    "key": "SY1",
    "kind": "outcome",
    "revision": 1,
    "digest": "0" * 64,
    "received_at": "2026-03-02T01:30:00Z",
}
PROBLEM: Final[Mapping[str, object]] = {
    "type": "urn:duijie:problem:message.invalid",
    "code": "message.invalid",
    "title": "报文不合规",
    "status": 422,
}


def refused(model: type[WireModel], body: bytes | str) -> str:
    """Return what the refusal of `body` says; fail when it is not refused."""
    with pytest.raises(ValidationError) as error:
        model.read(body)
    return str(error.value)


def application_refused(**changes: object) -> str:
    return refused(ForwardedApplication, application_json(**changes))


def outcome_refused(**changes: object) -> str:
    return refused(Outcome, outcome_json(**changes))


# The rules of the application


@pytest.mark.parametrize(
    ("health", "grade", "good"),
    [("5", "3", True), ("5", None, False), ("1", None, True), ("1", "3", False)],
)
def test_the_grade_goes_with_the_disability(health: str, grade: str | None, *, good: bool) -> None:
    changes = {"aac033": health, "disability_grade": grade}
    if good:
        assert an_application(**changes).disability_grade == grade
    else:
        assert "disability_grade" in application_refused(**changes)


@pytest.mark.parametrize(
    ("reason", "note", "good"),
    [("90", "自述", True), ("90", None, False), ("90", "", False), ("21", None, True)],
)
def test_another_reason_needs_a_note(reason: str, note: str | None, *, good: bool) -> None:
    changes = {"ajc093": reason, "reason_note": note}
    if good:
        assert an_application(**changes).reason_note == note
    else:
        assert "reason_note" in application_refused(**changes)


def test_there_are_up_to_three_intentions_and_qualifications() -> None:
    three = ["钳工", "焊工", "电工"]
    named = [{"name": name, "aac015": "3"} for name in three]
    record = an_application(intentions=three, qualifications=named)
    assert record.intentions == tuple(three)
    assert [one.name for one in record.qualifications] == three
    assert "intentions" in application_refused(intentions=[*three, "车工"])
    assert "qualifications" in application_refused(qualifications=[*named, *named])


def test_the_starred_members_of_the_form_are_required() -> None:
    required = {
        *("aac003", "aac004", "aac005", "aac011", "aac033", "aac058", "aac147", "aac067"),
        *("aab299", "aac010", "aab301", "aac026", "ajc090", "ajc093", "ajc174", "code_set"),
        *("kind", "application_no", "acc412", "place_division", "commitment"),
        *("submitted_at", "channel", "forwarded_at", "policy"),
    }
    for member in required:
        assert member in application_refused(**{member: None})
    shortest = as_json({name: json.loads(application_json())[name] for name in required})
    written = json.loads(ForwardedApplication.read(shortest).wire())
    assert {name for name, value in written.items() if value != []} == required


def test_a_feed_page_tells_applications_from_withdrawals() -> None:
    items = [json.loads(application_json()), json.loads(withdrawal_json())]
    page = FeedPage.read(json.dumps({"items": items, "more": True}))
    assert [type(item) for item in page.items] == [ForwardedApplication, Withdrawal]
    assert "items" in refused(FeedPage, json.dumps({"items": [items[1]] * 201, "more": True}))
    assert "more" in refused(FeedPage, json.dumps({"items": items, "more": 1}))


# The rules of the outcome


@pytest.mark.parametrize(
    ("number", "division", "serial", "good"),
    [
        ("SY1", None, None, True),
        (None, "410105", "L1", True),
        (None, None, None, False),
        (None, "410105", None, False),
        (None, None, "L1", False),
        ("SY1", "410105", "L1", False),
        ("SY1", "410105", None, False),
        ("SY1", None, "L1", False),
    ],
)
def test_an_outcome_has_one_form_of_key(
    number: str | None, division: str | None, serial: str | None, *, good: bool
) -> None:
    changes = {"application_no": number, "division": division, "local_serial": serial}
    if good:
        assert an_outcome(**changes).key == (number or "410105/L1")
    else:
        assert "application_no" in outcome_refused(**changes)


@pytest.mark.parametrize("member", ["acc020", "aae043", "acc0m1"])
def test_who_passes_has_a_registration(member: str) -> None:
    assert member in outcome_refused(**{member: None})


def test_who_does_not_pass_has_a_reason_of_the_closed_list() -> None:
    assert an_outcome(**REFUSAL).refusal_reason == "01"
    assert "refusal_reason" in outcome_refused(**{**REFUSAL, "refusal_reason": None})
    for reason in ("00", "08", "1", "户籍不符", ""):
        assert "refusal_reason" in outcome_refused(**{**REFUSAL, "refusal_reason": reason})


def test_who_passes_has_no_reason_for_refusal() -> None:
    assert "refusal_reason" in outcome_refused(refusal_reason="01")


def test_who_is_refused_as_employed_is_told_by_whom() -> None:
    employed = {**REFUSAL, "refusal_reason": "03"}
    assert "refusal_source" in outcome_refused(**employed)
    assert an_outcome(**employed, refusal_source="社保参保记录").refusal_source == "社保参保记录"


def test_a_result_names_who_handled_checked_and_approved_it() -> None:
    signed = {"aae019": "李静", "checker": "王芳", "approver": "赵敏"}  # 经办人、复核人、审核人
    read = an_outcome(**signed)
    assert (read.handler, read.checker, read.approver) == ("李静", "王芳", "赵敏")
    assert signed.items() <= json.loads(read.wire()).items()
    assert "aae019" in outcome_refused(aae019=None)


@pytest.mark.parametrize("state", ["0", "1", "3", "已审核"])
def test_an_outcome_is_a_finished_review(state: str) -> None:
    assert "review_state" in outcome_refused(review_state=state)


@pytest.mark.parametrize("verdict", ["0", "3", "通过", ""])
def test_a_verdict_is_passed_or_not(verdict: str) -> None:
    assert "aae016" in outcome_refused(aae016=verdict)


@pytest.mark.parametrize(("count", "good"), [(0, False), (1, True), (200, True), (201, False)])
def test_a_batch_holds_1_to_200_outcomes(count: int, *, good: bool) -> None:
    body = json.dumps({"outcomes": [json.loads(outcome_json())] * count})
    if good:
        assert len(OutcomeBatch.read(body).outcomes) == count
    else:
        assert "outcomes" in refused(OutcomeBatch, body)


# Answers


@pytest.mark.parametrize(
    ("status", "receipt", "problem", "good"),
    [
        ("accepted", RECEIPT, None, True),
        ("duplicate", RECEIPT, None, True),
        ("refused", None, PROBLEM, True),
        ("accepted", None, None, False),
        ("accepted", None, PROBLEM, False),
        ("accepted", RECEIPT, PROBLEM, False),
        ("refused", None, None, False),
        ("refused", RECEIPT, PROBLEM, False),
        ("lost", RECEIPT, None, False),
    ],
)
def test_an_entry_of_an_answer_has_a_receipt_or_a_problem(
    status: str,
    receipt: Mapping[str, object] | None,
    problem: Mapping[str, object] | None,
    *,
    good: bool,
) -> None:
    entry = {"status": status, "receipt": receipt, "problem": problem}
    body = as_json(entry)
    if good:
        assert json.loads(ItemResult.read(body).wire())["status"] == status
        answer = BatchAnswer.read(b'{"results":[' + body + b"]}")
        assert [one.status for one in answer.results] == [status]
    else:
        refused(ItemResult, body)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("receipt_no", "0" * 23),
        ("receipt_no", "G" * 24),
        ("digest", "0" * 63),
        ("kind", "other"),
        ("key", ""),
        ("key", "SY 1"),
        ("received_at", "2026-03-02T01:30:00"),
    ],
)
def test_a_receipt_is_of_one_shape(member: str, value: str) -> None:
    assert Receipt.read(as_json(RECEIPT)).key == "SY1"
    assert member in refused(Receipt, as_json({**RECEIPT, member: value}))


@pytest.mark.parametrize(
    ("member", "value"),
    [("type", "about:blank"), ("code", "Message Invalid"), ("status", 200), ("status", 600)],
)
def test_a_problem_is_of_one_shape(member: str, value: object) -> None:
    assert Problem.read(as_json(PROBLEM)).status == 422
    assert member in refused(Problem, as_json({**PROBLEM, member: value}))


def test_acknowledgements_name_what_was_stored() -> None:
    one = {"application_no": "SY1", "kind": "application", "stored_at": "2026-03-02T01:30:00Z"}
    batch = AcknowledgementBatch.read(json.dumps({"acknowledgements": [one]}))
    assert batch.acknowledgements[0].stored_at == MORNING
    refused(AcknowledgementBatch, json.dumps({"acknowledgements": []}))
    refused(AcknowledgementBatch, json.dumps({"acknowledgements": [{**one, "kind": "outcome"}]}))
    mine = {"dispatch_no": "D1-1", "stored_at": "2026-03-02T01:30:00Z"}
    read = DispatchAcknowledgementBatch.read(json.dumps({"acknowledgements": [mine]}))
    assert read.acknowledgements[0].dispatch_no == "D1-1"


# Dispatches


@pytest.mark.parametrize("rule", ["exact", "ancestor", "operator"])
def test_a_dispatch_says_by_which_rule_it_was_routed(rule: str) -> None:
    routed = {"rule": rule, "place_division": "410105", "matched_division": "410100"}
    assert Dispatch.read(dispatch_json(routed_by=routed)).routed_by.rule == rule
    assert "routed_by" in refused(Dispatch, dispatch_json(routed_by={**routed, "rule": "guess"}))


def test_a_page_of_dispatches_and_a_view_of_a_case_are_read() -> None:
    page = {"dispatches": [json.loads(dispatch_json())], "more": False}
    assert DispatchPage.read(json.dumps(page)).dispatches[0].application == an_application()
    step = {"at": "2026-03-02T01:30:00Z", "step": "accept", "state": "ACCEPTED"}
    view = {"application_no": "SY1", "state": "ACCEPTED", "revision": 0, "history": [step]}
    assert CaseView.read(json.dumps(view)).history[0].at == MORNING
    assert Ping.read('{"echo":"你好"}').echo == "你好"
