"""接收: what an item of the feed becomes, before anything is stored."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import orjson
from pydantic import TypeAdapter, ValidationError

from gateway.domain.case import Case, Change, State, Step, advance, begin
from gateway.domain.deadline import due
from gateway.domain.directory import AgencyDirectory
from gateway.domain.outcome_rules import dispatch_number
from gateway.domain.province import Province
from gateway.domain.routing import Route, Unroutable, route
from gateway.domain.screening import screen
from gateway.domain.validation_errors import broken_rules
from schemas.records.applications import FeedItem, ForwardedApplication, Withdrawal
from schemas.records.strict_json import RawItem
from schemas.reference.calendar import WorkingCalendar
from schemas.reference.clock import beijing_date
from schemas.reference.codes import CodeTables
from schemas.reference.divisions import DivisionTree

UNREADABLE: Final = "application.unreadable"
_FEED: Final[TypeAdapter[ForwardedApplication | Withdrawal]] = TypeAdapter(FeedItem)
_WITHDRAWAL: Final = re.compile(rb'"kind"[ \t\r\n]*:[ \t\r\n]*"withdrawal"')

_KIND: Final = re.compile(r"^/(application|withdrawal)(?=/|$)")

FeedKind = Literal["application", "withdrawal"]


@dataclass(frozen=True, slots=True)
class Rules:
    """What the intake decides by: all of it data."""

    tree: DivisionTree
    tables: CodeTables
    calendar: WorkingCalendar
    directory: AgencyDirectory
    province: Province


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An item that cannot be read: which number it seems to bear, and what is wrong with it."""

    number: str | None
    kind: FeedKind
    fault: str


@dataclass(frozen=True, slots=True)
class Received:
    """One item of the feed as it came (`content`), and what it says."""

    content: bytes
    digest: str
    item: ForwardedApplication | Withdrawal | Unreadable

    @property
    def kind(self) -> FeedKind:
        """Which feed item this is, or seems to be."""
        return self.item.kind

    @property
    def number(self) -> str | None:
        """The application number, None where it cannot be made out."""
        return self.item.number if isinstance(self.item, Unreadable) else self.item.application_no


@dataclass(frozen=True, slots=True)
class Accepted:
    """A case as it opens: held when `route` says why it has no agency."""

    change: Change
    route: Route | Unroutable | None

    @property
    def case(self) -> Case:
        """The case after its first step."""
        return self.change.case


def receive(raw: RawItem) -> Received:
    """Return what `raw` says; whatever cannot be read keeps its bytes and the rules it breaks."""
    digest = hashlib.sha256(raw.content).hexdigest()
    if raw.fault is not None:
        return Received(raw.content, digest, _unreadable(raw, raw.fault))
    try:
        item = _FEED.validate_json(raw.content, by_alias=True, by_name=False)
    except ValidationError as exc:
        return Received(raw.content, digest, _unreadable(raw, _told(exc)))
    return Received(raw.content, digest, item)


def accept(application: ForwardedApplication, *, rules: Rules, at: datetime) -> Accepted:
    """Return the case that `application` becomes at `at`: screened, routed, its due date set."""
    on = beijing_date(at)
    way = route(
        application.place_division,
        on=on,
        province=rules.province.division,
        tree=rules.tree,
        directory=rules.directory,
    )
    term = due(at, application.policy, province=rules.province, calendar=rules.calendar)
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
        findings=screen(application, on=on, tables=rules.tables, tree=rules.tree).notes,
        trace_id=application.trace_id or _trace_of(number),
        chain="",
    )
    return Accepted(begin(case, "intake", case.hold_reason), way)


def hold_unreadable(number: str, *, rules: Rules, at: datetime) -> Accepted:
    """Return the held case of an application that cannot be read: visible, its clock running."""
    term = due(at, rules.province.default_policy, province=rules.province, calendar=rules.calendar)
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
        trace_id=_trace_of(number),
        chain="",
    )
    return Accepted(begin(case, "intake", UNREADABLE), None)


def may_be_readmitted(case: Case) -> bool:
    """Say whether a case still waits for a readable copy, untouched by a person."""
    return case.state is State.HELD and case.hold_reason == UNREADABLE


def readmit(accepted: Accepted, held: Case, *, rules: Rules) -> Accepted:
    """Return a case held as unreadable, now that a readable copy of its application came.

    Its time runs from when the first copy was taken over.
    """
    fresh = accepted.case
    term = due(held.accepted_at, fresh.policy, province=rules.province, calendar=rules.calendar)
    change = advance(
        held,
        Step.ASSIGN if isinstance(accepted.route, Route) else Step.HOLD,
        at=fresh.changed_at,
        actor="intake",
        note=fresh.hold_reason or "application.readable",
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


def dispatch_head(accepted: Accepted) -> bytes:
    """Return the dispatch of a routed case without its application, as JSON."""
    case, way = accepted.case, accepted.route
    assert isinstance(way, Route), "only a routed case is dispatched"  # noqa: S101 -- narrows the type
    return orjson.dumps(
        {
            "dispatch_no": case.dispatch_no,
            "agency_code": way.agency.code,
            "dispatched_at": case.accepted_at,
            **({"due_on": case.due_on} if case.due_on else {}),
            "due_rule": case.due_rule,
            "routed_by": {
                "rule": way.by.rule,
                "place_division": way.by.place_division,
                "matched_division": way.by.matched_division,
            },
            "findings": case.findings,
        }
    )


def _trace_of(number: str) -> str:
    """Return a trace id for an application that came without one: the same at every repeat."""
    return hashlib.sha256(number.encode()).hexdigest()[:32]


def _told(exc: ValidationError) -> str:
    """Return the first rules an item breaks; its kind, which the reader puts first, left out."""
    broken = broken_rules(exc)[:5]
    return "; ".join(f"{_KIND.sub('', one.pointer)}: {one.rule}" for one in broken)


def _unreadable(raw: RawItem, fault: str) -> Unreadable:
    kind: FeedKind = "withdrawal" if _WITHDRAWAL.search(raw.content) else "application"
    return Unreadable(raw.number(), kind, fault)
