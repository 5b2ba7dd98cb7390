"""Whether an outcome may be taken: from whom, under which dispatch, in which order."""

from typing import Final

from gateway.domain.case import Case, State
from gateway.domain.dispatch import was_given_out
from schemas.records.outcomes import Outcome

UNKNOWN: Final = "outcome.unknown-application", "no case of this agency under this key"
"""The one answer for a case that is not there and for one that is not the sender's to know of."""


def is_in_charge(case: Case | None, sender: str) -> bool:
    """Say whether the case is there and with this agency."""
    return case is not None and case.agency == sender


def objection(
    outcome: Outcome, case: Case | None, sender: str, *, was_given: bool = False
) -> tuple[str, str] | None:
    """Return why an outcome cannot be taken, as (code, detail), or None when it can.

    That it is no repeat of an outcome taken before was checked already. `sender` is the agency
    whose key signed the message; nothing in the body says who is calling. `was_given` says that the
    dispatch it names was once one for this agency: only then may it know, after 改派 to another
    one, that there is such a case.
    """
    given = outcome.dispatch_no
    if case is None or not (is_in_charge(case, sender) or was_given):
        return UNKNOWN
    superseded = given != case.dispatch_no and given is not None and was_given_out(case, given)
    if not (is_in_charge(case, sender) or superseded):
        return UNKNOWN
    objections = (
        (given is None, "outcome.dispatch-missing", "dispatch_no is required"),
        (superseded, "outcome.superseded-dispatch", "reassigned since"),
        (outcome.agency_code != sender, "outcome.wrong-agency", f"aae017 is not {sender}"),
        (given != case.dispatch_no, "dispatch.unknown", "no such dispatch"),
        (
            outcome.revision <= case.revision,
            "outcome.superseded",
            f"revision {case.revision} is here already",
        ),
        (case.state is State.WITHDRAWN, "case.withdrawn", "withdrawn before it was decided"),
        (case.state is State.RETURNED, "case.illegal-step", "returned"),
    )
    standing = ((code, f"{case.key}: {detail}") for holds, code, detail in objections if holds)
    return next(standing, None)
