"""A commit whose answer never came: the same again finds it done, and nothing is done twice."""

from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from gateway.adapters.ledger.store import LedgerStore, open_ledger
from gateway.domain.case import State
from schemas.records.receipts import ItemStatus
from storage.errors import CommitUnknown
from tests.builders.ledger import a_sealer
from tests.builders.records import JINSHUI
from tests.integration.flows.desk import NUMBER, Desk, an_item
from tests.support.clock import SettableClock
from tests.support.ledger_observer import RecordingObserver
from tests.support.line import NetworkLine, a_line


@pytest.fixture
def way(make_ledger_database: Callable[[], str]) -> Iterator[tuple[NetworkLine, str]]:
    """Give a line to an empty database, and its URL."""
    with a_line(make_ledger_database()) as given:
        yield given


@pytest.fixture
def line(way: tuple[NetworkLine, str]) -> NetworkLine:
    return way[0]


@pytest.fixture
def observer() -> RecordingObserver:
    return RecordingObserver()


@pytest.fixture
async def store(
    anyio_backend: str,
    way: tuple[NetworkLine, str],
    clock: SettableClock,
    observer: RecordingObserver,
) -> AsyncIterator[LedgerStore]:
    """Open a ledger by way of the line."""
    opened = open_ledger(way[1], sealer=a_sealer(), now=clock, observer=observer)
    yield opened
    await opened.close()


async def test_each_step_of_a_case_whose_commit_is_unknown_is_done_once(
    desk: Desk, line: NetworkLine, observer: RecordingObserver
) -> None:
    # A page: nothing is acknowledged; when it comes again it meets the inbox
    line.robs = b"COMMIT"
    with pytest.raises(CommitUnknown):
        await desk.pull(an_item(NUMBER))
    assert desk.portal.acknowledged == []
    again = await desk.pull()
    assert [row.repeated for row in again.rows] == [True]
    assert len(desk.portal.acknowledged) == 1
    assert await desk.outbox_depth(JINSHUI) == (1, 0)

    # An outcome: the agency hears nothing; when it hands it in again it gets the first receipt
    outcome = await desk.outcome()
    line.robs = b"COMMIT"
    with pytest.raises(CommitUnknown):
        await desk.decide(outcome)
    (answer,) = await desk.decide(outcome)
    assert answer.status is ItemStatus.DUPLICATE
    assert (await desk.case()).state is State.DECIDED

    # What the portal received but was perhaps not settled: settled, or sent once more
    line.robs = b"COMMIT"
    with pytest.raises(CommitUnknown):
        await desk.report()
    desk.clock.forward(seconds=61)
    await desk.report()
    assert len(desk.portal.reports.taken) == 1
    assert (await desk.case()).state is State.REPORTED
    assert observer.unknown == [1, 1, 1]
