"""Whether an outcome may be taken: every objection, and the order in which they are raised."""

from datetime import timedelta
from typing import Final

import pytest

from gateway.domain.case import Case, State
from gateway.domain.dispatch import dispatch_number
from gateway.domain.intake_rules import accept
from gateway.domain.outcome_rules import DATED_AHEAD, objection
from schemas.records.outcomes import Outcome
from tests.builders.records import (
    JINSHUI,
    JIYUAN,
    MORNING,
    REFUSAL,
    an_application,
    an_outcome,
    rules,
)

CASE: Final = accept(an_application(), rules=rules(), at=MORNING).case._replace(
    dispatches=2, dispatch_no=dispatch_number("SY2026030200001", 2)
)


def answering(**changes: object) -> Outcome:
    """Return an outcome that answers the case's current dispatch, with changes."""
    return an_outcome(**{"dispatch_no": CASE.dispatch_no, **changes})


def code(
    outcome: Outcome, case: Case | None = CASE, sender: str = JINSHUI, *, was_given: bool = False
) -> str | None:
    found = objection(outcome, case, sender, at=MORNING, was_given=was_given)
    return found[0] if found else None


@pytest.mark.parametrize(
    "state", [State.ACCEPTED, State.DISPATCHED, State.HELD, State.DECIDED, State.REPORTED]
)
def test_the_agency_in_charge_may_decide(state: State) -> None:
    assert code(answering(), CASE._replace(state=state)) is None


@pytest.mark.parametrize("revision", [2, 3, 9999])
def test_a_correction_may_follow_and_leave_revisions_out(revision: int) -> None:
    decided = CASE._replace(state=State.REPORTED, revision=1)
    assert code(answering(revision=revision), decided) is None


def test_the_first_outcome_may_be_a_later_revision() -> None:
    assert code(answering(revision=7)) is None


@pytest.mark.parametrize(("ahead_s", "refused"), [(300, None), (300.000001, DATED_AHEAD)])
def test_a_decision_may_be_dated_five_minutes_ahead_and_no_more(
    ahead_s: float, refused: str | None
) -> None:
    decided_at = MORNING + timedelta(seconds=ahead_s)
    assert code(answering(aae036=decided_at.isoformat())) == refused


def test_an_unknown_application_has_no_outcome() -> None:
    assert code(answering(), None) == "outcome.unknown-application"


def test_an_outcome_names_the_dispatch_it_answers() -> None:
    assert code(answering(dispatch_no=None)) == "outcome.dispatch-missing"


def test_a_result_under_an_old_dispatch_comes_too_late() -> None:
    old = dispatch_number(CASE.key, 1)
    assert code(answering(dispatch_no=old)) == "outcome.superseded-dispatch"
    assert code(answering(dispatch_no=old), sender=JIYUAN, was_given=True) == (
        "outcome.superseded-dispatch"
    )


@pytest.mark.parametrize(
    ("given", "was_given"),
    [
        (None, False),
        (dispatch_number(CASE.key, 1), False),  # whoever knows the number of a case can compute it
        (CASE.dispatch_no, False),
        ("D-0", False),
        ("D-0", True),  # a dispatch of another case that it once had
    ],
)
def test_an_agency_learns_of_a_case_of_another_one_only_by_a_dispatch_it_once_had(
    given: str | None, *, was_given: bool
) -> None:
    outcome = answering(dispatch_no=given)

    of_another = objection(outcome, CASE, JIYUAN, at=MORNING, was_given=was_given)

    assert of_another == objection(outcome, None, JIYUAN, at=MORNING)


@pytest.mark.parametrize("ordinal", [0, 3])
def test_a_dispatch_that_was_never_given_out_is_unknown(ordinal: int) -> None:
    assert code(answering(dispatch_no=dispatch_number(CASE.key, ordinal))) == "dispatch.unknown"


def test_the_dispatch_of_another_case_is_unknown() -> None:
    assert code(answering(dispatch_no=dispatch_number("another", 2))) == "dispatch.unknown"


def test_only_the_agency_in_charge_decides() -> None:
    assert code(answering(aae017=JIYUAN), sender=JIYUAN) == "outcome.unknown-application"


def test_nobody_decides_in_the_name_of_another_agency() -> None:
    assert code(answering(aae017=JIYUAN)) == "outcome.wrong-agency"


def test_a_held_case_without_an_agency_takes_no_outcome() -> None:
    unroutable = CASE._replace(state=State.HELD, agency=None, dispatch_no=None, dispatches=0)
    assert code(answering(), unroutable) == "outcome.unknown-application"


@pytest.mark.parametrize("revision", [1, 2])
def test_a_revision_that_is_not_newer_is_superseded(revision: int) -> None:
    assert code(answering(revision=revision), CASE._replace(revision=2)) == "outcome.superseded"


def test_nobody_is_registered_without_having_consented() -> None:
    unsigned = {"commitment": {"given": False, "date": "2026-03-01", "text_version": "2020-1"}}
    without = accept(an_application(**unsigned), rules=rules(), at=MORNING).case
    without = without._replace(dispatches=2, dispatch_no=CASE.dispatch_no)
    assert code(answering(), without) == "outcome.commitment-missing"
    assert code(answering(**REFUSAL), without) is None


def test_a_withdrawn_case_takes_no_outcome() -> None:
    assert code(answering(), CASE._replace(state=State.WITHDRAWN)) == "case.withdrawn"


def test_a_returned_case_takes_no_outcome() -> None:
    assert code(answering(), CASE._replace(state=State.RETURNED)) == "case.illegal-step"


def test_an_objection_shows_no_personal_value() -> None:
    for case in (None, CASE._replace(revision=9), CASE._replace(agency=None)):
        found = objection(answering(), case, JINSHUI, at=MORNING)
        assert found is not None
        assert "李静" not in found[1]
        assert len(found[1]) <= 100  # it fits the `detail` of a problem body


def test_a_dispatch_number_is_the_same_whenever_it_is_computed() -> None:
    assert dispatch_number("SY1", 1) == dispatch_number("SY1", 1)
    assert len({dispatch_number(key, n) for key in ("SY1", "SY2") for n in (1, 2)}) == 4
