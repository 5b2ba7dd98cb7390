"""定时取得: once a night one process fetches; what cannot be used is counted and tried again."""

import asyncio

import pytest

from gateway.adapters.ledger.store import LedgerStore
from gateway.domain.table_editions import TableKind
from gateway.jobs.table_fetch import TableFetchLoop
from gateway.jobs.tables_in_force import TablesInForceLoop
from gateway.metrics import Metrics
from tests.builders.tables import (
    NEW_CHANNEL,
    codes_edition,
    pages,
    second_codes,
    shipped_divisions,
)
from tests.integration.flows.tables_desk import TablesDesk
from tests.support.clock import SettableClock
from tests.support.tables import ScriptedTables
from tests.support.until import until

UNTIL_THREE = {"hours": 17, "minutes": 29}
"""From 09:30 in Beijing to 02:59 of the night."""


class Fetching:
    """A gateway's fetch loop over a national side."""

    def __init__(self, store: LedgerStore, clock: SettableClock, holder: str) -> None:
        self.source = ScriptedTables(second_codes())
        self.metrics = Metrics(version="0", contract="0")
        self.loop = TableFetchLoop(
            self.source,
            holder=holder,
            store=store,
            now=clock,
            metrics=self.metrics,
            jitter=lambda: 0.0,
        )

    def counted(self, kind: str, result: str) -> bool:
        """Say whether one fetch of a kind ended like that."""
        text = self.metrics.exposition().decode()
        return f'duijie_table_fetches_total{{kind="{kind}",result="{result}"}} 1.0' in text


@pytest.fixture
def fetching(store: LedgerStore, clock: SettableClock) -> Fetching:
    return Fetching(store, clock, "a")


async def test_nothing_is_fetched_before_the_night_and_everything_once_in_it(
    fetching: Fetching, store: LedgerStore, clock: SettableClock
) -> None:
    clock.forward(**UNTIL_THREE)
    await fetching.loop.turn()
    assert fetching.source.calls == []

    clock.forward(minutes=1)
    await fetching.loop.turn()
    assert len(fetching.source.calls) == 41 + 14
    assert (await TablesDesk(store, clock).standing(TableKind.CODES)).waiting is not None

    clock.forward(hours=20)
    await fetching.loop.turn()
    assert len(fetching.source.calls) == 41 + 14
    assert fetching.counted("codes", "new")


async def test_one_process_fetches_for_all(
    fetching: Fetching, store: LedgerStore, clock: SettableClock
) -> None:
    other = Fetching(store, clock, "b")
    clock.forward(hours=18)

    await fetching.loop.turn()
    clock.forward(minutes=10)  # beyond the lease
    await other.loop.turn()

    assert other.source.calls == []


async def test_a_process_that_starts_after_the_night_makes_up_for_one_that_was_missed(
    fetching: Fetching, store: LedgerStore, clock: SettableClock
) -> None:
    clock.forward(hours=18)
    await fetching.loop.turn()
    clock.forward(hours=30)

    late = Fetching(store, clock, "b")
    await late.loop.turn()

    assert len(late.source.calls) == 41 + 14


async def test_what_cannot_be_used_is_counted_by_its_code_and_tried_again_in_an_hour(
    fetching: Fetching, store: LedgerStore, clock: SettableClock
) -> None:
    # Given a national side that is cut off, and then repeats a page
    fetching.source.fails_after = 0
    clock.forward(hours=18)
    await fetching.loop.turn()
    assert fetching.counted("codes", "connection.failed")
    calls = len(fetching.source.calls)

    await fetching.loop.turn()
    assert len(fetching.source.calls) == calls

    fetching.source.calls, fetching.source.fails_after = [], None
    fetching.source.pages = [pages(shipped_divisions())[0]] * 2
    clock.forward(hours=1)
    await fetching.loop.turn()

    # Then the codes are there, and of the divisions nothing
    assert fetching.counted("divisions", "page.order-broken")
    tables = TablesDesk(store, clock)
    assert (await tables.standing(TableKind.CODES)).fetched is not None
    assert (await tables.standing(TableKind.DIVISIONS)).fetched is None


async def test_the_loop_takes_up_a_decision_that_another_process_made(
    store: LedgerStore, clock: SettableClock
) -> None:
    tables = TablesDesk(store, clock)
    edition = await tables.store_edition(codes_edition())
    loop = TablesInForceLoop(tables.rules, metrics=tables.metrics, every_s=0.01)
    running = asyncio.create_task(loop.run())

    await tables.decide(edition, tables.today)

    async with asyncio.timeout(20):
        await until(lambda: tables.rules.on(tables.today).tables.known("channel", NEW_CHANNEL))
    loop.stop()
    await running
