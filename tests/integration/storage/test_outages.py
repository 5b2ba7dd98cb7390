"""Outages of a database server: a line that says nothing, and a commit whose answer never came."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import nullcontext
from functools import partial
from typing import Final
from urllib.parse import urlsplit

import psycopg
import pytest

from storage.errors import CommitUnknown, StoreUnavailable
from storage.postgres.notify import CHANNEL
from storage.postgres.store import PostgresStore
from tests.integration.storage.bank import BANK, Bank, BankStatement
from tests.integration.storage.test_postgres import ask
from tests.support.line import NetworkLine, a_line
from tests.support.needs import absent
from tests.support.postgres import CURE, installed_binaries, running, wheel_binaries
from tests.support.until import until

SILENCE_S: Final = 0.3
RECOVERY_S: Final = 10.0
BankOnPostgres = PostgresStore[Bank, BankStatement]


@pytest.fixture
def way(postgres_url: str) -> Iterator[tuple[NetworkLine, str]]:
    """Give a line to an empty database, and its URL."""
    with a_line(postgres_url) as given:
        yield given


@pytest.fixture
def line(way: tuple[NetworkLine, str]) -> NetworkLine:
    return way[0]


@pytest.fixture
def unknown() -> list[int]:
    """Collect how many units of work were said to be stored or not."""
    return []


@pytest.fixture
async def store(
    anyio_backend: str, way: tuple[NetworkLine, str], unknown: list[int]
) -> AsyncIterator[BankOnPostgres]:
    """Open a store by way of the line; it does not wait long for a word."""
    opened: BankOnPostgres = PostgresStore(
        way[1], BANK, silence_s=SILENCE_S, on_unknown=unknown.append
    )
    yield opened
    way[0].silent = way[0].refusing = False
    await opened.close()


async def succeeds(attempt: Awaitable[object]) -> bool:
    """Say whether the store does it."""
    try:
        await attempt
    except StoreUnavailable:
        return False
    return True


async def test_a_line_that_dies_without_a_word_is_dropped_and_made_again(
    store: BankOnPostgres, line: NetworkLine
) -> None:
    await store.transact(lambda bank: bank.open("A1"))
    await store.read(lambda statement: statement.balance("A1"))

    # When the line swallows everything, and nobody hears of an end of the connection
    line.silent = True
    asked = time.monotonic()
    attempts = (
        store.transact(lambda bank: bank.deposit("A1", 1)),
        store.read(lambda statement: statement.balance("A1")),
    )
    assert await asyncio.gather(*map(succeeds, attempts)) == [False, False]
    assert time.monotonic() - asked < RECOVERY_S

    # Then, once there is a line again, work goes on
    line.silent = False
    back = time.monotonic()
    await until(lambda: succeeds(store.transact(lambda bank: bank.open("A2"))))
    await until(lambda: succeeds(store.read(lambda statement: statement.balance("A2"))))
    assert time.monotonic() - back < RECOVERY_S


async def test_a_statement_that_takes_its_time_is_not_taken_for_a_dead_line(
    store: BankOnPostgres, postgres_url: str
) -> None:
    seconds = 4 * SILENCE_S

    def slow(bank: Bank) -> None:
        bank.open("A1")

    ask(
        postgres_url,
        "CREATE FUNCTION sleepy() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN PERFORM pg_sleep({seconds}); RETURN NEW; END; $$",
    )
    ask(
        postgres_url,
        "CREATE TRIGGER sleepy BEFORE INSERT ON accounts FOR EACH ROW EXECUTE FUNCTION sleepy()",
    )
    started = time.monotonic()
    await store.transact(slow)
    assert time.monotonic() - started >= seconds


async def test_a_listener_on_a_dead_line_listens_again(
    store: BankOnPostgres, line: NetworkLine, postgres_url: str
) -> None:
    woken: asyncio.Queue[set[str]] = asyncio.Queue()
    store.subscribe(woken.put_nowait)
    await until(lambda: hears(woken, postgres_url))
    opened = line.opened
    line.silent = True
    await until(lambda: line.opened > opened)  # it asked, and had no answer
    line.silent = False
    while not woken.empty():
        woken.get_nowait()
    await until(lambda: hears(woken, postgres_url))


async def hears(woken: asyncio.Queue[set[str]], url: str) -> bool:
    """Notify as another process does; say whether anything was heard so far."""
    notice = '{"from":"x","peers":["a"]}'
    await asyncio.to_thread(ask, url, f"SELECT pg_notify('{CHANNEL}', '{notice}')::text")
    return not woken.empty()


@pytest.mark.parametrize("together", [1, 3])
async def test_a_commit_without_an_answer_is_unknown_and_the_same_again_finds_it_done(
    store: BankOnPostgres, line: NetworkLine, unknown: list[int], together: int
) -> None:
    # Given orders whose commit reaches the server, and its answer nobody
    line.robs = b"COMMIT"
    numbers = [f"o{number}" for number in range(together)]
    pending = [store.transact(partial(Bank.order, number=n, answer="first")) for n in numbers]
    results = await asyncio.gather(*pending, return_exceptions=True)
    lost = [n for n, result in zip(numbers, results, strict=True) if result != "first"]

    # Then they count as unknown, not as refused, and are run no second time by the store
    assert lost
    assert {type(result) for result in results if result != "first"} == {CommitUnknown}
    assert (store.counts.unknown, unknown) == (1, [len(lost)])

    # And whoever gives the same order again gets the first answer
    for number in lost:
        assert await store.transact(partial(Bank.order, number=number, answer="again")) == "first"


async def test_a_commit_that_the_server_refuses_is_not_unknown(
    store: BankOnPostgres, postgres_url: str, unknown: list[int]
) -> None:
    ask(
        postgres_url,
        "ALTER TABLE letters ADD CONSTRAINT alone UNIQUE (peer) DEFERRABLE INITIALLY DEFERRED",
    )
    await store.transact(lambda bank: bank.write_letters("甲"))
    with pytest.raises((StoreUnavailable, psycopg.Error)) as refused:
        await store.transact(lambda bank: bank.write_letters("甲"))
    assert not isinstance(refused.value, CommitUnknown)
    assert (store.counts.unknown, unknown) == (0, [])


async def test_a_server_that_is_gone_and_comes_back_is_said_at_once(
    store: BankOnPostgres, line: NetworkLine
) -> None:
    await store.probe_write()
    line.refusing = True
    await until(lambda: refuses(store))
    line.refusing = False
    back = time.monotonic()
    await until(lambda: succeeds(store.probe_write()))
    assert time.monotonic() - back < 2


async def refuses(store: BankOnPostgres) -> bool:
    return not await succeeds(store.probe_write())


async def test_a_server_that_only_reads_for_a_while_is_tried_on_a_new_connection(
    store: BankOnPostgres, postgres_url: str, line: NetworkLine
) -> None:
    name = postgres_url.rpartition("/")[2]
    await store.probe_write()
    ask(postgres_url, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    line.refusing = True
    await until(lambda: line.cut == line.opened)
    line.refusing = False
    await until(lambda: refuses_because(store, "read-only"))
    other = postgres_url.removesuffix(name) + "postgres"
    ask(other, f"ALTER DATABASE {name} RESET default_transaction_read_only")
    await until(lambda: succeeds(store.probe_write()))  # each writer notices by itself


async def refuses_because(store: BankOnPostgres, reason: str) -> bool:
    """Say whether a write is refused for this reason; one that was cut off before has another."""
    try:
        await store.probe_write()
    except StoreUnavailable as exc:
        return reason in str(exc)
    return False


async def test_a_write_refused_for_want_of_room_keeps_the_probe_failing_until_there_is_room(
    store: BankOnPostgres, postgres_url: str
) -> None:
    ask(
        postgres_url,
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE disk_full; END; $$",
    )
    for table, column in (("letters", "body"), ("pulse", "padding")):
        ask(
            postgres_url,
            f"CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW"
            f" WHEN (octet_length(NEW.{column}) > 100) EXECUTE FUNCTION full_disk()",
        )
    await store.probe_write()
    with pytest.raises(StoreUnavailable):
        await store.transact(lambda bank: bank.write_letters("甲", body=bytes(1000)))
    assert await refuses(store)
    ask(postgres_url, "DROP FUNCTION full_disk CASCADE")
    assert await succeeds(store.probe_write())
    assert ask(postgres_url, "SELECT padding FROM pulse") == [(None,)]


async def test_another_cluster_behind_the_same_name_is_not_written_to(
    store: BankOnPostgres, line: NetworkLine, postgres_url: str
) -> None:
    # Given a store that wrote to one server, and another cluster with a database of that name
    await store.transact(lambda bank: bank.open("A1"))
    binaries = installed_binaries()
    with wheel_binaries() if binaries is None else nullcontext(binaries) as found:
        if found is None:
            absent("PostgreSQL's binaries", CURE)
        with running(found) as other:
            name = postgres_url.rpartition("/")[2]
            ask(other.address, f"CREATE DATABASE {name}")
            ours, theirs = line.server, urlsplit(other.address)

            # When the name leads there after an outage, the store refuses it
            line.refusing = True
            await until(lambda: line.cut == line.opened)
            line.server, line.refusing = (ours[0], theirs.port or 0), False
            await until(lambda: refuses_because(store, "another database cluster"))

            # Then it goes on where it was as soon as the name leads there again
            line.server = ours
            await until(lambda: succeeds(store.transact(lambda bank: bank.open("A2"))))
            assert await store.read(lambda statement: statement.balance("A1")) == 0
