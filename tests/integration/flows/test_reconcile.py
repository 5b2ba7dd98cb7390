"""对账: every difference is found, and only real ones; what is safe is repaired, and only once."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from gateway.domain.case import State, Step
from gateway.domain.discrepancies import ClosedAs, DiscrepancyState
from gateway.errors import PeerFailure, PeerUnavailable
from gateway.flows.close_discrepancies import CloseResult, close_discrepancies
from gateway.flows.reconcile_preview import preview_day
from gateway.ports import PORTAL
from schemas.records.statements import EntryKind
from tests.builders.extended import deregistration_json, registration_json
from tests.builders.records import withdrawal_json
from tests.integration.flows.desk import NUMBER, Desk, an_item
from tests.integration.flows.reconciling import Reconciler
from tests.support.statements import (
    DAY,
    OTHER_DIGEST,
    Entries,
    altered,
    an_entry,
    twice,
    with_more,
    without,
)

OUTCOME, APPLICATION = EntryKind.OUTCOME, EntryKind.APPLICATION
NEXT_DAY = DAY + timedelta(days=1)


async def test_two_sides_that_agree_have_no_difference(reconciler: Reconciler) -> None:
    done = await reconciler.run()

    one = done.reconciliation
    assert done.is_done
    assert (one.theirs, one.ours, done.found) == (3, 3, ())
    assert await reconciler.open() == []


async def test_every_kind_of_record_is_compared(desk: Desk) -> None:
    await desk.pull(an_item(NUMBER), an_item("SY2"), withdrawal_json(application_no="SY2"))
    await desk.decide(await desk.outcome())
    desk.clock.forward(days=2)
    (answer,) = await desk.register(registration_json())
    assert answer.status == "accepted"
    await desk.report()
    desk.clock.forward(days=91, hours=2)
    (answer,) = await desk.deregister(deregistration_json())
    assert answer.status == "accepted"
    await desk.report()
    reconciler = Reconciler(desk)

    done = await reconciler.run()

    assert (done.reconciliation.theirs, done.reconciliation.ours, done.found) == (6, 6, ())


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (with_more(an_entry(APPLICATION)), ("acknowledged-not-held", "SY-FOREIGN", "open")),
        (
            with_more(an_entry(APPLICATION, acknowledged=False)),
            ("not-received", "SY-FOREIGN", "under-way"),
        ),
        (altered(APPLICATION, "SY2", acknowledged=False), ("not-acknowledged", "SY2", "under-way")),
        (
            with_more(an_entry(APPLICATION, key="SY2", revision=2)),
            ("acknowledged-not-held", "SY2", "open"),
        ),
        (without(APPLICATION, "SY2"), ("not-forwarded-there", "SY2", "open")),
        (without(OUTCOME, "SY1"), ("not-held-there", "SY1", "under-way")),
        (with_more(an_entry(key="SY1", revision=2)), ("revision-ahead", "SY1", "open")),
        (with_more(an_entry(key="SY2")), ("never-sent", "SY2", "open")),
        (with_more(an_entry()), ("never-sent", "SY-FOREIGN", "open")),
        (altered(OUTCOME, "SY1", digest=OTHER_DIGEST), ("content-differs", "SY1", "open")),
        (altered(APPLICATION, "SY1", digest=OTHER_DIGEST), ("content-differs", "SY1", "open")),
        (altered(OUTCOME, "SY1", verdict="2"), ("verdict-differs", "SY1", "open")),
        (twice(OUTCOME, "SY1"), ("listed-twice", "SY1", "open")),
        (
            with_more(an_entry(EntryKind.WITHDRAWAL, key="SY1")),
            ("acknowledged-not-held", "SY1", "open"),
        ),
        (with_more(an_entry(EntryKind.DEREGISTRATION, key="SY1")), ("never-sent", "SY1", "open")),
    ],
)
async def test_a_planted_difference_is_found_and_nothing_else(
    reconciler: Reconciler, change: Callable[[Entries], Entries], found: tuple[str, str, str]
) -> None:
    reconciler.statements.change = change

    done = await reconciler.run()

    assert done.is_done
    assert await reconciler.open() == [found]
    assert len(done.found) == 1
    assert (await reconciler.desk.case("SY1")).state is State.REPORTED


async def test_a_second_run_finds_nothing_new(reconciler: Reconciler) -> None:
    reconciler.statements.change = with_more(an_entry())
    assert len((await reconciler.run()).found) == 1

    again = await reconciler.run()

    assert (again.reconciliation.run, again.found) == (2, ())
    assert len(await reconciler.open()) == 1


async def test_what_is_not_there_is_sent_again_under_its_key_and_revision_once(
    reconciler: Reconciler,
) -> None:
    desk = reconciler.desk
    reconciler.statements.change = without(OUTCOME, "SY1")
    lost = desk.portal.reports.taken.pop(("SY1", 1))
    await reconciler.run()
    assert (await reconciler.run()).found == ()  # it is on its way

    assert (await desk.report()).settled == 1
    assert await reconciler.look_after() == 1

    assert desk.portal.reports.batches == [[("SY1", 1)], [("SY1", 1)]]
    assert desk.portal.reports.taken["SY1", 1] == lost
    assert await reconciler.open() == []
    case, history = await desk.case("SY1"), await desk.history("SY1")
    assert case.state is State.REPORTED
    (note,) = [one for one in history if one.actor == "reconciliation"]
    assert (note.step, note.note) == (
        Step.NOTE,
        "reconciliation.sent-again date=2026-03-02 run=1 kind=report revision=1",
    )


async def test_what_has_a_receipt_and_is_still_not_listed_is_for_a_person(
    reconciler: Reconciler,
) -> None:
    reconciler.statements.change = without(OUTCOME, "SY1")
    await reconciler.run()
    await reconciler.desk.report()
    await reconciler.look_after()

    again = await reconciler.run()

    assert [one.kind.value for one in again.found] == ["not-held-there"]
    assert await reconciler.open() == [("not-held-there", "SY1", "open")]
    assert (await reconciler.desk.report()).claimed == 0


async def test_a_correction_that_is_not_there_leaves_them_behind(reconciler: Reconciler) -> None:
    desk = reconciler.desk
    await desk.decide(await desk.outcome("SY1", revision=2))
    await desk.report()
    reconciler.statements.change = lambda entries: [one for one in entries if one.revision == 1]

    await reconciler.run()

    assert await reconciler.open() == [("revision-behind", "SY1", "under-way")]
    assert (await desk.report()).settled == 1
    assert desk.portal.reports.batches[-1] == [("SY1", 2)]


async def test_a_revision_that_another_followed_is_not_sent_again(reconciler: Reconciler) -> None:
    desk = reconciler.desk
    await desk.decide(await desk.outcome("SY1", revision=2))
    await desk.report()
    reconciler.statements.change = lambda entries: [
        one for one in entries if (one.kind, one.revision) != (OUTCOME, 1)
    ]

    await reconciler.run()

    assert await reconciler.open() == [("not-held-there", "SY1", "open")]
    assert (await desk.report()).claimed == 0


async def test_what_they_hold_and_we_parked_is_sent_again_and_settled(desk: Desk) -> None:
    # Given a result that got there without an answer, and was refused when it came again
    await desk.pull(an_item("SY1"))
    await desk.decide(await desk.outcome("SY1"))
    desk.portal.reports.lost_replies.append(PeerUnavailable(PORTAL, PeerFailure.TIMED_OUT))
    await desk.report()
    desk.portal.reports.refusals["SY1"] = "outcome.conflict"
    desk.clock.forward(hours=1)
    await desk.report()
    assert await desk.outbox_depth(PORTAL) == (0, 1)
    desk.portal.reports.refusals.clear()
    desk.clock.forward(hours=20)
    reconciler = Reconciler(desk)

    await reconciler.run()

    assert await reconciler.open() == [("refused-here", "SY1", "under-way")]
    assert (await desk.report()).settled == 1
    assert (await desk.case("SY1")).state is State.REPORTED
    await reconciler.look_after()
    assert await reconciler.open() == []


async def test_what_was_not_received_is_closed_once_it_came_by_the_feed(
    reconciler: Reconciler,
) -> None:
    desk = reconciler.desk
    desk.portal.feed.append(an_item("SY3"))
    desk.portal.offered["SY3", "application"] = an_item("SY3")
    await reconciler.run()
    assert await reconciler.open() == [("not-received", "SY3", "under-way")]

    await desk.pull()
    await reconciler.look_after()

    assert await reconciler.open() == []
    assert (await reconciler.run()).found == ()


async def test_what_does_not_come_within_a_day_is_for_a_person(reconciler: Reconciler) -> None:
    reconciler.statements.change = with_more(an_entry(APPLICATION, acknowledged=False))
    await reconciler.run()
    assert await reconciler.look_after() == 0
    reconciler.desk.clock.forward(hours=25)

    await reconciler.look_after()

    assert await reconciler.open() == [("not-received", "SY-FOREIGN", "open")]


async def test_what_is_not_acknowledged_there_is_acknowledged_again(
    reconciler: Reconciler,
) -> None:
    desk = reconciler.desk
    desk.portal.acknowledged = [
        one for one in desk.portal.acknowledged if one.application_no != "SY2"
    ]
    await reconciler.run()

    assert await reconciler.look_after() == 1

    assert desk.portal.numbers == ["SY1", "SY2"]
    assert await reconciler.open() == []
    assert (await reconciler.run()).found == ()


async def test_a_difference_that_the_list_has_no_more_is_closed(reconciler: Reconciler) -> None:
    reconciler.statements.change = with_more(an_entry())
    await reconciler.run()
    (found,) = await reconciler.recorded(DiscrepancyState.OPEN)
    reconciler.statements.change = list

    await reconciler.run()

    assert await reconciler.open() == []
    gone = await reconciler.desk.store.read(
        lambda views: views.reconciling.of_day(DAY, run=0, limit=10)
    )
    assert [(one.id, one.closed_as) for one in gone] == [(found.id, ClosedAs.GONE)]


async def test_a_preview_finds_the_same_and_changes_nothing(reconciler: Reconciler) -> None:
    reconciler.statements.change = without(OUTCOME, "SY1")
    reconciler.statements.a_part = 1
    terms, store = reconciler.terms, reconciler.desk.store

    previewed = await preview_day(
        DAY, reconciler.statements, store, areas=terms.areas, now=terms.now
    )

    assert (previewed.theirs, previewed.ours) == (2, 3)
    assert [(one.kind.value, one.line.key) for one in previewed.found] == [
        ("not-held-there", "SY1")
    ]
    assert await store.read(lambda views: views.reconciling.of(DAY)) is None
    assert await reconciler.open() == []
    assert (await reconciler.desk.report()).claimed == 0


async def test_what_an_operator_closed_stays_closed(reconciler: Reconciler) -> None:
    reconciler.statements.change = with_more(an_entry())
    await reconciler.run()
    (found,) = await reconciler.recorded()
    store, clock = reconciler.desk.store, reconciler.desk.clock

    done = await close_discrepancies([found.id, 999], operator="李敏", store=store, now=clock)

    assert [one.result for one in done] == [CloseResult.CLOSED, CloseResult.UNKNOWN]
    assert (await reconciler.run()).found == ()
    assert await reconciler.open() == []
    (again,) = await close_discrepancies([found.id], operator="李敏", store=store, now=clock)
    assert again.result is CloseResult.CLOSED_BEFORE


async def test_what_is_under_way_is_not_for_an_operator_to_close(reconciler: Reconciler) -> None:
    reconciler.statements.change = without(OUTCOME, "SY1")
    await reconciler.run()
    (found,) = await reconciler.recorded()

    (done,) = await close_discrepancies(
        [found.id], operator="李敏", store=reconciler.desk.store, now=reconciler.desk.clock
    )

    assert done.result is CloseResult.UNDER_WAY
    assert len(await reconciler.open()) == 1
