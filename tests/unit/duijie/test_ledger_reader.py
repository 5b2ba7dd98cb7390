from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from duijie.ledger_reader import CaseFilter, list_cases
from gateway.adapters.ledger.store import LedgerStore, open_ledger
from gateway.domain.case import State
from tests.builders.ledger import a_sealer, an_opening

TODAY = date(2026, 3, 5)
CASES = {
    "SQ0001": (date(2026, 3, 3), State.ACCEPTED),
    "SQ0002": (date(2026, 3, 4), State.HELD),
    "SQ0003": (date(2026, 3, 4), State.REPORTED),
    "SQ0004": (date(2026, 3, 5), State.ACCEPTED),
    "SQ0005": (None, State.ACCEPTED),
}


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[LedgerStore]:
    """A real ledger with one case of each kind that matters here."""
    store = open_ledger(
        f"sqlite:///{tmp_path}/ledger.db",
        sealer=a_sealer(),
        now=lambda: datetime(2026, 3, 5, 1, 0, tzinfo=UTC),
    )
    openings = [an_opening(key, due_on=due, state=state) for key, (due, state) in CASES.items()]
    await store.transact(lambda writing: writing.cases.open(openings))
    yield store
    await store.close()


async def test_cases_come_by_due_date_the_unknown_last(ledger: LedgerStore) -> None:
    rows = await list_cases(ledger, CaseFilter(), limit=10)
    assert [row.mark.key for row in rows] == list(CASES)


async def test_overdue_are_those_nobody_decided_and_whose_last_day_is_over(
    ledger: LedgerStore,
) -> None:
    rows = await list_cases(ledger, CaseFilter(overdue_on=TODAY), limit=10)
    assert [row.mark.key for row in rows] == ["SQ0001", "SQ0002"]


async def test_overdue_and_a_state_are_both_respected(ledger: LedgerStore) -> None:
    held = CaseFilter(states=(State.HELD,), overdue_on=TODAY)
    reported = CaseFilter(states=(State.REPORTED,), overdue_on=TODAY)
    assert [row.mark.key for row in await list_cases(ledger, held, limit=10)] == ["SQ0002"]
    assert await list_cases(ledger, reported, limit=10) == []


async def test_no_more_cases_are_listed_than_asked_for(ledger: LedgerStore) -> None:
    rows = await list_cases(ledger, CaseFilter(), limit=2)
    assert [row.mark.key for row in rows] == ["SQ0001", "SQ0002"]


async def test_a_list_longer_than_a_page_has_no_gap_and_no_repeat(ledger: LedgerStore) -> None:
    more = [an_opening(f"T{at:04d}", due_on=date(2026, 4, 1)) for at in range(450)]
    await ledger.transact(lambda writing: writing.cases.open(more))
    rows = await list_cases(ledger, CaseFilter(), limit=1000)
    assert len(rows) == len({row.mark.key for row in rows}) == len(CASES) + 450
