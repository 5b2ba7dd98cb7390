"""接收: what an item of the feed becomes, readable or not, routed or held."""

import json
from datetime import date, datetime, timedelta
from typing import Literal

import pytest

from gateway.domain.case import State
from gateway.domain.detail import write_details
from gateway.domain.dispatch import complete_dispatch, dispatch_number
from gateway.domain.feed_items import UNREADABLE, Unreadable, receive
from gateway.domain.intake_rules import Accepted, accept, hold_unreadable
from gateway.domain.receipts import receipt
from gateway.domain.routing import Unroutable
from schemas.records.applications import ForwardedApplication, Withdrawal
from schemas.records.dispatches import Dispatch
from schemas.records.receipts import Receipt
from schemas.records.strict_json import RawItem, read_page
from tests.builders.records import (
    ADDRESS,
    JINSHUI,
    MOBILE,
    MORNING,
    NAME,
    a_province,
    an_application,
    application_json,
    citizen_number,
    rules,
    withdrawal_json,
)

NUMBER = "SY2026030200001"


def a_receipt(
    *,
    source: str = "portal",
    key: str = NUMBER,
    kind: Literal["application", "withdrawal"] = "application",
    revision: int = 1,
    digest: str = "d" * 64,
    at: datetime = MORNING,
) -> Receipt:
    return Receipt.read(receipt(source, key, kind, revision=revision, digest=digest, at=at))


def opened(**changes: object) -> Accepted:
    return accept(an_application(**changes), rules=rules(), at=MORNING)


def test_an_application_and_a_withdrawal_are_read_as_what_they_are() -> None:
    application = receive(RawItem(application_json()))
    assert isinstance(application.item, ForwardedApplication)
    assert (application.kind, application.number) == ("application", NUMBER)
    withdrawal = receive(RawItem(withdrawal_json()))
    assert isinstance(withdrawal.item, Withdrawal)
    assert (withdrawal.kind, withdrawal.number) == ("withdrawal", NUMBER)


def test_the_digest_is_of_the_content() -> None:
    one, other = (
        receive(RawItem(application_json())),
        receive(RawItem(application_json(aac003="王"))),
    )
    assert one.digest == receive(RawItem(application_json())).digest != other.digest


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (application_json(aac003=None), "application"),
        (withdrawal_json(withdrawn_at=None), "withdrawal"),
    ],
)
def test_what_breaks_a_rule_keeps_its_number_and_kind(content: bytes, kind: str) -> None:
    found = receive(RawItem(content))
    assert isinstance(found.item, Unreadable)
    assert (found.item.number, found.kind, found.content) == (NUMBER, kind, content)


def test_the_details_name_the_member_and_no_value() -> None:
    found = receive(RawItem(application_json(aac003=f"{NAME}\t", aac067="12345", aac147="壹贰叁")))
    assert isinstance(found.item, Unreadable)
    assert [(one.code, one.params["pointer"]) for one in found.item.details] == [
        ("field.string-pattern-mismatch", f"/{member}") for member in ("aac003", "aac147", "aac067")
    ]
    written = write_details(found.item.details)
    assert not [value for value in (NAME, "12345", "壹贰叁") if value in written]


def test_the_name_of_an_unknown_member_is_not_repeated() -> None:
    found = receive(RawItem(application_json(**{NAME + "x" * 5000: "1"})))
    assert isinstance(found.item, Unreadable)
    written = write_details(found.item.details)
    assert NAME not in written
    assert len(written) < 1000


@pytest.mark.parametrize("content", [b"{}", b"[]", b"null", b"1", b'"text"', b'{"kind":"other"}'])
def test_what_is_no_feed_item_at_all_is_unreadable(content: bytes) -> None:
    found = receive(RawItem(content))
    assert isinstance(found.item, Unreadable)
    assert found.number is None


def test_the_number_is_that_of_the_item_itself_not_of_a_part() -> None:
    nested = {"application_no": "INNER"}
    content = json.dumps({"extra": nested} | json.loads(application_json())).encode()
    assert receive(RawItem(content)).number == NUMBER


def test_a_routed_application_opens_with_a_dispatch() -> None:
    case = opened().case
    assert (case.state, case.agency, case.dispatches) == (State.ACCEPTED, JINSHUI, 1)
    assert case.dispatch_no == dispatch_number(NUMBER, 1)
    assert (case.due_on, case.hold_reason, case.revision) == (date(2026, 3, 5), None, 0)


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("999999", Unroutable.UNKNOWN_PLACE),
        ("430102", Unroutable.FOREIGN_PLACE),
        ("410104", Unroutable.NO_AGENCY),
    ],
)
def test_an_unroutable_application_is_held_with_its_clock_running(
    place: str, reason: Unroutable
) -> None:
    accepted = opened(place_division=place)
    case = accepted.case
    assert accepted.route is reason
    assert (case.state, case.hold_reason) == (State.HELD, reason.value)
    assert (case.agency, case.dispatch_no, case.dispatches) == (None, None, 0)
    assert case.due_on == date(2026, 3, 5)
    assert accepted.change.entry.note == reason.value


def test_a_finding_never_refuses_a_person() -> None:
    case = opened(aac147=citizen_number("20200101"), aac004="1", channel="ZZ").case
    assert case.findings
    assert case.state is State.ACCEPTED


def test_an_unknown_generation_of_codes_does_not_stop_the_intake() -> None:
    assert opened(code_set="1999").case.state is State.ACCEPTED


def test_an_application_without_a_trace_gets_the_same_one_each_time() -> None:
    first, again = opened(trace_id=None).case, opened(trace_id=None).case
    assert first.trace_id == again.trace_id
    assert len(first.trace_id) == 32
    assert first.trace_id != opened(trace_id=None, application_no="SY2").case.trace_id


def test_an_unreadable_application_is_held_under_the_default_policy() -> None:
    case = hold_unreadable(NUMBER, rules=rules(), at=MORNING).case
    assert (case.state, case.hold_reason) == (State.HELD, UNREADABLE)
    assert (case.due_on, case.policy) == (date(2026, 3, 11), "2020-3")


# The dispatch


def dispatched(accepted: Accepted, content: bytes) -> Dispatch:
    head = accepted.dispatch_head()
    assert head is not None
    return Dispatch.read(complete_dispatch(head, content))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"place_division": "419001001003", "acc412": "3"},
        {"aac147": "H12345678"},
        {"aac058": "06", "aac147": "12345678"},
        {"aac147": citizen_number("18990307")},
        {"aac147": "410105900307000", "channel": "ZZ", "policy": "2099-1", "aac005": "ZZ"},
    ],
    ids=str,
)
def test_what_is_dispatched_can_be_read_by_the_agency(changes: dict[str, object]) -> None:
    accepted = opened(**changes)
    dispatch = dispatched(accepted, application_json(**changes))
    assert dispatch.dispatch_no == accepted.case.dispatch_no
    assert dispatch.agency_code == accepted.case.agency
    assert dispatch.due_on == accepted.case.due_on
    assert dispatch.findings == accepted.case.findings
    assert dispatch.application == an_application(**changes)


def test_a_dispatch_without_a_known_due_date_says_why() -> None:
    far = MORNING.replace(year=2031)
    dispatch = dispatched(
        accept(an_application(), rules=rules(province=a_province()), at=far), application_json()
    )
    assert dispatch.due_on is None
    assert "2031 年工作日历未公布" in dispatch.due_rule


def test_the_head_of_a_dispatch_shows_no_personal_value() -> None:
    head = (opened().dispatch_head() or b"").decode()
    assert "findings" in head
    assert not [v for v in (NAME, MOBILE, ADDRESS, citizen_number()) if v in head]


@pytest.mark.parametrize("micros", [0, 1, 120_000, 999_999])
def test_a_receipt_has_the_bytes_of_its_model(micros: int) -> None:
    at = MORNING.replace(microsecond=micros)
    written = receipt("portal", 'SY"\\1', "outcome", revision=7, digest="a" * 64, at=at)
    assert written == Receipt.read(written).wire()


def test_a_receipt_follows_from_what_it_is_for() -> None:
    base = a_receipt().receipt_no
    others = (
        a_receipt(source="410105-01"),
        a_receipt(key="SY2"),
        a_receipt(kind="withdrawal"),
        a_receipt(revision=2),
        a_receipt(digest="e" * 64),
    )
    assert base == a_receipt().receipt_no == a_receipt(at=MORNING + timedelta(days=1)).receipt_no
    assert len({base, *(other.receipt_no for other in others)}) == 6


def test_a_page_and_its_items_agree_about_the_number_of_a_malformed_one() -> None:
    body = b'{"items":[{"kind":"application","application_no":"SY7","a":1,"a":2}],"more":false}'
    _, items = read_page(body, "items")
    found = receive(items[0])
    assert isinstance(found.item, Unreadable)
    assert (found.number, found.kind) == ("SY7", "application")
