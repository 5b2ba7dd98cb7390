"""释放挂起: what becomes of a held case that an operator lets go on, by why it is held.

A case without an agency is routed again, under the settings and the division tables of now. One
whose dispatch was refused goes to the same agency under the same dispatch number, which that agency
knows it by, or under a new one where another agency is responsible by now; so does one that an
operator held, whose dispatch stood meanwhile. One that could not be read is read again, since the
program may read more today than when it came. The due date stands: the clock of a held case never
stopped.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.domain.case import Case, Change, State, Step, advance
from gateway.domain.detail import RELEASED, Detail
from gateway.domain.dispatch import delivered, dispatch_number
from gateway.domain.feed_items import UNREADABLE, Received, receive
from gateway.domain.intake_rules import Accepted, Rules, accept, readmit
from gateway.domain.operator_acts import HELD_BY_OPERATOR, OPERATOR, RETURN_PENDING
from gateway.domain.routing import Route
from schemas.records.applications import ForwardedApplication
from schemas.records.json_errors import Malformed
from schemas.records.strict_json import RawItem, read_page
from schemas.reference.clock import beijing_date


class ReleaseResult(StrEnum):
    """What became of one case that was to be released."""

    RELEASED = "released"  # 已释放
    STILL_HELD = "still-held"  # 仍挂起: what held it holds it still, or something else does
    NOT_HELD = "not-held"  # 未挂起: released before, decided or withdrawn meanwhile
    UNKNOWN = "unknown"  # no such case


@dataclass(frozen=True, slots=True)
class Reread:
    """An application that could not be read when it came, and can be read now."""

    accepted: Accepted
    received: Received


@dataclass(frozen=True, slots=True)
class ReleasePlan:
    """Where a held case goes: to `way`, or nowhere, and then for which reason."""

    case: Case
    way: Route | None
    reason: str
    reread: Reread | None = None

    @property
    def result(self) -> ReleaseResult:
        """What this plan makes of the case."""
        return ReleaseResult.RELEASED if self.way is not None else ReleaseResult.STILL_HELD

    @property
    def keeps_agency(self) -> bool:
        """Whether the case goes to the agency that its current dispatch is for."""
        case = self.case
        return (
            self.way is not None
            and None not in {case.dispatch_no, case.agency}
            and (self.way.agency.code == case.agency)
        )

    @property
    def keeps_dispatch(self) -> bool:
        """Whether the current dispatch stood while an operator held the case, and goes on."""
        return self.keeps_agency and self.case.hold_reason == HELD_BY_OPERATOR


def plan_release(
    case: Case, content: bytes | None, *, rules: Rules, at: datetime
) -> ReleasePlan | ReleaseResult:
    """Return where a case goes at `at`; `content` is what was received, where it is unreadable.

    The Beijing date of `at` is the day on which divisions are looked up.
    """
    if case.state is not State.HELD:
        return ReleaseResult.NOT_HELD
    if case.hold_reason == UNREADABLE:
        return _plan_reread(case, content or b"", rules, at)
    if case.hold_reason == RETURN_PENDING:
        return ReleasePlan(case, None, RETURN_PENDING)
    way = rules.router.route(case.place_division, beijing_date(at))
    if isinstance(way, Route):
        return ReleasePlan(case, way, case.hold_reason or "")
    return ReleasePlan(case, None, way.value)


def released(plan: ReleasePlan, *, sent_again: bool, operator: str, at: datetime) -> Change | None:
    """Return the step of a plan, None where it changes nothing.

    Args:
        plan: Made from the case as it stands.
        sent_again: The current dispatch goes again; otherwise the next number is given out.
        operator: Who releases it, as the history shall say.
        at: When.
    """
    case, actor = plan.case, f"{OPERATOR}{operator}"
    if plan.way is None:
        return _held_for_another_reason(plan, actor, at)
    ordinal = case.dispatches if sent_again else case.dispatches + 1
    return advance(
        case,
        Step.ASSIGN,
        at=at,
        actor=actor,
        note=str(Detail(RELEASED, {"reason": plan.reason})),
        agency=plan.way.agency.code,
        dispatches=ordinal,
        dispatch_no=case.dispatch_no if sent_again else dispatch_number(case.key, ordinal),
        hold_reason=None,
    )


def delivered_meanwhile(case: Case, *, at: datetime) -> Change | None:
    """Return a case that was just released as its agency has it: its dispatch got there before."""
    if case.dispatch_no is None or case.agency is None:
        return None
    return delivered(case, case.dispatch_no, agency=case.agency, at=at)


def reread_released(plan: ReleasePlan, reread: Reread, *, operator: str, rules: Rules) -> Accepted:
    """Return the case of an application that can be read now, as it goes on."""
    note = str(Detail(RELEASED, {"reason": UNREADABLE})) if plan.way is not None else None
    actor = f"{OPERATOR}{operator}"
    return readmit(reread.accepted, plan.case, rules=rules, actor=actor, note=note)


def _plan_reread(case: Case, content: bytes, rules: Rules, at: datetime) -> ReleasePlan:
    received = _read_again(content)
    item = None if received is None else received.item
    if received is None or not isinstance(item, ForwardedApplication):
        return ReleasePlan(case, None, UNREADABLE)
    if item.application_no != case.key:
        return ReleasePlan(case, None, UNREADABLE)
    accepted = accept(item, rules=rules, at=at)
    way = accepted.route if isinstance(accepted.route, Route) else None
    reason = UNREADABLE if way is not None else accepted.case.hold_reason or ""
    return ReleasePlan(case, way, reason, Reread(accepted, received))


def _read_again(content: bytes) -> Received | None:
    """Return what the bytes of one item say, taken apart as those of a page are."""
    try:
        _, items = read_page(b'{"items":[%b]}' % content, "items")
    except Malformed:
        items = [RawItem(content)]
    return receive(items[0]) if len(items) == 1 else None


def _held_for_another_reason(plan: ReleasePlan, actor: str, at: datetime) -> Change | None:
    if plan.reason == plan.case.hold_reason:
        return None
    return advance(
        plan.case, Step.HOLD, at=at, actor=actor, note=plan.reason, hold_reason=plan.reason
    )
