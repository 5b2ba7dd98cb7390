"""前置库不可用: away for a day, locked, garbling; nothing is lost, and nothing goes twice."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from gateway.adapters.exchange_table.dialect import PROBE
from gateway.adapters.exchange_table.tables import AgencyTables
from gateway.domain.case import State
from gateway.domain.dispatch import complete_dispatch
from gateway.errors import PeerFailure, PeerUnavailable
from gateway.flows.failpoints import Failpoint
from gateway.flows.relay import relay_dispatches
from gateway.ports.store import Store
from schemas.records.receipts import ItemResult, ItemStatus
from tests.builders.records import JINSHUI, dispatch_json
from tests.integration.exchange_tables.office import TableOffice, no_jitter
from tests.integration.flows.desk import NUMBER, Desk, an_item
from tests.support.agency_databases import AgencyDatabases, AgencyTestDatabase
from tests.support.clock import SettableClock

TABLES = ("dispatch", "result", "error")
HEAD = dispatch_json(application=None)


@dataclass(frozen=True)
class Unheard:
    """Tables that are written to by a gateway which does not hear of it."""

    tables: AgencyTables

    async def deliver(self, dispatches: Sequence[bytes]) -> tuple[ItemResult, ...]:
        """Commit, and break off."""
        await self.tables.deliver(dispatches)
        raise PeerUnavailable(JINSHUI, PeerFailure.TIMED_OUT)


@contextlib.contextmanager
def tables_away(database: AgencyTestDatabase) -> Iterator[None]:
    """Take the tables away, as a restored or mended database has none for a while."""
    for name in TABLES:
        database.run(f"ALTER TABLE duijie_{name} RENAME TO away_{name}")
    yield
    for name in TABLES:
        database.run(f"ALTER TABLE away_{name} RENAME TO duijie_{name}")


async def test_all_goes_on_once_the_database_is_back(
    office: TableOffice,
) -> None:
    await office.open_cases(NUMBER)
    office.database.hand_in("R1", await office.desk.outcome())
    with tables_away(office.database):
        await office.desk.pull(an_item("SY2"))
        for _ in range(24):
            relayed = await office.dispatch()
            assert relayed.failure is None or (
                relayed.failure.failure is PeerFailure.TABLES_MISSING
            )
            assert await office.turn() >= 1
            office.clock.forward(hours=1)
        assert office.loop.breaker.failures == 24
        assert (await office.desk.outbox_depth(JINSHUI)) == (1, 0)

    assert (await office.dispatch()).settled == 1
    assert await office.turn() == 5

    assert office.loop.breaker.failures == 0
    assert office.database.statuses() == {"R1": "TAKEN"}
    assert len(office.database.statuses("dispatch")) == 2
    assert (await office.desk.case("SY2")).state is State.DISPATCHED


async def test_a_dispatch_whose_commit_is_not_heard_of_is_looked_for_and_not_doubled(
    office: TableOffice,
) -> None:
    await office.desk.pull(an_item(NUMBER))
    unheard = await relay_dispatches(
        JINSHUI,
        Unheard(office.tables),
        store=office.store,
        now=office.clock,
        jitter=no_jitter,
    )
    assert unheard.postponed == 1
    rows = office.database.run("SELECT dispatch_no, changed_at FROM duijie_dispatch")
    office.clock.forward(hours=2)

    assert (await office.dispatch()).settled == 1

    assert office.database.run("SELECT dispatch_no, changed_at FROM duijie_dispatch") == rows
    assert (await office.desk.case()).state is State.DISPATCHED


async def test_a_dispatch_that_the_database_garbles_is_not_taken_for_delivered(
    office: TableOffice,
) -> None:
    await office.open_cases(NUMBER)
    number = (await office.desk.case()).dispatch_no
    garbled = office.database.run("SELECT payload FROM duijie_dispatch")[0]
    await office.desk.pull(an_item("SY2"))
    (waiting, _) = await office.desk.pending_dispatches(JINSHUI)
    second = str(waiting[0].decode().partition('"dispatch_no":"')[2].partition('"')[0])
    office.database.run("UPDATE duijie_dispatch SET dispatch_no = ?", second)
    assert garbled

    relayed = await office.dispatch()

    ((message, fault),) = relayed.unbelieved
    assert (message.number, fault.value) == (second, "digest")
    assert number != second
    assert (await office.desk.case("SY2")).state is State.ACCEPTED


async def test_two_gateways_take_each_row_once(office: TableOffice) -> None:
    numbers = [f"SY{place}" for place in range(20)]
    await office.open_cases(*numbers)
    for number in numbers:
        office.database.hand_in(f"R{number}", await office.desk.outcome(number))
    other = office.a_loop("gateway-2")

    assert (await office.turn(), await other.turn()) == (5, 5)

    assert office.rows_counted("taken") == 20

    # The second stands by while the first leads, and leads once that gives its lease back
    office.database.run("UPDATE duijie_result SET status = 'READY' WHERE result_id = 'RSY3'")
    await other.turn()
    assert office.database.statuses()["RSY3"] == "READY"
    office.loop.stop()
    await office.loop.run()
    await other.turn()
    assert office.rows_counted("taken") == 21
    assert set(office.database.statuses().values()) == {"TAKEN"}


async def test_two_gateways_that_took_one_row_write_the_same_receipt(
    office: TableOffice,
) -> None:
    # Given a gateway that stood still between reading rows and writing into them
    await office.open_cases(NUMBER)
    office.database.hand_in("R1", await office.desk.outcome())
    rows = await office.tables.ready_results(after="", limit=100)
    await office.turn()
    receipts = office.database.run("SELECT receipt FROM duijie_result")

    # When it goes on after another one has taken them
    (late,) = await TableOffice(office.database, office.desk).loop._taker.take(rows)

    assert late.receipt is not None
    assert office.database.run("SELECT receipt FROM duijie_result") == receipts
    assert receipts == [(late.receipt.decode(),)]


@pytest.mark.parametrize("character_set", ["latin1", "gbk", "utf8mb3"])
async def test_a_mariadb_that_cannot_keep_every_character_is_named(
    store: Store, clock: SettableClock, agency_databases: AgencyDatabases, character_set: str
) -> None:
    database = agency_databases.make("mariadb")
    database.run(f"ALTER TABLE duijie_dispatch CONVERT TO CHARACTER SET {character_set}")
    office = TableOffice(database, Desk(store, clock))
    await office.desk.pull(an_item(NUMBER))

    relayed = await office.dispatch()
    assert relayed.failure is not None
    assert relayed.failure.failure is PeerFailure.TABLES_CHARACTER_SET

    # When it is mended, what waited goes
    database.run("ALTER TABLE duijie_dispatch CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
    clock.forward(hours=2)
    assert (await office.dispatch()).settled == 1


async def test_rare_characters_come_through_as_they_went(office: TableOffice) -> None:
    await office.desk.pull(an_item(NUMBER, aac003=PROBE.replace("é", "")))
    await office.dispatch()
    ((payload,),) = office.database.run("SELECT payload FROM duijie_dispatch")
    assert "测试𠮷䶮·" in str(payload)

    office.database.hand_in("R1", await office.desk.outcome(aae019="𠮷䶮"))
    await office.turn()
    await office.desk.report()
    assert "𠮷䶮" in office.desk.portal.reports.taken[NUMBER, 1].decode()


@pytest.mark.parametrize("agency_database", ["sqlite"], indirect=True)
async def test_a_lock_that_is_held_ends_a_turn_and_loses_nothing(office: TableOffice) -> None:
    # Given SQLite, whose readers wait for a writer
    await office.open_cases(NUMBER)
    office.database.hand_in("R1", await office.desk.outcome())
    with office.database.session() as cursor:
        cursor.execute("BEGIN EXCLUSIVE")
        assert await office.turn() >= 1
        assert office.loop.breaker.failures == 1
    await office.turn()
    assert office.database.statuses() == {"R1": "TAKEN"}


async def test_a_hook_is_passed_at_each_step(office: TableOffice) -> None:
    passed: list[Failpoint] = []
    heard = TableOffice(office.database, office.desk, hook=passed.append)
    await heard.open_cases(NUMBER)
    heard.database.hand_in("R1", await heard.desk.outcome())
    await heard.turn()
    assert passed == [
        Failpoint.TABLE_DISPATCH_WRITTEN,
        Failpoint.TABLE_RESULTS_READ,
        Failpoint.OUTCOME_RECEIVED,
        Failpoint.OUTCOME_WRITTEN,
        Failpoint.OUTCOME_STORED,
        Failpoint.TABLE_RESULTS_RECORDED,
        Failpoint.TABLE_RESULTS_MARKED,
    ]


async def test_a_dispatch_without_its_application_is_refused_and_not_written(
    office: TableOffice,
) -> None:
    results = await office.tables.deliver([complete_dispatch(HEAD, None)])
    assert [one.status for one in results] == [ItemStatus.REFUSED]
    assert office.database.statuses("dispatch") == {}
