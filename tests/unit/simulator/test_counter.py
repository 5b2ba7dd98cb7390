"""本地受理: what a stand-in agency makes of the answers to what it accepted itself."""

from collections.abc import Callable

import pytest

from contracts.verify.schema_validator import SchemaValidator
from schemas.records.canonical_form import content_digest
from schemas.records.problems import Problem
from schemas.records.receipts import ItemResult, ItemStatus, Receipt
from schemas.records.registrations import LocalRegistration
from schemas.reference.clock import beijing_date
from schemas.reference.divisions import DivisionTree
from simulator.agencies.counter import Counter, Ending
from simulator.agencies.decisions import Reviewer
from simulator.agencies.handed_in import HandedIn
from simulator.errors import InvalidAnswer
from simulator.national.applicants import fill_in
from simulator.national.filing_request import FilingRequest
from simulator.people.population import Population
from tests.unit.simulator.national_side import START

DIVISION = "419001"


def a_request(seed: int = 1) -> FilingRequest:
    today = beijing_date(START)
    people = Population(seed, (DIVISION,), today=today, tree=DivisionTree.load())
    return fill_in(people.person(0))


def allowed(record: str, content: bytes) -> None:
    assert not SchemaValidator.load().check(record, content)


def a_counter(refuse_share: float = 0.0, check: Callable[[str, bytes], None] = allowed) -> Counter:
    reviewer = Reviewer("4190010001", "济源市公共就业服务中心", DIVISION, 7, refuse_share)
    return Counter(reviewer, check)


def accepted(one: HandedIn, **changes: object) -> ItemResult:
    said = {
        "receipt_no": "0" * 24,
        "key": one.key,
        "kind": "registration",
        "revision": 1,
        "digest": content_digest(one.record),
        "received_at": START,
        **changes,
    }
    return ItemResult(status=ItemStatus.ACCEPTED, receipt=Receipt.model_validate(said))


def refused(code: str) -> ItemResult:
    problem = Problem(type=f"urn:duijie:problem:{code}", code=code, title="不予接收", status=422)
    return ItemResult(status=ItemStatus.REFUSED, problem=problem)


def test_who_comes_is_registered_under_a_serial_of_the_agency_and_handed_in_once() -> None:
    counter = a_counter()
    first, second = (counter.register(a_request(seed), START) for seed in (1, 2))
    assert first.key.startswith(f"{DIVISION}/BD")
    assert first.key != second.key
    assert counter.registrations.due(10) == [first, second]
    assert counter.registrations.due(10) == []
    assert counter.registrations.settle(first, accepted(first), START)
    assert (first.answer, counter.waiting()) == (ItemStatus.ACCEPTED, 1)


@pytest.mark.parametrize(
    "wrong",
    [{"key": "419001/X"}, {"kind": "outcome"}, {"revision": 2}, {"digest": "0" * 64}],
)
def test_a_receipt_for_something_else_is_none(wrong: dict[str, object]) -> None:
    counter = a_counter()
    one = counter.register(a_request(), START)
    assert not counter.registrations.settle(one, accepted(one, **wrong), START)
    assert (one.answer, counter.registrations.unbelieved_receipts) == (None, 1)


def test_a_problem_of_the_moment_is_no_answer_and_any_other_is_the_last_word() -> None:
    counter = a_counter()
    one = counter.register(a_request(), START)
    assert not counter.registrations.settle(one, refused("service.unavailable"), START)
    assert (one.answer, one.answer_code) == (None, None)
    assert counter.registrations.settle(one, refused("registration.conflict"), START)
    assert (one.answer, one.answer_code) == (ItemStatus.REFUSED, "registration.conflict")


def test_a_share_of_those_who_come_is_refused_as_of_dispatches() -> None:
    counter = a_counter(refuse_share=1.0)
    record = counter.register(a_request(), START).record
    assert isinstance(record, LocalRegistration)
    assert record.outcome.verdict == "2"


def test_what_the_published_schema_does_not_allow_is_never_handed_in() -> None:
    def refuse(record: str, content: bytes) -> None:
        if record in forbidden:
            raise InvalidAnswer(record, "pattern")

    counter, forbidden = a_counter(check=refuse), {"local-registration"}
    with pytest.raises(InvalidAnswer):
        counter.register(a_request(), START)
    assert (counter.registrations.due(10), counter.waiting()) == ([], 0)

    forbidden = {"deregistration"}
    ending = Ending(counter.register(a_request(), START).key, "11", "05", is_informed=False)
    with pytest.raises(InvalidAnswer):
        counter.end(ending, None, START)
    assert (counter.deregistrations.due(10), counter.waiting()) == ([], 1)
