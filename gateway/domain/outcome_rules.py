"""Whether an outcome may be taken: from whom, under which dispatch, in which order."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from gateway.domain.case import Case, Change, State, Step, advance
from gateway.domain.detail import OUTCOME_REFUSED, Detail
from gateway.domain.dispatch import was_given_out
from gateway.domain.screening import Finding
from schemas.records.outcomes import Outcome, Verdict

DATED_AHEAD: Final = "outcome.dated-ahead"
UNKNOWN: Final = "outcome.unknown-application", "no case of this agency under this key"
"""The one answer for a case that is not there and for one that is not the sender's to know of."""
MOST_REFUSALS_NOTED: Final = 10
"""Of one sender in one case: a peer that never stops does not fill the history."""


def refusal_noted(
    case: Case, *, code: str, revision: int, fingerprint: str, sender: str, at: datetime
) -> Change:
    """Return the case with an entry that an outcome of `sender` was refused, and why."""
    params = {"code": code, "revision": str(revision), "fingerprint": fingerprint}
    return advance(case, Step.NOTE, at=at, actor=sender, note=str(Detail(OUTCOME_REFUSED, params)))


def is_refusal_due(noted: Sequence[str], *, fingerprint: str, code: str) -> bool:
    """Say whether a refusal is worth an entry: each content once a reason, and not without end.

    Args:
        noted: The notes of earlier entries of the same sender in this case.
        fingerprint: A keyed digest of the content.
        code: Why it is refused.
    """
    read = [detail for note in noted if (detail := Detail.read(note)) is not None]
    refusals = [one.params for one in read if one.code == OUTCOME_REFUSED]
    same = (code, fingerprint)
    return len(refusals) < MOST_REFUSALS_NOTED and all(
        (one.get("code"), one.get("fingerprint")) != same for one in refusals
    )


def is_in_charge(case: Case | None, sender: str) -> bool:
    """Say whether the case is there and with this agency."""
    return case is not None and case.agency == sender


def objection(
    outcome: Outcome, case: Case | None, sender: str, *, at: datetime, was_given: bool = False
) -> tuple[str, str] | None:
    """Return why an outcome cannot be taken, as (code, detail), or None when it can.

    That it is no repeat of an outcome taken before was checked already. `sender` is the agency
    whose key signed the message; nothing in the body says who is calling. `at` is when it came. A
    revision may leave others out: they were corrected before they came. `was_given` says that the
    dispatch it names was once one for this agency: only then may it know, after 改派 to another
    one, that there is such a case. Nobody is registered without having consented (本人承诺).

    Source: 湖南基层公共就业服务经办规程 art. 2(4); 人社厅发〔2020〕3号 art. 3.
    """
    given = outcome.dispatch_no
    if case is not None and case.is_local != (outcome.application_no is None):
        return UNKNOWN  # an application number that reads like the key of a registration
    if case is None or not (is_in_charge(case, sender) or was_given):
        return UNKNOWN
    superseded = given != case.dispatch_no and given is not None and was_given_out(case, given)
    if not (is_in_charge(case, sender) or superseded):
        return UNKNOWN
    objections = (
        (
            given is None and case.dispatch_no is not None,
            "outcome.dispatch-missing",
            "dispatch_no is required",
        ),
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
        (
            outcome.verdict == Verdict.PASSED and Finding.COMMITMENT_MISSING in case.findings,
            "outcome.commitment-missing",
            "the person has not consented",
        ),
        (outcome.is_dated_ahead(at), DATED_AHEAD, "aae036 is in the future"),
    )
    standing = ((code, f"{case.key}: {detail}") for holds, code, detail in objections if holds)
    return next(standing, None)
