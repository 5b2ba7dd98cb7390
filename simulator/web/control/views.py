"""Views (视图): what the control interface shows of the books, as its responses."""

from collections.abc import Sequence

from schemas.reference.divisions import DivisionTree
from simulator.agencies.agency import SimulatedAgency
from simulator.agencies.book import ReceivedDispatch
from simulator.agencies.handed_in import HandedIn
from simulator.exchanges.entries import Application, AppliedResult, AppliedReturn
from simulator.exchanges.events import Event
from simulator.faults.registry import ArmedFault
from simulator.national.agency_lists import PublishedVersion
from simulator.national.book import Book
from simulator.national.offered_tables import (
    CHANGED_TABLE,
    ENDED_CODE,
    NEW_CODE,
    OfferedTables,
)
from simulator.national.places import place_name
from simulator.national.pushing import FeedPusher
from simulator.web.control.agency_responses import AgencyView, DispatchView, HandedInView
from simulator.web.control.figures import count_doubled, percentile, round_trip_ms
from simulator.web.control.responses import (
    ApplicationView,
    AppliedResultView,
    ArmedFaultView,
    EventView,
    OfferedTablesView,
    PublishedList,
    PushView,
    RehearsalView,
    ReturnView,
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
        at_desk=one.at_desk,
        forwarded_on=tuple(way.area for way in one.forwarded_on),
        there_and_back_ms=round_trip_ms(one),
        effects=tuple(show_result(result) for result in one.results.values()),
    )


def show_result(result: AppliedResult) -> AppliedResultView:
    """Return the view of a result in effect."""
    outcome = result.outcome
    return AppliedResultView(
        kind=result.kind,
        revision=result.revision,
        at=result.at,
        verdict=outcome.verdict,
        refusal_reason=outcome.refusal_reason,
        agency_code=outcome.agency_code,
        digest=result.digest,
        repeats=result.repeats,
    )


def show_return(taken: AppliedReturn) -> ReturnView:
    """Return the view of a return that waits at the desk."""
    record = taken.record
    return ReturnView(
        application_no=record.application_no,
        position=record.position,
        area=taken.area,
        reason=record.reason,
        belongs_to=record.belongs_to,
        returned_by=record.returned_by,
        at=taken.at,
    )


def show_summary(
    book: Book, agencies: Sequence[SimulatedAgency], listening: dict[str, str]
) -> Summary:
    """Return the counts over the national book and those of the agencies."""
    filed = [one for one in book.applications if not one.injected]
    back = [one for one in filed if one.results]
    undecided = [one for one in filed if not one.results and one.withdrawn_at is None]
    waiting = sum(one.acknowledged_at is None for one in undecided)
    times = sorted(ms for one in back if (ms := round_trip_ms(one)) is not None)
    return Summary(
        count=len(filed),
        back=len(back),
        withdrawn=len(filed) - len(back) - len(undecided),
        waiting=waiting,
        owed=len(undecided) - waiting,
        doubled=count_doubled(book, agencies),
        injected=len(book.applications) - len(filed),
        effects=len(book.results),
        repeats=sum(result.repeats for result in book.results),
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


def show_agency(agency: SimulatedAgency) -> AgencyView:
    """Return the view of an agency's book."""
    settings, book = agency.settings, agency.book
    return AgencyView(
        code=settings.code,
        name=settings.name,
        division=settings.division,
        delivery=settings.delivery,
        waiting=book.waiting() + agency.counter.waiting(),
        dispatches=tuple(_show_dispatch(one) for one in book.received.values()),
        per_application=dict(book.per_application),
        turn_failures=dict(agency.turn_failures),
        registrations=tuple(map(_show_handed_in, agency.counter.registrations.records)),
        deregistrations=tuple(map(_show_handed_in, agency.counter.deregistrations.records)),
    )


def show_push(pusher: FeedPusher) -> PushView:
    """Return the view of the pushes to one area."""
    return PushView(
        province=pusher.area,
        gateway=pusher.gateway,
        on=pusher.is_on,
        waiting=pusher.waiting(),
        refused=pusher.left_to_download(),
        turn_failures=dict(pusher.turn_failures),
    )


def show_fault(armed: ArmedFault) -> ArmedFaultView:
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


def _show_handed_in(one: HandedIn) -> HandedInView:
    return HandedInView(
        key=one.key,
        revision=one.revision,
        sent=one.sent,
        answer=one.answer,
        answer_code=one.answer_code,
        answered_at=one.answered_at,
    )


def _show_dispatch(one: ReceivedDispatch) -> DispatchView:
    return DispatchView(
        dispatch_no=one.dispatch.dispatch_no,
        application_no=one.dispatch.application.application_no,
        count=one.count,
        first_at=one.first_at,
        last_at=one.last_at,
        decided_at=one.decided_at,
        returned=one.returned is not None,
        sent=one.sent,
        answer=one.answer,
        answer_code=one.answer_code,
        answered_at=one.answered_at,
    )


def show_list(one: PublishedVersion) -> PublishedList:
    """Return the view of a version of an agency list."""
    return PublishedList(
        area=one.area,
        version=one.version,
        parts=one.parts,
        received=tuple(sorted(one.digests)),
        published_at=one.published_at,
        in_force_at=one.in_force_at,
        agencies=sum(1 for _ in one.listed()),
        repeats=one.repeats,
    )


def show_tables(offered: OfferedTables) -> OfferedTablesView:
    """Return which edition of code tables and divisions is offered."""
    found = offered.rehearsal
    if found is None:
        return OfferedTablesView(edition="shipped", rehearsal=None)
    rehearsal = RehearsalView(
        table=CHANGED_TABLE,
        new_code=NEW_CODE,
        ended_code=ENDED_CODE,
        new_county=found.new_county,
        merged_county=found.merged_county,
        on=found.on,
    )
    return OfferedTablesView(edition="rehearsal", rehearsal=rehearsal)
