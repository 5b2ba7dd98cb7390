"""退回部端: what may go back, what may not, and what becomes of it; nobody is turned away."""

from datetime import timedelta
from typing import Unpack

import pytest

from gateway.domain.case import Case, CaseChanges, State, Step
from gateway.domain.dispatch import dispatch_number
from gateway.domain.feed_items import position_key, position_of
from gateway.domain.operator_acts import RETURN_PENDING, ActResult
from gateway.domain.portal_return import (
    FORWARDED_AGAIN,
    RETURN_REFUSED,
    Territory,
    WantedReturn,
    forwarded_again,
    give_back,
    not_taken,
    receipt_key,
    record_of,
    taken,
)
from schemas.records.application_returns import (
    FORWARDED_TWICE,
    NOT_OURS,
    UNREADABLE_CONTENT,
    WRONG_DIVISION,
)
from tests.builders.ledger import a_case
from tests.builders.records import MORNING, rules

HERE, ELSEWHERE, NOWHERE = "410105", "430102", "999999"
LATER = MORNING + timedelta(hours=1)
RULES = rules()
TERRITORY = Territory(RULES.tree, RULES.province.division)


def held(place: str = ELSEWHERE, key: str = "SY1", **changes: Unpack[CaseChanges]) -> Case:
    """Return a case that the province has no agency for."""
    case = a_case(key)._replace(
        state=State.HELD,
        place_division=place,
        agency=None,
        dispatch_no=None,
        dispatches=0,
        hold_reason="place.out-of-province",
    )
    return case._replace(**changes)


def wanted(reason: str = NOT_OURS, belongs_to: str | None = None) -> WantedReturn:
    return WantedReturn(reason, belongs_to, "李敏", "李敏")


def goes(case: Case, asked: WantedReturn) -> ActResult:
    found = give_back(case, asked, territory=TERRITORY, at=LATER)
    return found if isinstance(found, ActResult) else ActResult.DONE


def going(case: Case, asked: WantedReturn) -> Case:
    """Return the case as it waits for the national side."""
    found = give_back(case, asked, territory=TERRITORY, at=LATER)
    assert not isinstance(found, ActResult), found
    return found.case


def test_a_case_waits_held_until_the_national_side_has_taken_it() -> None:
    case = going(held(), wanted())
    assert (case.state, case.hold_reason, case.due_on) == (
        *(State.HELD, RETURN_PENDING, held().due_on),
    )
    done = taken(case, by="portal", at=LATER)
    assert done is not None
    assert (done.case.state, done.case.hold_reason) == (State.RETURNED, None)
    assert (done.entry.step, done.entry.actor) == (Step.RETURN, "portal")


def test_the_history_says_who_and_why() -> None:
    found = give_back(held(), wanted(WRONG_DIVISION, ELSEWHERE), territory=TERRITORY, at=LATER)
    assert not isinstance(found, ActResult)
    assert found.entry.actor == "operator:李敏"
    assert found.entry.note == f"return.pending reason=2 belongs_to={ELSEWHERE}"


def test_the_dispatch_of_a_case_that_goes_back_is_over() -> None:
    number = dispatch_number("SY1", 1)
    with_agency = held(agency="4101050001", dispatch_no=number)._replace(state=State.DISPATCHED)
    case = going(with_agency, wanted())
    assert (case.agency, case.dispatch_no) == (None, None)


@pytest.mark.parametrize("reason", [NOT_OURS, WRONG_DIVISION])
def test_an_application_of_this_province_is_not_given_back(reason: str) -> None:
    assert goes(held(HERE), wanted(reason, ELSEWHERE)) is ActResult.BELONGS_HERE
    assert goes(held(HERE), wanted(NOT_OURS)) is ActResult.BELONGS_HERE


def test_one_that_was_forwarded_twice_is_given_back_wherever_it_lies() -> None:
    assert goes(held(HERE), wanted(FORWARDED_TWICE)) is ActResult.DONE


def test_a_right_place_in_this_province_is_no_reason() -> None:
    assert goes(held(NOWHERE), wanted(WRONG_DIVISION, HERE)) is ActResult.BELONGS_HERE


def test_a_place_that_nobody_knows_goes_back_only_with_the_right_one() -> None:
    assert goes(held(NOWHERE), wanted(NOT_OURS)) is ActResult.UNFIT_REASON
    assert goes(held(NOWHERE), wanted(WRONG_DIVISION, ELSEWHERE)) is ActResult.DONE


@pytest.mark.parametrize(
    ("place", "reason", "result"),
    [
        ("", UNREADABLE_CONTENT, ActResult.DONE),
        ("", NOT_OURS, ActResult.UNFIT_REASON),
        ("", FORWARDED_TWICE, ActResult.UNFIT_REASON),
        (ELSEWHERE, UNREADABLE_CONTENT, ActResult.UNFIT_REASON),
        (HERE, UNREADABLE_CONTENT, ActResult.UNFIT_REASON),
    ],
)
def test_only_what_cannot_be_read_goes_back_as_unreadable(
    place: str, reason: str, result: ActResult
) -> None:
    assert goes(held(place), wanted(reason)) is result


def test_what_goes_back_already_does_not_go_again_and_what_has_ended_stays() -> None:
    assert goes(going(held(), wanted()), wanted()) is ActResult.ALREADY
    assert goes(held()._replace(state=State.RETURNED), wanted()) is ActResult.ALREADY
    for state in (State.DECIDED, State.REPORTED, State.WITHDRAWN):
        assert goes(held()._replace(state=state), wanted()) is ActResult.CLOSED


def test_the_record_names_the_number_or_the_position_and_its_revision_grows() -> None:
    case = going(held(key="SY1"), wanted(WRONG_DIVISION, ELSEWHERE))
    record = record_of(case, wanted(WRONG_DIVISION, ELSEWHERE), LATER)
    assert (record.application_no, record.position, record.belongs_to) == ("SY1", None, ELSEWHERE)
    assert (record.revision, record.returned_by) == (case.version, "李敏")
    again = going(case._replace(hold_reason=RETURN_REFUSED, version=9), wanted())
    assert record_of(again, wanted(), LATER).revision == 10
    nameless = going(held("", key=position_key(7)), wanted(UNREADABLE_CONTENT))
    record = record_of(nameless, wanted(UNREADABLE_CONTENT), LATER)
    assert (record.application_no, record.position, record.key) == (None, 7, "7")


def test_the_receipt_is_for_the_number_or_the_position() -> None:
    assert receipt_key("SY1") == "SY1"
    assert receipt_key(position_key(7)) == "7"
    assert position_of("position/7") is None, "an application number could be that"
    assert len(position_key(7)) > 40


def test_what_the_national_side_does_not_take_is_on_the_desk_again() -> None:
    change = not_taken(going(held(), wanted()), "application-return.decided", by="portal", at=LATER)
    assert change is not None
    assert (change.case.state, change.case.hold_reason) == (State.HELD, RETURN_REFUSED)
    assert change.entry.note == "return.refused code=application-return.decided"


def test_an_answer_about_a_case_that_went_on_since_changes_nothing() -> None:
    case = held(hold_reason=None)._replace(state=State.WITHDRAWN)
    assert taken(case, by="portal", at=LATER) is None
    assert not_taken(case, "service.fault", by="portal", at=LATER) is None


def test_what_comes_again_after_it_was_taken_waits_at_the_desk() -> None:
    returned = held(hold_reason=None)._replace(state=State.RETURNED)
    for differs in (True, False):
        change = forwarded_again(returned, differs=differs, at=LATER)
        assert change is not None
        assert (change.case.state, change.case.hold_reason) == (State.HELD, FORWARDED_AGAIN)


def test_while_it_goes_back_only_other_content_is_a_new_forwarding() -> None:
    pending = going(held(), wanted())
    assert forwarded_again(pending, differs=False, at=LATER) is None
    change = forwarded_again(pending, differs=True, at=LATER)
    assert change is not None
    assert change.case.hold_reason == FORWARDED_AGAIN
    assert forwarded_again(held(), differs=True, at=LATER) is None
