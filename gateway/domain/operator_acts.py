"""经手: what an operator (经手人) does to a case by hand: reassign, hold, annotate.

Each act is a step of the life of a case, or changes nothing: done twice it is done once.

Source: 豫人社办〔2020〕35号 annex 1 no. 2 (reassignment by the administrator).
"""

from datetime import datetime
from enum import StrEnum
from typing import Final

from gateway.domain.case import UNDECIDED, Case, Change, State, Step, advance
from gateway.domain.detail import Detail
from gateway.domain.directory import Agency
from gateway.domain.dispatch import dispatch_number
from gateway.domain.routing import Route
from schemas.records.dispatches import RoutedBy

OPERATOR: Final = "operator:"
"""What the actor of a step begins with that a person took, before that person's name."""
HELD_BY_OPERATOR: Final = "operator.held"
"""Why a case is held that an operator holds; its dispatch stands meanwhile."""
RETURN_PENDING: Final = "return.pending"
"""Why a case is held that goes back: the national side has not taken it yet."""
ASSIGNED: Final = "case.assigned"
"""An operator chose the agency; to which, and from which, are parameters."""
ANNOTATED: Final = "case.annotated"
"""An operator wrote something about a case; the fingerprint of the text is a parameter."""


DISCLOSED: Final = "case.disclosed"
"""An operator was shown what a person filled in, unmasked; why is the text of the entry."""


class ActResult(StrEnum):
    """What became of one case that an operator acts on."""

    DONE = "done"  # 已办理
    ALREADY = "already"  # 此前已办理: it is so already
    CLOSED = "closed"  # decided, returned or withdrawn
    UNREADABLE = "unreadable"  # there is nothing that could be dispatched
    GOING_BACK = "going-back"  # 退回部端处理中: the national side may have it already
    BELONGS_HERE = "belongs-here"  # 属本省: nobody is turned away
    UNFIT_REASON = "unfit-reason"  # the reason is not one for this case
    UNKNOWN = "unknown"  # no such case


def way_to(case: Case, agency: Agency) -> Route:
    """Return the route of a case to the agency that an operator chose."""
    by = RoutedBy(
        rule="operator", place_division=case.place_division, matched_division=agency.division
    )
    return Route(agency, by)


def assign(case: Case, agency: Agency, *, operator: str, at: datetime) -> Change | ActResult:
    """Return the case with `agency` under a new dispatch number (改派), or why that is not so.

    Its due date stands: the clock of a case never stops.
    """
    if case.state not in UNDECIDED:
        return ActResult.CLOSED
    if not case.place_division:
        return ActResult.UNREADABLE
    if case.hold_reason == RETURN_PENDING:
        return ActResult.GOING_BACK
    if case.agency == agency.code and case.state is not State.HELD:
        return ActResult.ALREADY
    ordinal = case.dispatches + 1
    moved = {"to": agency.code, "from": case.agency or ""}
    note = Detail(ASSIGNED, {name: code for name, code in moved.items() if code})
    return advance(
        case,
        Step.ASSIGN,
        at=at,
        actor=f"{OPERATOR}{operator}",
        note=str(note),
        agency=agency.code,
        dispatches=ordinal,
        dispatch_no=dispatch_number(case.key, ordinal),
        hold_reason=None,
    )


def hold(case: Case, *, operator: str, at: datetime) -> Change | ActResult:
    """Return the case held (挂起), or why that is not so.

    Its dispatch stands: the agency may still decide, and a release goes on under the same number.
    A case that is held already keeps its reason, since what releasing it means follows from that.
    """
    if case.state is State.HELD:
        return ActResult.ALREADY
    if case.state not in UNDECIDED:
        return ActResult.CLOSED
    return advance(
        case,
        Step.HOLD,
        at=at,
        actor=f"{OPERATOR}{operator}",
        note=HELD_BY_OPERATOR,
        hold_reason=HELD_BY_OPERATOR,
    )


def annotate(case: Case, *, fingerprint: str, operator: str, at: datetime) -> Change:
    """Return the case with an entry for what an operator wrote about it; nothing is moved."""
    actor, note = f"{OPERATOR}{operator}", annotation_of(fingerprint)
    return advance(case, Step.NOTE, at=at, actor=actor, note=note)


def disclose(case: Case, *, operator: str, at: datetime) -> Change:
    """Return the case with an entry that an operator is shown the person's form unmasked."""
    actor = f"{OPERATOR}{operator}"
    return advance(case, Step.NOTE, at=at, actor=actor, note=str(Detail(DISCLOSED)))


def annotation_of(fingerprint: str) -> str:
    """Return the note of the entry that `annotate` makes of a text with this fingerprint."""
    return str(Detail(ANNOTATED, {"fingerprint": fingerprint}))
