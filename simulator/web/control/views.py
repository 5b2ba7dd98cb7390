"""What the control interface shows (控制接口视图): states, times and counts, no personal value.

Instants are UTC; durations are milliseconds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import quantiles

from schemas.reference.divisions import DivisionTree, UnknownDivision
from simulator.agencies.agency import Agency
from simulator.agencies.book import Received
from simulator.exchanges.entries import Application, Effect
from simulator.faults.registry import Armed
from simulator.national.book import Book


@dataclass(frozen=True, slots=True)
class EffectView:
    """A result in effect."""

    revision: int
    at: datetime
    verdict: str
    refusal_reason: str | None
    agency_code: str
    digest: str
    repeats: int


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """An application's way there and back; `no` counts from 1 in the order of filing."""

    no: int
    application_no: str
    area: str
    place: str
    place_name: str
    state: str
    injected: bool
    trace_id: str
    filed_at: datetime
    forwarded_at: datetime
    deliveries: int
    first_delivered_at: datetime | None
    last_delivered_at: datetime | None
    acknowledgements: int
    acknowledged_at: datetime | None
    decided_at: datetime | None
    withdrawn_at: datetime | None
    there_and_back_ms: float | None
    effects: list[EffectView]


@dataclass(frozen=True, slots=True)
class Summary:
    """The whole at a glance.

    `count`: applications filed. `back`: with a result in effect. `withdrawn`: taken back, without
    one. `waiting`: not acknowledged yet. `owed`: acknowledged, and no result yet: at the end of a
    run these are lost. `doubled`: results that took effect more than once for one key and revision,
    and applications that reached agencies under more than one dispatch number.
    """

    count: int
    back: int
    withdrawn: int
    waiting: int
    owed: int
    doubled: int
    injected: int
    effects: int
    repeats: int
    p50_ms: float | None
    p99_ms: float | None
    max_ms: float | None
    listening: dict[str, str]


@dataclass(frozen=True, slots=True)
class DispatchView:
    """One dispatch at an agency: how often it came, how often its result went, the answer."""

    dispatch_no: str
    application_no: str
    count: int
    first_at: datetime
    last_at: datetime
    decided_at: datetime | None
    sent: int
    answer: str | None
    answer_code: str | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class AgencyView:
    """An agency's book: its dispatches, and how many numbers each application came under."""

    code: str
    name: str
    division: str
    delivery: str
    waiting: int
    dispatches: list[DispatchView]
    per_application: dict[str, int]


@dataclass(frozen=True, slots=True)
class FaultView:
    """An armed fault."""

    number: int
    fault: str
    operation: str
    nth: int | None
    count: int | None
    every: int | None
    params: dict[str, str | int]
    seen: int
    happened: int


def show_application(no: int, one: Application, tree: DivisionTree) -> ApplicationView:
    """Return the view of an application."""
    return ApplicationView(
        no=no,
        application_no=one.number,
        area=one.area,
        place=one.place,
        place_name=place_name(one.place, tree),
        state=one.progress,
        injected=one.injected,
        trace_id=one.trace_id,
        filed_at=one.submitted_at,
        forwarded_at=one.forwarded_at,
        deliveries=one.deliveries,
        first_delivered_at=one.first_delivered_at,
        last_delivered_at=one.last_delivered_at,
        acknowledgements=one.acknowledgements,
        acknowledged_at=one.acknowledged_at,
        decided_at=one.decided_at,
        withdrawn_at=one.withdrawn_at,
        there_and_back_ms=there_and_back_ms(one),
        effects=[show_effect(effect) for effect in one.effects.values()],
    )


def show_effect(effect: Effect) -> EffectView:
    """Return the view of a result in effect."""
    outcome = effect.outcome
    return EffectView(
        effect.revision,
        effect.at,
        outcome.verdict,
        outcome.refusal_reason,
        outcome.agency_code,
        effect.digest,
        effect.repeats,
    )


def show_summary(book: Book, agencies: Sequence[Agency], listening: dict[str, str]) -> Summary:
    """Count the whole book."""
    filed = [one for one in book.applications() if not one.injected]
    back = [one for one in filed if one.effects]
    open_ones = [one for one in filed if not one.effects and one.withdrawn_at is None]
    waiting = sum(one.acknowledged_at is None for one in open_ones)
    times = sorted(ms for one in back if (ms := there_and_back_ms(one)) is not None)
    return Summary(
        count=len(filed),
        back=len(back),
        withdrawn=len(filed) - len(back) - len(open_ones),
        waiting=waiting,
        owed=len(open_ones) - waiting,
        doubled=_doubled(book, agencies),
        injected=len(book) - len(filed),
        effects=len(book.effects),
        repeats=sum(effect.repeats for effect in book.effects),
        p50_ms=_percentile(times, 50),
        p99_ms=_percentile(times, 99),
        max_ms=times[-1] if times else None,
        listening=listening,
    )


def show_agency(agency: Agency) -> AgencyView:
    """Return the view of an agency's book."""
    settings, book = agency.settings, agency.book
    return AgencyView(
        code=settings.code,
        name=settings.name,
        division=settings.division,
        delivery=settings.delivery,
        waiting=book.waiting(),
        dispatches=[_show_dispatch(one) for one in book.received.values()],
        per_application=dict(book.per_application),
    )


def show_fault(armed: Armed) -> FaultView:
    """Return the view of an armed fault."""
    trigger = armed.trigger
    return FaultView(
        number=armed.number,
        fault=armed.name,
        operation=armed.operation,
        nth=trigger.nth,
        count=trigger.count,
        every=trigger.every,
        params=dict(armed.params),
        seen=armed.seen,
        happened=armed.happened,
    )


def there_and_back_ms(one: Application) -> float | None:
    """Return the time from filing to the first result in effect."""
    decided_at = one.decided_at
    if decided_at is None:
        return None
    return round((decided_at - one.submitted_at).total_seconds() * 1000, 3)


def place_name(place: str, tree: DivisionTree) -> str:
    """Return a place's full name, or its code where the table does not know it."""
    try:
        return tree.full_name(place)
    except UnknownDivision:
        return place


def _doubled(book: Book, agencies: Iterable[Agency]) -> int:
    effects = len(book.effects) - len({(one.key, one.revision) for one in book.effects})
    numbers: dict[str, int] = {}
    for agency in agencies:
        for application_no, count in agency.book.per_application.items():
            numbers[application_no] = numbers.get(application_no, 0) + count
    return effects + sum(count > 1 for count in numbers.values())


def _percentile(times: list[float], percent: int) -> float | None:
    if len(times) < 2:
        return times[0] if times else None
    return round(quantiles(times, n=100, method="inclusive")[percent - 1], 3)


def _show_dispatch(one: Received) -> DispatchView:
    return DispatchView(
        dispatch_no=one.dispatch.dispatch_no,
        application_no=one.dispatch.application.application_no,
        count=one.count,
        first_at=one.first_at,
        last_at=one.last_at,
        decided_at=one.decided_at,
        sent=one.sent,
        answer=one.answer,
        answer_code=one.answer_code,
        answered_at=one.answered_at,
    )
