"""注销: whether a deregistration may be taken, and what it leaves in the history of its case.

Source: 人社厅发〔2020〕3号 art. 5.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from gateway.domain.case import Case, Change, State, Step, advance
from gateway.domain.detail import DEREGISTERED, Detail
from gateway.domain.ground_rules import Breach
from gateway.domain.intake_rules import Rules
from gateway.domain.item_answer import Objection
from gateway.domain.outcome_rules import DATED_AHEAD, is_in_charge
from schemas.records.deregistrations import Deregistration
from schemas.records.field_errors import field_error
from schemas.records.outcomes import Outcome, Verdict
from schemas.reference.calendar import CalendarGap
from schemas.reference.clock import beijing_date

UNKNOWN: Final = Objection("deregistration.unknown-registration", "no registration of this agency")
"""The one answer for a registration that is not there, or not the sender's to know of."""
NOTICE_WORKING_DAYS: Final = 3
"""Until when the person is told at the latest, after a deregistration that took effect at once.

Assumed: three working days, of which no notice speaks
"""
_DECIDED: Final = frozenset({State.DECIDED, State.REPORTED})


@dataclass(frozen=True, slots=True)
class RegistrationInForce:
    """The registration of a case as it stands: its newest outcome, and what ended it so far.

    `deregistrations` is the highest revision of its deregistration, 0 where there is none.
    """

    outcome: Outcome | None
    deregistrations: int


def objection(
    deregistration: Deregistration,
    case: Case | None,
    registered: RegistrationInForce,
    sender: str,
    *,
    rules: Rules,
    at: datetime,
) -> Objection | None:
    """Return why a deregistration cannot be taken, or None when it can.

    It needs a registration that was passed and is reported under the same number, and a ground of
    the rules that the province goes by, verified and notified as they say.

    Source: 人社厅发〔2020〕3号 art. 5; 湘人社函〔2020〕23号 art. 1(3).
    """
    standing = _objections(deregistration, case, registered, sender, rules, at)
    return next(standing, None)


def _objections(
    deregistration: Deregistration,
    case: Case | None,
    registered: RegistrationInForce,
    sender: str,
    rules: Rules,
    at: datetime,
) -> Iterator[Objection]:
    if case is None or not is_in_charge(case, sender):
        yield UNKNOWN
        return
    if case.is_local != (deregistration.application_no is None) or case.state not in _DECIDED:
        yield UNKNOWN
    if not _is_registered(registered.outcome, deregistration.registration_no):
        yield UNKNOWN
    if deregistration.agency_code != sender:
        yield Objection("outcome.wrong-agency", f"{case.key}: aae017 is not {sender}")
    if deregistration.revision <= registered.deregistrations:
        detail = f"revision {registered.deregistrations} is here already"
        yield Objection("deregistration.superseded", f"{case.key}: {detail}")
    if breach := rules.province.ground_rules.breach(deregistration):
        yield _broken(breach, case.key)
    if deregistration.is_dated_ahead(at):
        yield Objection(DATED_AHEAD, f"{case.key}: aae036 is in the future")


def deregistered(case: Case, deregistration: Deregistration, sender: str, at: datetime) -> Change:
    """Return the case with an entry that its registration ended; what was decided stays decided."""
    params = {
        "ground": deregistration.ground,
        "revision": str(deregistration.revision),
        "notice": "due" if deregistration.notice_due else "done",
    }
    note = str(Detail(DEREGISTERED, params))
    return advance(case, Step.NOTE, at=at, actor=sender, note=note)


def notice_due_on(deregistration: Deregistration, rules: Rules) -> date | None:
    """Return the last day (Beijing) to tell the person; None beyond the announced calendar."""
    decided_on = beijing_date(deregistration.decided_at)
    try:
        return rules.calendar.add_working_days(decided_on, NOTICE_WORKING_DAYS)
    except CalendarGap:
        return None


def _broken(breach: Breach, key: str) -> Objection:
    article = field_error(breach.pointer, "value_error", f"依据：{breach.article}")
    return Objection(breach.code, f"{key}: {breach.pointer} by {breach.article}", (article,))


def _is_registered(outcome: Outcome | None, number: str) -> bool:
    if outcome is None or outcome.verdict != Verdict.PASSED:
        return False
    return outcome.registration_no == number
