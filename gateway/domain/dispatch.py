"""分派单: the number of a dispatch, what it holds, and what its delivery does to the case."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Final

import orjson

from gateway.domain.case import Case, Change, State, Step, advance
from gateway.domain.detail import RELEASED, Detail
from gateway.domain.routing import Route
from gateway.domain.screening import Finding

_ABOUT_OTHER_CASES: Final = (Finding.ALSO_APPLIED, Finding.REGISTERED_LOCALLY)
REFUSED: Final = "dispatch.refused"
"""Why a case is held whose current dispatch the agency's system refuses."""
UNCONFIRMED: Final = "dispatch.unconfirmed"
"""Why one is held whose dispatch was refused after an attempt without an answer: it may be there.
"""


def dispatch_number(key: str, ordinal: int) -> str:
    """Return the number of a case's dispatch: the same whenever it is computed again."""
    return f"D{hashlib.sha256(key.encode()).hexdigest()[:20].upper()}-{ordinal}"


def names_dispatch_of(key: str, number: str) -> bool:
    """Say whether `number` can be that of a dispatch of the case under `key`, whichever it is.

    For a case that cannot be read: nobody knows then how many dispatches were given out.
    """
    return number.rpartition("-")[0] == dispatch_number(key, 1).rpartition("-")[0]


def was_given_out(case: Case, number: str) -> bool:
    """Say whether `number` is that of a dispatch of this case, current or superseded."""
    given_out = range(1, case.dispatches + 1)
    return any(dispatch_number(case.key, ordinal) == number for ordinal in given_out)


def dispatch_head(case: Case, way: Route) -> bytes:
    """Return the dispatch of a case that was just routed, without its application, as JSON."""
    return orjson.dumps(
        {
            "dispatch_no": case.dispatch_no,
            "agency_code": way.agency.code,
            "dispatched_at": case.changed_at,
            **({"due_on": case.due_on} if case.due_on else {}),
            "due_rule": case.due_rule,
            "routed_by": {
                "rule": way.by.rule,
                "place_division": way.by.place_division,
                "matched_division": way.by.matched_division,
            },
            "findings": _published(case.findings),
        }
    )


def _published(findings: Iterable[str]) -> tuple[str, ...]:
    """Return the findings as an agency is given them: of another case, only that there is one."""
    said = (
        one.partition(":")[0] if one.startswith(_ABOUT_OTHER_CASES) else one for one in findings
    )
    return tuple(dict.fromkeys(said))


def complete_dispatch(head: bytes, application: bytes | None) -> bytes:
    """Return the whole dispatch: its head with the application as it was received, as JSON."""
    return head[:-1] + b',"application":' + (application or b"null") + b"}"


def delivered(case: Case, number: str, *, agency: str, at: datetime) -> Change | None:
    """Return what the delivery of dispatch `number` does to the case, None where it does nothing.

    After 改派, or once the outcome has overtaken it, a delivery moves nothing.
    """
    if not _is_awaited(case, number):
        return None
    return advance(case, Step.DELIVER, at=at, actor=agency)


def refused(
    case: Case, number: str, *, agency: str, code: str, at: datetime, confirmed: bool = True
) -> Change | None:
    """Return the case held because the agency's system refuses its current dispatch, else None.

    Unless `confirmed`, the agency may have the dispatch all the same.
    """
    if not _is_awaited(case, number):
        return None
    reason = REFUSED if confirmed else UNCONFIRMED
    return advance(case, Step.HOLD, at=at, actor=agency, note=code, hold_reason=reason)


def may_be_resent(case: Case, number: str) -> bool:
    """Say whether dispatch `number` is still to be delivered: current, and not decided on."""
    return case.dispatch_no == number and case.state in {State.ACCEPTED, State.HELD}


def resent(case: Case, *, actor: str, at: datetime) -> Change | None:
    """Return the case awaiting its dispatch again, the same one; None where it did not wait for it.

    The number stays, so an agency that has the dispatch recognises it; `actor` had it sent.
    """
    if case.state is not State.HELD or case.hold_reason not in {REFUSED, UNCONFIRMED}:
        return None
    note = str(Detail(RELEASED, {"reason": case.hold_reason}))
    return advance(case, Step.ASSIGN, at=at, actor=actor, note=note, hold_reason=None)


def _is_awaited(case: Case, number: str) -> bool:
    return case.dispatch_no == number and case.state is State.ACCEPTED
