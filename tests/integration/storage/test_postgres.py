"""What is PostgreSQL's own: an unsafe server is refused, replicas race, connections are lost."""

import asyncio
import threading
from collections.abc import Callable
from functools import partial

import psycopg
import pytest

from storage.errors import StoreMisconfigured, StoreUnavailable
from storage.postgres.notify import CHANNEL
from storage.postgres.store import PostgresStore
from tests.integration.storage.bank import BANK, TABLES, Bank, BankStatement, Declined
from tests.integration.storage.conftest import BankStore, StoreOpener
from tests.support.postgres import Server
from tests.support.until import until

CUT_THE_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE pid <> pg_backend_pid() AND state LIKE 'idle%'"
)


def ask(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def open_one(bank: Bank, name: str) -> None:
    bank.open(name)


@pytest.fixture
def pair(postgres_url: str, open_at: StoreOpener) -> list[BankStore]:
    """Open two stores on one database, as two replicas do."""
    return [open_at(postgres_url), open_at(postgres_url)]


async def test_orders_given_to_two_replicas_at_once_are_obeyed_once(
    pair: list[BankStore], postgres_url: str
) -> None:
    def obey(bank: Bank, page: int) -> int:
        numbers = [f"{page}-{number}" for number in range(20)]
        earlier = bank.orders(numbers)
        new = [number for number in numbers if number not in earlier]
        for number in new:
            bank.order(number)
        if new:
            bank.open(*new)
            bank.write_letters(*new)
        for number in new:
            bank.deposit(number, 1)
        return len(new)

    obeyed = await asyncio.gather(
        *(store.transact(partial(obey, page=page)) for page in range(20) for store in pair * 2),
        return_exceptions=True,
    )
    assert sum(count for count in obeyed if isinstance(count, int)) == 400
    assert all(isinstance(count, int | Declined) for count in obeyed)
    for table in TABLES:
        assert ask(postgres_url, f"SELECT count(*) FROM {table}") == [(400,)]


async def test_replicas_that_change_the_same_rows_lose_no_change(pair: list[BankStore]) -> None:
    names = ["A1", "A2", "A3"]
    await pair[0].transact(lambda bank: bank.open(*names))

    def deposit(bank: Bank, order: list[str]) -> None:
        for name in order:  # one by one and crosswise: a deadlock now and then
            bank.deposit(name, 1)

    attempts = [
        store.transact(partial(deposit, order=order))
        for _ in range(10)
        for store in pair
        for order in (names, names[::-1])
    ]
    results = await asyncio.gather(*attempts, return_exceptions=True)
    stored = results.count(None)
    assert stored > 0
    assert all(result is None or isinstance(result, StoreUnavailable) for result in results)
    balances = await pair[0].transact(lambda bank: bank.balances(*names))
    assert balances == dict.fromkeys(names, stored)


async def test_an_order_is_good_once_for_all_replicas(pair: list[BankStore]) -> None:
    attempts = [
        store.transact(partial(Bank.order, number="same", answer=str(n)))
        for n, store in enumerate(pair * 10)
    ]
    assert len(set(await asyncio.gather(*attempts))) == 1


async def test_a_row_added_by_two_replicas_is_added_by_one(pair: list[BankStore]) -> None:
    attempts = [store.transact(lambda bank: bank.open("A1")) for store in pair]
    results = await asyncio.gather(*attempts, return_exceptions=True)
    assert sum(isinstance(result, Declined) for result in results) == 1


async def test_a_batch_that_another_process_overtook_is_run_again(postgres_url: str) -> None:
    # Given a batch of two, gathered while the only writer thread is held up
    store = PostgresStore(postgres_url, BANK, writers=1)
    started, going_on = threading.Event(), threading.Event()
    runs: list[str] = []

    def hold_up(_: Bank) -> None:
        started.set()
        going_on.wait(10)

    def order(bank: Bank) -> str:
        runs.append(bank.order("o1", "ours"))
        if len(runs) == 2:  # the first run asked what is stored, this one knows
            ask(postgres_url, "INSERT INTO orders VALUES ('A', 'o1', 'theirs', 0)")
        return runs[-1]

    holding = asyncio.create_task(store.transact(hold_up))
    await asyncio.to_thread(started.wait, 10)
    attempts = [
        asyncio.ensure_future(store.transact(order)),
        asyncio.ensure_future(store.transact(partial(open_one, name="A1"))),
    ]
    await asyncio.sleep(0)  # both are queued now

    # When another process stores the same order between the batch's reading and its writing
    going_on.set()
    results = await asyncio.gather(holding, *attempts)
    await store.close()

    # Then the answer is the one that was stored, and the neighbour's work is there once
    assert results == [None, "theirs", None]
    assert runs == ["ours", "ours", "theirs"]
    assert ask(postgres_url, "SELECT name FROM accounts") == [("A1",)]


async def test_another_process_is_notified_of_what_this_one_committed(
    pair: list[BankStore],
) -> None:
    own, other = asyncio.Queue[set[str]](), asyncio.Queue[set[str]]()
    pair[0].subscribe(own.put_nowait)
    pair[1].subscribe(other.put_nowait)
    sent = 0

    async def hears() -> bool:
        nonlocal sent
        await pair[0].transact(lambda bank: bank.write_letters("甲"))
        sent += 1
        return not other.empty()

    await until(hears, "the other, which listens soon, not at once")
    assert other.get_nowait() == {"甲"}
    assert [own.get_nowait() for _ in range(sent)] == [{"甲"}] * sent
    await pair[0].probe_write()
    assert own.empty()


@pytest.mark.parametrize(
    "payload", ["", "nonsense", "[]", "{}", '{"from":"x","peers":[[]]}', "[" * 7000]
)
async def test_a_notice_that_cannot_be_read_does_not_end_the_listening(
    postgres_url: str, open_at: StoreOpener, payload: str
) -> None:
    store = open_at(postgres_url)
    assert isinstance(store, PostgresStore)
    woken: asyncio.Queue[set[str]] = asyncio.Queue()
    store.subscribe(woken.put_nowait)

    async def hears() -> bool:
        for notice in (payload, '{"from":"x","peers":["a"]}'):
            query = f"SELECT pg_notify('{CHANNEL}', '{notice}')::text"
            await asyncio.to_thread(ask, postgres_url, query)
        return not woken.empty()

    await until(hears, "the store listens: before, nobody hears either notice")
    assert woken.get_nowait() == {"a"}


async def test_a_lost_connection_is_unavailable_once_and_made_again(
    postgres_url: str, open_at: StoreOpener
) -> None:
    store = open_at(postgres_url)

    def cut(bank: Bank) -> None:
        bank.open("A1")
        ask(postgres_url, CUT_THE_OTHERS)

    with pytest.raises(StoreUnavailable):
        await store.transact(cut)
    assert await store.transact(lambda bank: bank.balances("A1")) == {}
    await store.probe_write()
    assert store.broken is None


async def test_a_reader_that_lost_its_connection_makes_another(
    postgres_url: str, open_at: StoreOpener
) -> None:
    store = open_at(postgres_url)

    def cut(statement: BankStatement) -> None:
        statement.balance("A1")
        ask(postgres_url, CUT_THE_OTHERS)
        statement.balance("A1")

    with pytest.raises(StoreUnavailable):
        await store.read(cut)
    for _ in range(4):
        assert await store.read(lambda statement: statement.balance("A1")) is None


async def test_what_the_database_cannot_hold_fails_alone(
    postgres_url: str, open_at: StoreOpener
) -> None:
    store = open_at(postgres_url)
    names = ("A1", "A\x00", "A2")
    attempts = [store.transact(partial(open_one, name=name)) for name in names]
    results = await asyncio.gather(*attempts, return_exceptions=True)
    assert results[0] is results[2] is None
    assert isinstance(results[1], psycopg.DataError)


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("synchronous_commit = off", "synchronous_commit = off"),
        ("default_transaction_read_only = on", "only reads"),
    ],
)
def test_an_unsafe_server_is_refused_with_its_cure(
    postgres_url: str, setting: str, expected: str
) -> None:
    name = postgres_url.rpartition("/")[2]
    ask(postgres_url, f"ALTER DATABASE {name} SET {setting}")
    with pytest.raises(StoreMisconfigured, match=expected):
        PostgresStore(postgres_url, BANK)


def test_a_database_in_another_encoding_is_refused(
    postgres_server: Server, make_database: Callable[[], str]
) -> None:
    base = make_database()
    name = base.rpartition("/")[2] + "_ascii"
    ask(base, f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'")
    url = base.rpartition("/")[0] + "/" + name
    try:
        with pytest.raises(StoreMisconfigured, match="ENCODING 'UTF8'"):
            PostgresStore(url, BANK)
    finally:
        postgres_server.drop(url)


def test_a_server_out_of_reach_is_said_without_the_password() -> None:
    url = "postgresql://user:secret@127.0.0.1:1/bank"
    with pytest.raises(StoreUnavailable) as caught:
        PostgresStore(url, BANK)
    assert "secret" not in str(caught.value)
