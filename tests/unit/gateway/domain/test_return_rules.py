"""Whether a dispatch may be given back: every objection, and the order in which they are raised."""

from typing import Final

import pytest

from gateway.domain.case import Case, State
from gateway.domain.dispatch import dispatch_number
from gateway.domain.intake_rules import accept
from gateway.domain.return_rules import objection
from schemas.records.returns import DispatchReturn
from tests.builders.extended import return_json
from tests.builders.records import JINSHUI, JIYUAN, MORNING, an_application, rules

NUMBER: Final = "SY2026030200001"
CASE: Final = accept(an_application(), rules=rules(), at=MORNING).case._replace(
    dispatches=2,
    dispatch_no=dispatch_number(NUMBER, 2),
)


def code(
    ordinal: int = 2, case: Case | None = CASE, sender: str = JINSHUI, *, was_given: bool = True
) -> str | None:
    sent = return_json(dispatch_no=dispatch_number(NUMBER, ordinal))
    found = objection(DispatchReturn.read(sent), case, sender, was_given=was_given)
    return found[0] if found else None


@pytest.mark.parametrize("state", [State.ACCEPTED, State.DISPATCHED, State.HELD])
def test_the_agency_in_charge_may_give_back_what_is_undecided(state: State) -> None:
    assert code(case=CASE._replace(state=state)) is None


@pytest.mark.parametrize("state", [State.DECIDED, State.REPORTED, State.RETURNED])
def test_what_has_ended_is_not_given_back(state: State) -> None:
    assert code(case=CASE._replace(state=state)) == "case.illegal-step"


def test_what_the_person_withdrew_is_not_given_back() -> None:
    assert code(case=CASE._replace(state=State.WITHDRAWN)) == "case.withdrawn"


@pytest.mark.parametrize("state", State)
def test_whatever_became_of_the_case_a_former_dispatch_is_superseded(state: State) -> None:
    assert code(1, CASE._replace(state=state)) == "outcome.superseded-dispatch"
    elsewhere = CASE._replace(state=state, agency=JIYUAN)
    assert code(case=elsewhere) == "outcome.superseded-dispatch"


@pytest.mark.parametrize("state", State)
def test_nobody_learns_of_a_dispatch_that_was_never_its_own(state: State) -> None:
    assert code(case=CASE._replace(state=state), was_given=False) == "dispatch.unknown"
    assert code(case=None) == "dispatch.unknown"
    assert code(3, CASE._replace(state=state)) == "dispatch.unknown"
