"""How a stand-in agency decides, and small parts that everything leans on."""

import json
import logging
from datetime import timedelta

import orjson
import pytest

from contracts.verify.schema_validator import SchemaValidator
from schemas.records.applications import ForwardedApplication
from schemas.records.dispatches import Dispatch, RoutedBy
from schemas.records.outcomes import RefusalReason, Verdict
from schemas.records.receipts import ItemStatus
from schemas.records.strict_json import RawItem
from schemas.reference.clock import utc_now
from simulator.agencies.book import AgencyBook
from simulator.agencies.decisions import Reviewer
from simulator.logs import WITHHELD, JsonLines
from tests.support.clock import SettableClock
from tests.unit.contracts.records import APPLICATION, spoiled
from tests.unit.simulator.national_side import START

AGENCY = "4101000001"


def a_dispatch(number: int = 1) -> Dispatch:
    record = spoiled(
        APPLICATION, application_no=f"SYDJ-{number}", aac147=f"41010219900101{number:04d}"
    )
    return Dispatch(
        dispatch_no=f"D-{number}",
        agency_code=AGENCY,
        dispatched_at=START,
        due_rule="人社厅发〔2020〕79号",
        routed_by=RoutedBy(rule="exact", place_division="410102", matched_division="410102"),
        application=ForwardedApplication.read(orjson.dumps(record)),
    )


def a_reviewer(refuse_share: float = 0.1, seed: int = 7) -> Reviewer:
    return Reviewer(AGENCY, "郑州市公共就业服务中心", "410100", seed, refuse_share)


def a_book(clock: SettableClock, decide_after_s: float = 0.0) -> AgencyBook:
    return AgencyBook(
        AGENCY, decide_after_s=decide_after_s, validator=SchemaValidator.load(), now=clock
    )


def test_about_the_wanted_share_is_refused_for_reasons_of_the_closed_list() -> None:
    decided = [a_reviewer().decide(a_dispatch(n), revision=1, at=START) for n in range(1000)]
    refused = [one for one in decided if one.verdict == Verdict.NOT_PASSED]
    assert 70 <= len(refused) <= 130
    assert all(one.refusal_reason in set(RefusalReason) for one in refused)
    assert all(
        one.refusal_source for one in refused if one.refusal_reason == RefusalReason.EMPLOYED
    )


def test_every_decision_is_what_the_contract_publishes() -> None:
    validator = SchemaValidator.load()
    reviewer = a_reviewer(0.5)
    outcomes = [reviewer.decide(a_dispatch(n), revision=1, at=START).wire() for n in range(100)]
    assert [validator.check("outcome", one) for one in outcomes] == [()] * 100


def test_the_same_seed_and_person_give_the_same_decision() -> None:
    first, again = (
        [a_reviewer(0.5).decide(a_dispatch(n), revision=1, at=START) for n in range(50)]
        for _ in range(2)
    )
    other = [a_reviewer(0.5, seed=8).decide(a_dispatch(n), revision=1, at=START) for n in range(50)]
    assert first == again
    assert first != other


def test_a_dispatch_is_decided_when_its_time_has_come() -> None:
    clock = SettableClock(START)
    book = a_book(clock, decide_after_s=60)
    assert book.receive(RawItem(a_dispatch().wire())).status is ItemStatus.ACCEPTED
    assert book.due(10) == []
    assert book.next_due_at() == START + timedelta(seconds=60)
    clock.forward(seconds=60)
    (due,) = book.due(10)
    assert due.dispatch.dispatch_no == "D-1"
    assert book.due(10) == []
    book.put_back([due])
    assert book.due(10) == [due]


def test_other_content_under_the_same_dispatch_number_is_refused() -> None:
    book = a_book(SettableClock(START))
    first = book.receive(RawItem(a_dispatch().wire()))
    other = a_dispatch().model_copy(update={"due_rule": "人社厅发〔2020〕3号"})
    assert book.receive(RawItem(other.wire())).status is ItemStatus.REFUSED
    assert book.receive(RawItem(a_dispatch().wire())).content == first.content


def test_a_log_line_is_json_and_shows_only_what_may_be_logged() -> None:
    record = logging.LogRecord("simulator", logging.INFO, "f", 1, "loop.paused", None, None)
    record.__dict__["facts"] = {"agency": AGENCY, "name_of_person": "王模拟", "code": "王模拟"}
    line = json.loads(JsonLines().format(record))
    assert (line["event"], line["agency"], line["level"]) == ("loop.paused", AGENCY, "info")
    assert "name_of_person" not in line
    assert line["code"] == WITHHELD


def test_what_a_library_says_in_the_simulator_is_not_quoted() -> None:
    said = logging.LogRecord("asyncio", logging.ERROR, "f", 1, "of %s", ("王模拟",), None)
    line = JsonLines().format(said)
    assert json.loads(line)["event"] == "library.asyncio"
    assert "王模拟" not in line


def test_a_logged_error_tells_its_kind_and_place_but_not_its_text() -> None:
    with pytest.raises(ValueError, match="王模拟") as caught:
        int("王模拟")
    found = (ValueError, caught.value, caught.value.__traceback__)
    record = logging.LogRecord("simulator", logging.ERROR, "f", 1, "failed", None, found)
    written = JsonLines().format(record)
    assert json.loads(written)["error"] == "ValueError"
    assert json.loads(written)["where"].startswith(f"{__name__}:")
    assert "王模拟" not in written
    assert json.loads(written)["at"] <= utc_now().isoformat()
