"""前置库处被杀: the gateway dies between its ledger and an agency's database; nothing is lost."""

import asyncio
import signal
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from duijie.demo.agencies import StandIn, stand_ins
from gateway.domain.delivery import Delivery
from gateway.flows.failpoints import Failpoint
from tests.support.failpoints import THROUGH_TABLES
from tests.support.stack import PROVINCE
from tests.support.until import until
from tests.system.kills.campaign import SQLITE
from tests.system.kills.checker import check
from tests.system.kills.fork_server import Death, ForkServer, a_fork_server
from tests.system.kills.harness import a_kill_harness
from tests.system.kills.load import Load
from tests.system.kills.subject import KillSpec
from tests.system.kills.timing import outlive_leases
from tests.system.kills.transcript import transcribe
from tests.system.kills.transcript_shape import read_transcript

JIYUAN: Final = "4190010001"
OUTCOMES: Final = (Failpoint.OUTCOME_WRITTEN, Failpoint.OUTCOME_STORED, Failpoint.DISPATCH_SENT)
"""Passed with messages as well: here they lie between a row and its mark."""


def with_tables() -> tuple[StandIn, ...]:
    """Return the stand-in agencies of Henan, 济源市 with exchange tables."""
    return tuple(
        replace(one, delivery=Delivery.EXCHANGE_TABLE) if one.code == JIYUAN else one
        for one in stand_ins(PROVINCE)
    )


@pytest.fixture(scope="module")
async def fork_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ForkServer]:
    """Spawn the subjects of all tests here."""
    async with a_fork_server(tmp_path_factory.mktemp("subjects") / "log") as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> str:
    """Give the address of an empty store, of each kind in turn."""
    if request.param == "sqlite":
        return SQLITE
    make_ledger_database: Callable[[], str] = request.getfixturevalue("make_ledger_database")
    return make_ledger_database()


def rows(folder: Path, statement: str) -> list[tuple[object, ...]]:
    """Return what stands in the agency's database."""
    with closing(sqlite3.connect(folder / f"exchange-{JIYUAN}.db")) as connection:
        return connection.execute(statement).fetchall()


@pytest.mark.parametrize("at", [*THROUGH_TABLES, *OUTCOMES])
async def test_a_death_at_the_tables_loses_and_doubles_nothing(
    tmp_path: Path, fork_server: ForkServer, store: str, at: Failpoint
) -> None:
    async with a_kill_harness(tmp_path, store, with_tables()) as harness:
        # Given people of whom some are served by tables, and a gateway that dies
        load = Load(harness.simulator, harness.clock)
        async with asyncio.TaskGroup() as people:
            people.create_task(load.run(people))
            subject = await fork_server.spawn(KillSpec(harness.config, at))
            death = await subject.planned_death()

            # When another gateway serves the same ledger
            outlive_leases(harness.clock)
            await harness.finish(load)
        report = check(read_transcript(await transcribe(harness.simulator, load)))
        agency = harness.simulator.agencies[JIYUAN]

        # Then each result is in effect once, each row has its receipt, and no row stands twice
        assert death == Death(-signal.SIGKILL, f"{at} 1")
        assert report.findings == ()
        assert report.filed == report.acknowledged == report.back + report.withdrawn == 13
        assert len(agency.book.received) == 3
        assert agency.book.unbelieved_receipts == 0
        assert rows(tmp_path, "SELECT status, COUNT(*) FROM duijie_dispatch GROUP BY status")
        found = rows(tmp_path, "SELECT status, COUNT(*), COUNT(receipt) FROM duijie_result")
        assert found == [("TAKEN", 3, 3)]
        assert rows(tmp_path, "SELECT * FROM duijie_error") == []


async def test_the_counter_of_an_agency_with_tables_hands_in_by_them(tmp_path: Path) -> None:
    async with a_kill_harness(tmp_path, agencies=with_tables()) as harness, harness.gateway():
        agency = harness.simulator.agencies[JIYUAN]
        people = harness.simulator.entry.people_at(agency.settings.division, 3, seed=11)
        keys = agency.register(people)

        await until(lambda: all(map(harness.book.local_results, keys)))
        await until(lambda: not agency.counter.waiting())

    assert rows(tmp_path, "SELECT DISTINCT kind, status FROM duijie_result") == [
        ("registration", "TAKEN")
    ]
