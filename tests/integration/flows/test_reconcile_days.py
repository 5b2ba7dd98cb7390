"""对账 of whole days: midnights, parts that do not come, statements that are not used."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from gateway.errors import PeerFailure, PeerRefused, PeerUnavailable
from gateway.ports import PORTAL
from gateway.ports.reconciliations import Phase
from schemas.records.statements import EntryKind, Statement
from tests.integration.flows.desk import Desk, an_item
from tests.integration.flows.reconciling import Reconciler
from tests.support.statements import (
    DAY,
    OTHER_DIGEST,
    altered,
    an_entry,
    with_more,
    without,
)

OUTCOME, APPLICATION = EntryKind.OUTCOME, EntryKind.APPLICATION
NEXT_DAY = DAY + timedelta(days=1)


async def test_what_was_stored_as_the_list_was_closed_need_not_be_acknowledged_in_it(
    desk: Desk,
) -> None:
    await desk.pull(an_item("SY1"))
    reconciler = Reconciler(desk)
    reconciler.statements.closed_at = desk.clock() + timedelta(minutes=1)
    reconciler.statements.change = altered(APPLICATION, "SY1", acknowledged=False)

    assert (await reconciler.run()).found == ()


async def test_nothing_is_lost_or_found_where_midnights_differ(desk: Desk) -> None:
    # Given a result that the receipt dates one second before midnight, the list one after it
    await desk.pull(an_item("SY1"))
    await desk.decide(await desk.outcome("SY1"))
    midnight = desk.clock() + timedelta(hours=14, minutes=30)
    desk.portal.reports.received_at = midnight - timedelta(seconds=1)
    await desk.report()
    desk.clock.forward(hours=48)
    reconciler = Reconciler(desk)
    reconciler.statements.at["SY1"] = midnight - timedelta(seconds=1)
    reconciler.statements.change = without(OUTCOME, "SY1")

    # When the first day is compared, then it waits for the list of the next
    await reconciler.run()
    assert await reconciler.open() == [("not-held-there", "SY1", "pending")]
    assert (await desk.report()).claimed == 0

    # And when that has it, nothing is left, and neither day finds anything afterwards
    received = an_entry(
        key="SY1", at=midnight + timedelta(seconds=1), digest=await digest_of(desk, "SY1")
    )
    reconciler.statements.change = with_more(received)
    await reconciler.run(NEXT_DAY)
    assert await reconciler.open() == []
    assert (await reconciler.run(NEXT_DAY)).found == ()
    reconciler.statements.change = without(OUTCOME, "SY1")
    assert (await reconciler.run()).found == ()


async def test_what_the_next_list_has_not_either_is_sent_again(desk: Desk) -> None:
    await desk.pull(an_item("SY1"))
    await desk.decide(await desk.outcome("SY1"))
    desk.portal.reports.received_at = desk.clock() + timedelta(hours=14, minutes=29)
    await desk.report()
    desk.clock.forward(hours=48)
    reconciler = Reconciler(desk)
    reconciler.statements.change = without(OUTCOME, "SY1")
    await reconciler.run()
    assert await reconciler.open() == [("not-held-there", "SY1", "pending")]

    await reconciler.run(NEXT_DAY)

    assert await reconciler.open() == [("not-held-there", "SY1", "under-way")]
    assert (await desk.report()).settled == 1


async def test_a_result_whose_answer_was_lost_is_no_difference(desk: Desk) -> None:
    await desk.pull(an_item("SY1"))
    await desk.decide(await desk.outcome("SY1"))
    desk.portal.reports.lost_replies.append(PeerUnavailable(PORTAL, PeerFailure.TIMED_OUT))
    await desk.report()
    desk.clock.forward(hours=20)
    reconciler = Reconciler(desk)

    assert (await reconciler.run()).found == ()

    # And once its repeat has the first receipt, it is still none
    await desk.report()
    assert (await reconciler.run()).found == ()


async def test_a_day_of_many_parts_and_pages_is_compared_whole(desk: Desk) -> None:
    numbers = [f"SY{number:04}" for number in range(450)]
    for start in range(0, 450, 150):
        await desk.pull(*map(an_item, numbers[start : start + 150]), limit=200)
    desk.clock.forward(hours=20)
    reconciler = Reconciler(desk)
    reconciler.statements.a_part = 64
    reconciler.statements.change = without(APPLICATION, "SY0321")

    done = await reconciler.run()

    assert (done.reconciliation.theirs, done.reconciliation.ours) == (449, 450)
    assert await reconciler.open() == [("not-forwarded-there", "SY0321", "open")]
    assert [part for _, part in reconciler.statements.asked] == list(range(1, 9))


async def test_nothing_of_the_statement_is_left_when_the_day_is_done(
    reconciler: Reconciler, sql: Callable[..., list[tuple[object, ...]]]
) -> None:
    await reconciler.run()

    assert sql("SELECT count(*) FROM statement_lines") == [(0,)]
    assert sql("SELECT phase, header FROM reconciliations") == [(Phase.DONE.value, None)]


async def digest_of(desk: Desk, number: str) -> str:
    """Return the digest under which the portal took the first result of a case."""
    (entry,) = [
        one
        for one in Reconciler(desk).statements.all_entries()
        if one.key == number and one.kind is OUTCOME
    ]
    return entry.digest


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda part: part.model_copy(update={"entries": part.entries[1:]}), "counts-differ"),
        (lambda part: part.model_copy(update={"part": part.part + 1}), "other-part"),
        (lambda part: part.model_copy(update={"date": NEXT_DAY}), "other-date"),
        (lambda part: part.model_copy(update={"division": "430000"}), "other-area"),
        (lambda part: part.model_copy(update={"digest": OTHER_DIGEST}), "digest-differs"),
    ],
)
async def test_a_statement_that_is_not_whole_is_not_used_and_the_day_begun_anew(
    reconciler: Reconciler, spoil: Callable[[Statement], Statement], fault: str
) -> None:
    reconciler.statements.change = with_more(an_entry())
    reconciler.statements.spoil = spoil

    one = (await reconciler.run()).reconciliation

    assert (one.phase, one.reason) == (Phase.REFUSED, f"statement.{fault}")
    assert one.due_at == reconciler.desk.clock() + timedelta(minutes=15)
    assert await reconciler.open() == []

    # And once it is whole it is used, from its first part on
    reconciler.statements.spoil = lambda part: part
    assert (await reconciler.run()).is_done
    assert await reconciler.open() == [("never-sent", "SY-FOREIGN", "open")]


async def test_parts_of_different_closings_are_not_used_together(reconciler: Reconciler) -> None:
    reconciler.statements.a_part = 2
    reconciler.statements.spoil = lambda part: part.model_copy(
        update={"closed_at": part.closed_at - timedelta(seconds=part.part)}
    )

    one = (await reconciler.run()).reconciliation

    assert (one.phase, one.reason) == (Phase.REFUSED, "statement.other-closing")


async def test_a_part_that_does_not_come_is_asked_for_again_and_the_others_are_not(
    reconciler: Reconciler,
) -> None:
    reconciler.statements.a_part = 2
    first = await reconciler.statements.fetch_statement(DAY, part=1)
    assert first.parts == 2
    reconciler.statements.asked.clear()
    unsigned = PeerUnavailable(PORTAL, PeerFailure.UNSIGNED, status=200)
    calls = iter([None, unsigned])
    reconciler.statements.before = lambda: next(calls, None)

    one = (await reconciler.run()).reconciliation
    assert (one.phase, one.parts, one.reason) == (Phase.FETCHING, 1, "answer.unsigned")

    assert (await reconciler.run()).is_done
    assert [part for _, part in reconciler.statements.asked] == [1, 2, 2]


async def test_a_day_without_a_statement_waits_longer_and_longer(reconciler: Reconciler) -> None:
    waits = []
    for _ in range(3):
        reconciler.statements.failures.append(
            PeerUnavailable(PORTAL, PeerFailure.STATUS, status=404, problem="statement.not-ready")
        )
        one = (await reconciler.run()).reconciliation
        assert (one.phase, one.reason) == (Phase.FETCHING, "statement.not-ready")
        waits.append(one.due_at - reconciler.desk.clock())
    assert waits == [timedelta(minutes=minutes) for minutes in (15, 30, 60)]
    assert (await reconciler.run()).is_done


async def test_a_part_beyond_the_last_begins_the_day_anew(reconciler: Reconciler) -> None:
    reconciler.statements.a_part = 2
    calls = iter([None, PeerRefused(PORTAL, status=400, problem="query.invalid")])
    reconciler.statements.before = lambda: next(calls, None)

    one = (await reconciler.run()).reconciliation

    assert (one.phase, one.reason) == (Phase.REFUSED, "query.invalid")
    assert (await reconciler.run()).is_done
