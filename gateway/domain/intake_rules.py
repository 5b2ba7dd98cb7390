"""接收: what an item of the feed becomes, before anything is stored."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Self

from gateway.domain.case import Case, Change, State, Step, advance, begin, trace_of
from gateway.domain.deadline import DueDates
from gateway.domain.directory import Directories
from gateway.domain.dispatch import dispatch_head, dispatch_number
from gateway.domain.feed_items import UNREADABLE
from gateway.domain.portal_return import is_going_back
from gateway.domain.province import Province
from gateway.domain.routing import Route, Router, Unroutable
from gateway.domain.screening import Screener
from schemas.records.applications import ForwardedApplication
from schemas.reference.calendar import WorkingCalendar
from schemas.reference.clock import beijing_date
from schemas.reference.codes import CodeTables
from schemas.reference.divisions import DivisionTree


@dataclass(frozen=True, slots=True)
class Rules:
    """What the intake decides by: all of it data."""

    tree: DivisionTree
    tables: CodeTables
    calendar: WorkingCalendar
    directory: Directories
    province: Province
    router: Router = field(init=False, compare=False, repr=False)
    screener: Screener = field(init=False, compare=False, repr=False)
    due_dates: DueDates = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Make what remembers look-ups in these rules: it lives as long as they do."""
        router = Router(self.tree, self.directory, province=self.province.division)
        object.__setattr__(self, "router", router)
        object.__setattr__(self, "screener", Screener(self.tables, self.tree))
        object.__setattr__(self, "due_dates", DueDates(self.province, self.calendar, self.tree))

    def on(self, day: date) -> Self:
        """Return these rules, which are those of every day: see `DatedRules`."""
        return self


@dataclass(frozen=True, slots=True)
class Accepted:
    """A case as it opens: held when `route` says why it has no agency."""

    change: Change
    route: Route | Unroutable | None

    @property
    def case(self) -> Case:
        """The case after its first step."""
        return self.change.case

    def dispatch_head(self) -> bytes | None:
        """Return the dispatch without its application, as JSON; None for a case that is held."""
        return dispatch_head(self.case, self.route) if isinstance(self.route, Route) else None


def accept(application: ForwardedApplication, *, rules: Rules, at: datetime) -> Accepted:
    """Return the case that `application` becomes at `at`: screened, routed, its due date set."""
    on = beijing_date(at)
    way = rules.router.route(application.place_division, on)
    term = rules.due_dates.of(on, application.policy, application.place_division)
    routed = isinstance(way, Route)
    number = application.application_no
    case = Case(
        key=number,
        state=State.ACCEPTED if routed else State.HELD,
        version=1,
        revision=0,
        place_basis=application.place_basis,
        place_division=application.place_division,
        agency=way.agency.code if isinstance(way, Route) else None,
        dispatch_no=dispatch_number(number, 1) if routed else None,
        dispatches=1 if routed else 0,
        policy=application.policy,
        submitted_at=application.submitted_at,
        accepted_at=at,
        changed_at=at,
        due_on=term.on,
        due_rule=term.rule,
        hold_reason=None if isinstance(way, Route) else way.value,
        findings=rules.screener.screen(application, application, on),
        trace_id=application.trace_id or trace_of(number),
        chain="",
    )
    return Accepted(begin(case, "intake", case.hold_reason), way)


def hold_unreadable(number: str, *, rules: Rules, at: datetime) -> Accepted:
    """Return the held case of an application that cannot be read: visible, its clock running."""
    term = rules.due_dates.of(beijing_date(at), rules.province.default_policy, "")
    case = Case(
        key=number,
        state=State.HELD,
        version=1,
        revision=0,
        place_basis="",
        place_division="",
        agency=None,
        dispatch_no=None,
        dispatches=0,
        policy=rules.province.default_policy,
        submitted_at=at,
        accepted_at=at,
        changed_at=at,
        due_on=term.on,
        due_rule=term.rule,
        hold_reason=UNREADABLE,
        findings=(),
        trace_id=trace_of(number),
        chain="",
    )
    return Accepted(begin(case, "intake", UNREADABLE), None)


def may_be_readmitted(case: Case) -> bool:
    """Say whether a case still waits for a readable copy.

    Untouched by a person; or it went back to the national side, or goes, for being unreadable.
    """
    if case.state is State.RETURNED or is_going_back(case):
        return not case.place_division
    return case.state is State.HELD and case.hold_reason == UNREADABLE


def readmit(
    accepted: Accepted,
    held: Case,
    *,
    rules: Rules,
    actor: str = "intake",
    note: str | None = None,
) -> Accepted:
    """Return a case held as unreadable, now that its application can be read.

    Its time runs from when the first copy was ingested.
    """
    fresh = accepted.case
    first_on = beijing_date(held.accepted_at)
    term = rules.due_dates.of(first_on, fresh.policy, fresh.place_division)
    change = advance(
        held,
        Step.ASSIGN if isinstance(accepted.route, Route) else Step.HOLD,
        at=fresh.changed_at,
        actor=actor,
        note=note or fresh.hold_reason or "application.readable",
        place_basis=fresh.place_basis,
        place_division=fresh.place_division,
        agency=fresh.agency,
        dispatch_no=fresh.dispatch_no,
        dispatches=fresh.dispatches,
        policy=fresh.policy,
        submitted_at=fresh.submitted_at,
        due_on=term.on,
        due_rule=term.rule,
        hold_reason=fresh.hold_reason,
        findings=fresh.findings,
        trace_id=fresh.trace_id,
    )
    return Accepted(change, accepted.route)
