"""Views (视图): what the control interface shows of the books, as its responses."""

from collections.abc import Sequence

from schemas.reference.divisions import DivisionTree, UnknownDivision
from simulator.agencies.agency import Agency
from simulator.agencies.book import Received
from simulator.exchanges.entries import Application, Effect
from simulator.exchanges.events import Event
from simulator.faults.registry import Armed
from simulator.national.book import Book
from simulator.web.control.figures import count_doubled, percentile, round_trip_ms
from simulator.web.control.responses import (
    AgencyView,
    ApplicationView,
    AppliedResultView,
    ArmedFaultView,
    DispatchView,
    EventView,
    Summary,
)


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
        there_and_back_ms=round_trip_ms(one),
        effects=tuple(show_effect(effect) for effect in one.effects.values()),
    )


def show_effect(effect: Effect) -> AppliedResultView:
    """Return the view of a result in effect."""
    outcome = effect.outcome
    return AppliedResultView(
        revision=effect.revision,
        at=effect.at,
        verdict=outcome.verdict,
        refusal_reason=outcome.refusal_reason,
        agency_code=outcome.agency_code,
        digest=effect.digest,
        repeats=effect.repeats,
    )


def show_summary(book: Book, agencies: Sequence[Agency], listening: dict[str, str]) -> Summary:
    """Count the whole book."""
    filed = [one for one in book.applications() if not one.injected]
    back = [one for one in filed if one.effects]
    open_ones = [one for one in filed if not one.effects and one.withdrawn_at is None]
    waiting = sum(one.acknowledged_at is None for one in open_ones)
    times = sorted(ms for one in back if (ms := round_trip_ms(one)) is not None)
    return Summary(
        count=len(filed),
        back=len(back),
        withdrawn=len(filed) - len(back) - len(open_ones),
        waiting=waiting,
        owed=len(open_ones) - waiting,
        doubled=count_doubled(book, agencies),
        injected=len(book) - len(filed),
        effects=len(book.effects),
        repeats=sum(effect.repeats for effect in book.effects),
        p50_ms=percentile(times, 50),
        p99_ms=percentile(times, 99),
        max_ms=times[-1] if times else None,
        listening=listening,
    )


def show_event(event: Event) -> EventView:
    """Return the view of an event."""
    return EventView(
        no=event.no,
        at=event.at,
        kind=event.kind,
        application_no=event.application_no,
        facts=dict(event.facts),
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
        dispatches=tuple(_show_dispatch(one) for one in book.received.values()),
        per_application=dict(book.per_application),
    )


def show_fault(armed: Armed) -> ArmedFaultView:
    """Return the view of an armed fault."""
    trigger = armed.trigger
    return ArmedFaultView(
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


def place_name(place: str, tree: DivisionTree) -> str:
    """Return a place's full name, or its code where the table does not know it."""
    try:
        return tree.full_name(place)
    except UnknownDivision:
        return place


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
