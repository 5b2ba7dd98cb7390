"""对账 killed anywhere goes on from there: nothing is missed, nothing is done twice."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.adapters.ledger.store import open_ledger
from gateway.domain.discrepancies import DiscrepancyKind
from gateway.errors import LeaseLost
from gateway.flows.failpoints import Failpoint
from gateway.flows.reconcile import reconcile_day, release_reconciling
from gateway.flows.reconciling_step import LEASE_LENGTH
from gateway.ports.reconciliations import Phase
from schemas.records.statements import EntryKind
from tests.builders.ledger import a_sealer
from tests.integration.flows.desk import Desk, an_item
from tests.integration.flows.reconciling import Reconciler
from tests.support.clock import SettableClock
from tests.support.failpoints import RECONCILING
from tests.support.killed import run_until_killed
from tests.support.statements import DAY, Entries, an_entry, without

SUBJECT = "tests.integration.flows.reconcile_subject"
PASSED_OFTEN = {
    Failpoint.STATEMENT_RECEIVED,
    Failpoint.STATEMENT_WRITTEN,
    Failpoint.STATEMENT_STORED,
}
TIMES = [(one, nth) for one in RECONCILING for nth in ((1, 2) if one in PASSED_OFTEN else (1,))]


def planted(entries: Entries) -> Entries:
    """Leave a result out and add one that nobody sent."""
    return [*without(EntryKind.OUTCOME, "SY1")(entries), an_entry()]


async def with_a_day(desk: Desk) -> Reconciler:
    """Let two applications come, and both be decided and reported."""
    await desk.pull(an_item("SY1"), an_item("SY2"))
    await desk.decide(await desk.outcome("SY1"), await desk.outcome("SY2"))
    await desk.report()
    desk.clock.forward(hours=20)
    reconciler = Reconciler(desk)
    reconciler.statements.change = planted
    reconciler.statements.a_part = 2
    return reconciler


@pytest.mark.parametrize(("at", "nth"), TIMES, ids=str)
async def test_a_day_killed_anywhere_ends_as_if_it_had_not_been(
    url: str, at: Failpoint, nth: int, tmp_path: Path, sql: Callable[..., list[tuple[object, ...]]]
) -> None:
    # Given a day with two differences, compared by a process that is killed
    clock = SettableClock()
    store = open_ledger(url, sealer=a_sealer(), now=clock)
    desk = Desk(store, clock)
    reconciler = await with_a_day(desk)
    stated = tmp_path / "stated.json"
    entries = planted(list(reconciler.statements.all_entries()))
    stated.write_text(f"[{','.join(one.wire().decode() for one in entries)}]", "utf-8")
    await store.close()
    await run_until_killed(SUBJECT, url, at.value, str(nth), str(stated))

    # When another one goes on after the lease of the dead one has ended
    clock.forward(minutes=4)
    desk.store = store = open_ledger(url, sealer=a_sealer(), now=clock)
    reconciler = Reconciler(desk)
    reconciler.statements.change = lambda _: entries
    reconciler.statements.a_part = 2
    done = await reconciler.run()

    # Then the day is done, both differences are there once, and the result goes once more
    assert done.is_done
    found = await reconciler.recorded()
    assert sorted(one.kind for one in found) == [
        DiscrepancyKind.NEVER_SENT,
        DiscrepancyKind.NOT_HELD_THERE,
    ]
    assert (await desk.report()).settled == 1
    assert desk.portal.reports.batches[-1] == [("SY1", 1)]
    notes = [one for one in await desk.history("SY1") if one.actor == "reconciliation"]
    assert len(notes) == 1
    assert sql("SELECT count(*) FROM statement_lines") == [(0,)]
    await store.close()


async def test_another_part_is_not_fetched_twice_after_a_death(url: str, tmp_path: Path) -> None:
    clock = SettableClock()
    store = open_ledger(url, sealer=a_sealer(), now=clock)
    desk = Desk(store, clock)
    reconciler = await with_a_day(desk)
    stated = tmp_path / "stated.json"
    entries = planted(list(reconciler.statements.all_entries()))
    stated.write_text(f"[{','.join(one.wire().decode() for one in entries)}]", "utf-8")
    await store.close()
    await run_until_killed(SUBJECT, url, Failpoint.STATEMENT_STORED.value, "1", str(stated))
    clock.forward(minutes=4)
    desk.store = store = open_ledger(url, sealer=a_sealer(), now=clock)
    reconciler = Reconciler(desk)
    reconciler.statements.change = lambda _: entries
    reconciler.statements.a_part = 2

    await reconciler.run()

    assert [part for _, part in reconciler.statements.asked] == [2]
    await store.close()


async def test_only_one_process_reconciles_at_a_time(desk: Desk) -> None:
    reconciler = await with_a_day(desk)
    lease = await reconciler.lease("first")
    assert lease is not None
    assert await reconciler.lease("second") is None

    await release_reconciling(lease, store=desk.store)

    assert await reconciler.lease("second") is not None


async def test_a_leader_that_slept_through_its_lease_changes_nothing(desk: Desk) -> None:
    # Given a first leader whose lease ended in its sleep, and another that led meanwhile
    reconciler = await with_a_day(desk)
    first = await reconciler.lease("first")
    assert first is not None
    desk.clock.forward(seconds=LEASE_LENGTH.total_seconds() + 1)
    second = await reconciler.lease("second")
    assert second is not None
    await release_reconciling(second, store=desk.store)

    # When the first goes on, then it is found out, though nobody holds the lease
    with pytest.raises(LeaseLost):
        await reconcile_day(DAY, first, reconciler.terms)
    assert await reconciler.open() == []


async def test_a_leader_that_another_overtook_in_the_middle_writes_nothing_more(
    desk: Desk,
) -> None:
    reconciler = await with_a_day(desk)
    first = await reconciler.lease("first")
    assert first is not None

    async def overtake(_: object) -> None:
        if len(reconciler.statements.asked) == 1:
            desk.clock.forward(seconds=LEASE_LENGTH.total_seconds() + 1)
            second = await reconciler.lease("second")
            assert second is not None

    with pytest.raises(LeaseLost):
        await reconcile_day(DAY, first, reconciler.terms, progress=overtake)

    one = await desk.store.read(lambda views: views.reconciling.of(DAY))
    assert one is not None
    assert (one.phase, one.parts) == (Phase.FETCHING, 1)
    assert timedelta() < desk.clock() - one.changed_at
