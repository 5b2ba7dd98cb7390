"""Whether an outcome may be taken: from whom, under which dispatch, in which order."""

from gateway.domain.case import Case, State
from gateway.domain.dispatch import was_given_out
from schemas.records.outcomes import Outcome


def objection(outcome: Outcome, case: Case | None, sender: str) -> tuple[str, str] | None:
    """Return why an outcome cannot be taken, as (code, detail), or None when it can.

    That it is no repeat of an outcome taken before was checked already. `sender` is the agency
    whose key signed the message; nothing in the body says who is calling.
    """
    if case is None:
        return "outcome.unknown-application", "no case under this key"
    given = outcome.dispatch_no
    superseded = given != case.dispatch_no and given is not None and was_given_out(case, given)
    objections = (
        (given is None, "outcome.dispatch-missing", "dispatch_no is required"),
        (superseded, "outcome.superseded-dispatch", "reassigned since"),
        (case.agency != sender, "outcome.wrong-agency", f"not with {sender}"),
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
