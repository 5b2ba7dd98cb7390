"""退回: whether an agency may give a dispatch back, and what that does to the case.

Source: 豫人社办〔2020〕35号 annex 1 nos. 1, 2 (reassignment).
Assumed: agencies return dispatches; the notices have reassignment (改派) alone.
"""

from datetime import datetime
from typing import Final

from gateway.domain.case import UNDECIDED, Case, Change, State, Step, advance
from gateway.domain.detail import Detail
from gateway.domain.dispatch import was_given_out
from schemas.records.returns import DispatchReturn

GIVEN_BACK: Final = "dispatch.returned"
"""Why a case is held whose agency returned its dispatch; in a history, with reason and place."""
UNKNOWN: Final = "dispatch.unknown", "no such dispatch of this agency"
"""The one answer for a dispatch that is not there and for one that is not the sender's."""


def objection(
    record: DispatchReturn, case: Case | None, sender: str, *, was_given: bool
) -> tuple[str, str] | None:
    """Return why a dispatch cannot be given back, as (code, detail), or None when it can.

    `sender` is the agency whose key signed the message. `was_given` says that the dispatch was once
    one for this agency: no other may know that there is such a case.
    """
    given = record.dispatch_no
    if case is None or not was_given:
        return UNKNOWN
    objections = (
        (not was_given_out(case, given), *UNKNOWN),
        (
            given != case.dispatch_no or case.agency != sender,
            "outcome.superseded-dispatch",
            "reassigned since, or given back",
        ),
        (case.state is State.WITHDRAWN, "case.withdrawn", "withdrawn by the person"),
        (case.state not in UNDECIDED, "case.illegal-step", "decided, or returned to the portal"),
    )
    return next(((code, f"{case.key}: {why}") for holds, code, why in objections if holds), None)


def given_back(case: Case, record: DispatchReturn, *, sender: str, at: datetime) -> Change:
    """Return the case on the desk's queue: held, with no agency and no dispatch, its clock running.

    The dispatch is over: an outcome under its number comes too late, even from the same agency.
    """
    said = {"reason": record.reason, "belongs_to": record.belongs_to or ""}
    detail = Detail(GIVEN_BACK, {name: value for name, value in said.items() if value})
    return advance(
        case,
        Step.HOLD,
        at=at,
        actor=sender,
        note=str(detail),
        agency=None,
        dispatch_no=None,
        hold_reason=GIVEN_BACK,
    )
