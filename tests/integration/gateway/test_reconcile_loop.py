"""对账 by schedule: on one leader, missed days caught up, the oldest first, and told when late."""

from datetime import time, timedelta

import pytest

from gateway.errors import PeerFailure, PeerUnavailable
from gateway.jobs.reconcile import ReconcileLoop
from gateway.metrics import Metrics
from gateway.ports import PORTAL
from gateway.ports.store import Store
from schemas.records.statements import EntryKind
from tests.integration.flows.desk import Desk, an_item
from tests.integration.flows.reconciling import Reconciler
from tests.support.clock import SettableClock
from tests.support.statements import DAY, an_entry, with_more

NOT_BUILT = PeerUnavailable(PORTAL, PeerFailure.STATUS, status=501, problem="operation.not-built")
NOT_READY = PeerUnavailable(PORTAL, PeerFailure.STATUS, status=404, problem="statement.not-ready")


class Scheduled:
    """A loop over a desk, and what it asked for."""

    def __init__(self, desk: Desk, holder: str = "loop", at: time | None = time(1, 30)) -> None:
        self.desk, self.reconciler = desk, Reconciler(desk)
        self.metrics = Metrics(version="1", contract="1")
        self.fetched = 0
        self.loop = ReconcileLoop(
            holder=holder,
            terms=self.reconciler.terms,
            daily_at=at,
            metrics=self.metrics,
            jitter=lambda: 0.0,
            fetch=self._fetch,
        )

    def _fetch(self) -> None:
        self.fetched += 1

    @property
    def days(self) -> list[int]:
        """The days of March asked for, in their order."""
        return [day.day for day, part in self.reconciler.statements.asked if part == 1]

    def figure(self, start: str) -> float:
        """Return one metric."""
        lines = self.metrics.exposition().decode().splitlines()
        return next((float(one.split()[-1]) for one in lines if one.startswith(start)), 0.0)


@pytest.fixture
async def scheduled(store: Store, clock: SettableClock) -> Scheduled:
    """Give a loop over a ledger whose first application came on Monday 2 March."""
    desk = Desk(store, clock)
    await desk.pull(an_item("SY1"))
    return Scheduled(desk)


async def test_a_day_is_compared_once_after_its_time(scheduled: Scheduled) -> None:
    clock = scheduled.desk.clock
    clock.forward(days=1)
    assert await scheduled.loop.turn() == 0  # the first day was not whole
    clock.forward(hours=15, minutes=59)
    assert await scheduled.loop.turn() == 0

    clock.forward(minutes=1)  # 01:30 in Beijing on the fourth

    assert await scheduled.loop.turn() == 1
    assert await scheduled.loop.turn() == 0
    assert scheduled.days == [3]
    assert scheduled.figure("duijie_reconcile_last_success_timestamp_seconds") > 0


async def test_missed_days_are_caught_up_and_one_that_waits_holds_up_none(
    scheduled: Scheduled,
) -> None:
    clock = scheduled.desk.clock
    clock.forward(days=4, hours=18)
    scheduled.reconciler.statements.failures.append(NOT_READY)

    assert await scheduled.loop.turn() == 3

    assert scheduled.days == [3, 4, 5, 6]
    assert scheduled.figure("duijie_reconcile_days_waiting") == 1
    clock.forward(minutes=15)
    assert await scheduled.loop.turn() == 1
    assert scheduled.days[4:] == [3]
    assert scheduled.figure("duijie_reconcile_days_waiting") == 0


async def test_a_national_side_without_statements_is_asked_once_a_turn(
    scheduled: Scheduled,
) -> None:
    scheduled.desk.clock.forward(days=4, hours=18)
    scheduled.reconciler.statements.failures.append(NOT_BUILT)

    assert await scheduled.loop.turn() == 0

    assert scheduled.days == [3]


async def test_a_day_that_stays_without_a_statement_is_told_once(
    scheduled: Scheduled, caplog: pytest.LogCaptureFixture
) -> None:
    scheduled.desk.clock.forward(days=1, hours=16)
    for _ in range(8):
        scheduled.reconciler.statements.failures.append(NOT_READY)
        await scheduled.loop.turn()
        scheduled.desk.clock.forward(hours=1)
    late = [one for one in caplog.records if one.message == "reconcile.late"]
    assert len(late) == 1


async def test_what_is_found_is_counted_told_and_fetched_again(
    scheduled: Scheduled, caplog: pytest.LogCaptureFixture
) -> None:
    scheduled.reconciler.statements.at["SY1"] = scheduled.desk.clock() + timedelta(days=1)
    scheduled.desk.clock.forward(days=1, hours=16)
    noon = scheduled.desk.clock() - timedelta(hours=12)
    scheduled.reconciler.statements.change = with_more(
        an_entry(at=noon), an_entry(EntryKind.APPLICATION, key="SY9", acknowledged=False, at=noon)
    )

    assert await scheduled.loop.turn() == 1

    assert scheduled.fetched == 1
    assert scheduled.figure('duijie_discrepancies_found_total{kind="never-sent"}') == 1
    events = [one.message for one in caplog.records]
    assert events.count("reconcile.foreign-result") == 1
    figures = await scheduled.desk.figures()
    assert figures.discrepancies == {("never-sent", "open"): 1, ("not-received", "under-way"): 1}


async def test_only_one_of_two_leads(scheduled: Scheduled) -> None:
    other = Scheduled(scheduled.desk, "other")
    scheduled.desk.clock.forward(days=1, hours=16)
    lease = await scheduled.reconciler.lease("command")
    assert lease is not None

    assert await other.loop.turn() == 0
    assert await scheduled.loop.by_command(DAY, _nothing) is None
    assert other.days == []


async def test_switched_off_no_day_is_compared(scheduled: Scheduled) -> None:
    off = Scheduled(scheduled.desk, at=None)
    scheduled.desk.clock.forward(days=4)

    assert await off.loop.turn() == 0
    assert off.days == []


async def _nothing(_: object) -> None:
    """Show no progress."""
