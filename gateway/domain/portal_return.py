"""退回部端: what is not the province's goes back to the national side, and nobody is turned away.

A case that goes back waits, held, its clock running, until the national side has taken it. An
application of this province cannot go back: only an agency decides, and none may refuse a person
for where the person is registered or lives.

Source: 人社厅发〔2020〕3号 arts. 7, 8.
    Assumed: that an application goes back at all.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.domain.case import UNDECIDED, Case, Change, State, Step, advance
from gateway.domain.detail import Detail
from gateway.domain.feed_items import position_of
from gateway.domain.operator_acts import OPERATOR, RETURN_PENDING, ActResult
from schemas.records.application_returns import (
    FORWARDED_TWICE,
    UNREADABLE_CONTENT,
    ApplicationReturn,
)
from schemas.reference.divisions import DivisionTree, UnknownDivision

RETURN_REFUSED: Final = "return.refused"
"""Why a case is held that the national side did not take back; its code is a parameter."""
FORWARDED_AGAIN: Final = "application.forwarded-again"
"""Why a case is held that went back and came again."""
RETURNED_TO_PORTAL: Final = "return.taken"
"""The national side has taken a case back."""


@dataclass(frozen=True, slots=True)
class WantedReturn:
    """What an operator wants: why a case goes back, and where it belongs, if that is known.

    `operator` is who acts, as histories have it; `person` is told to the national side.
    """

    reason: str
    belongs_to: str | None
    operator: str
    person: str


@dataclass(frozen=True, slots=True)
class Territory:
    """Which places are the province's: those that the table of divisions has below it."""

    tree: DivisionTree
    province: str

    def holds(self, place: str) -> bool:
        """Say whether a place is the province's; an unknown one is nobody's."""
        return self.knows(place) and self.tree.is_within(place, self.province)

    def knows(self, place: str) -> bool:
        """Say whether the table knows a place."""
        return is_known(place, self.tree)


def is_known(place: str, tree: DivisionTree) -> bool:
    """Say whether the table of divisions knows a place."""
    try:
        tree.ancestors(place)
    except UnknownDivision:
        return False
    return True


def give_back(
    case: Case, wanted: WantedReturn, *, territory: Territory, at: datetime
) -> Change | ActResult:
    """Return the case held until the national side has taken it back, or why it does not go.

    Its dispatch is over: what comes under its number is refused from then on.
    """
    if case.state is State.RETURNED or is_pending(case):
        return ActResult.ALREADY
    if case.state not in UNDECIDED:
        return ActResult.CLOSED
    if (objection := _objection(case, wanted, territory)) is not None:
        return objection
    said = {"reason": wanted.reason, "belongs_to": wanted.belongs_to or ""}
    note = Detail(RETURN_PENDING, {name: value for name, value in said.items() if value})
    return advance(
        case,
        Step.HOLD,
        at=at,
        actor=f"{OPERATOR}{wanted.operator}",
        note=str(note),
        agency=None,
        dispatch_no=None,
        hold_reason=RETURN_PENDING,
    )


def _objection(case: Case, wanted: WantedReturn, territory: Territory) -> ActResult | None:
    unreadable = not case.place_division
    if unreadable or wanted.reason == UNREADABLE_CONTENT:
        fits = unreadable and wanted.reason == UNREADABLE_CONTENT
        return None if fits else ActResult.UNFIT_REASON
    if wanted.reason == FORWARDED_TWICE:
        return None
    if any(map(territory.holds, (case.place_division, wanted.belongs_to or ""))):
        return ActResult.BELONGS_HERE
    nowhere = not territory.knows(case.place_division) and wanted.belongs_to is None
    return ActResult.UNFIT_REASON if nowhere else None


def record_of(case: Case, wanted: WantedReturn, at: datetime) -> ApplicationReturn:
    """Return the record that tells the national side; `case` as it is since `give_back`.

    The version of the case is the revision of the record: it grows, whatever happens in between.
    """
    position = position_of(case.key)
    return ApplicationReturn(
        application_no=case.key if position is None else None,
        position=position,
        revision=case.version,
        reason=wanted.reason,
        belongs_to=wanted.belongs_to,
        returned_at=at,
        returned_by=wanted.person,
    )


def receipt_key(case_key: str) -> str:
    """Return the key of the receipt for the return of a case."""
    position = position_of(case_key)
    return case_key if position is None else str(position)


def is_pending(case: Case) -> bool:
    """Say whether a case goes back and the national side has not taken it yet."""
    return case.state is State.HELD and case.hold_reason == RETURN_PENDING


def is_going_back(case: Case) -> bool:
    """Say whether a case was to go back, taken or not by now, and nobody did anything else."""
    return case.state is State.HELD and case.hold_reason in {RETURN_PENDING, RETURN_REFUSED}


def taken(case: Case, *, by: str, at: datetime) -> Change | None:
    """Return the end of a case that the national side took back; None where it went on since."""
    if not is_pending(case):
        return None
    return advance(case, Step.RETURN, at=at, actor=by, note=RETURNED_TO_PORTAL, hold_reason=None)


def not_taken(case: Case, code: str, *, by: str, at: datetime) -> Change | None:
    """Return the case on the desk's queue again, which the national side did not take back."""
    if not is_pending(case):
        return None
    note = str(Detail(RETURN_REFUSED, {"code": code}))
    return advance(case, Step.HOLD, at=at, actor=by, note=note, hold_reason=RETURN_REFUSED)


def forwarded_again(case: Case, *, differs: bool, at: datetime) -> Change | None:
    """Return the case on the desk's queue that went back, or goes, and came again.

    While it goes, what `differs` from the first is forwarded anew; the same is only repeated.
    """
    if case.state is State.RETURNED or (is_pending(case) and differs):
        return advance(
            case,
            Step.HOLD,
            at=at,
            actor="intake",
            note=FORWARDED_AGAIN,
            hold_reason=FORWARDED_AGAIN,
        )
    return None
