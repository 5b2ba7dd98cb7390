"""What is PostgreSQL's own: an unsafe server is refused, replicas race, connections are lost."""

import asyncio
import threading
from collections.abc import Callable
from functools import partial

import psycopg
import pytest

from gateway.adapters.ledger.store import LedgerStore, ledger_schema
from gateway.domain.case import Step, advance
from gateway.errors import GatewayError, StaleCase
from gateway.ports.ledger import Ledger
from gateway.ports.views import Views
from storage.errors import StoreMisconfigured, StoreUnavailable
from storage.postgres.notify import CHANNEL
from storage.postgres.store import PostgresStore
from tests.builders.ledger import (
    AT,
    a_message,
    a_nonce,
    a_sealer,
    an_idempotency_key,
    an_inbox_entry,
    an_opening,
)
from tests.integration.storage.conftest import StoreOpener
from tests.support.postgres import Server


def ask(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def open_one(ledger: Ledger, key: str) -> None:
    ledger.cases.open([an_opening(key)])


@pytest.fixture
def pair(postgres_url: str, open_at: StoreOpener) -> list[LedgerStore]:
    """Open two stores on one database, as two replicas do."""
    return [open_at(postgres_url), open_at(postgres_url)]


async def test_a_page_delivered_to_two_replicas_at_once_is_taken_over_once(
    pair: list[LedgerStore], postgres_url: str
) -> None:
    def take_over(ledger: Ledger, page: int) -> int:
        keys = [f"SQ-{page}-{number}" for number in range(20)]
        earlier = ledger.inbox.remember(
            {an_idempotency_key(key): an_inbox_entry() for key in keys}, AT
        )
        new = [an_opening(key) for key in keys if an_idempotency_key(key) not in earlier]
        ledger.cases.open(new)
        ledger.outbox.enqueue([a_message(opening.change.case.key) for opening in new])
        return len(new)

    taken = await asyncio.gather(
        *(store.transact(partial(take_over, page=page)) for page in range(20) for store in pair * 2)
    )
    assert sum(taken) == 400
    for table in ("cases", "contents", "case_history", "inbox", "outbox"):
        assert ask(postgres_url, f"SELECT count(*) FROM {table}") == [(400,)]


async def test_replicas_that_change_the_same_cases_lose_no_change(pair: list[LedgerStore]) -> None:
    keys = ["SQ1", "SQ2", "SQ3"]
    await pair[0].transact(lambda ledger: ledger.cases.open([an_opening(key) for key in keys]))

    def touch(ledger: Ledger, order: list[str]) -> None:
        for key in order:  # one by one and crosswise: a deadlock now and then
            case = ledger.cases.read([key])[key]
            ledger.cases.save([advance(case, Step.DELIVER, at=AT, actor="a")])

    works = [
        store.transact(partial(touch, order=order))
        for _ in range(10)
        for store in pair
        for order in (keys, keys[::-1])
    ]
    results = await asyncio.gather(*works, return_exceptions=True)
    stored = results.count(None)
    assert stored > 0
    assert all(result is None or isinstance(result, StoreUnavailable) for result in results)
    cases = await pair[0].transact(lambda ledger: ledger.cases.read(keys))
    assert {case.version for case in cases.values()} == {stored + 1}


async def test_a_nonce_is_good_once_for_all_replicas(pair: list[LedgerStore]) -> None:
    spending = [
        store.transact(lambda ledger: ledger.nonces.consume(a_nonce("same")))
        for _ in range(10)
        for store in pair
    ]
    results = await asyncio.gather(*spending, return_exceptions=True)
    assert results.count(None) == 1
    assert sum(isinstance(result, GatewayError) for result in results) == 19


async def test_a_case_opened_by_two_replicas_is_opened_by_one(pair: list[LedgerStore]) -> None:
    opening = [
        store.transact(lambda ledger: ledger.cases.open([an_opening("SQ1")])) for store in pair
    ]
    results = await asyncio.gather(*opening, return_exceptions=True)
    # both saw the same content here, so nobody can tell whose it is: exactly one may not be refused
    assert sum(isinstance(result, StaleCase) for result in results) == 1


async def test_another_process_is_notified_of_what_this_one_enqueued(
    pair: list[LedgerStore],
) -> None:
    own, other = asyncio.Queue[set[str]](), asyncio.Queue[set[str]]()
    pair[0].subscribe(own.put_nowait)
    pair[1].subscribe(other.put_nowait)
    sent = 0
    async with asyncio.timeout(10):
        while other.empty():  # the other listens soon, not at once
            await pair[0].transact(
                lambda ledger: ledger.outbox.enqueue([a_message("SQ1", peer="甲")])
            )
            sent += 1
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

    async with asyncio.timeout(60):
        while woken.empty():  # until the store listens, nobody hears either notice
            for notice in (payload, '{"from":"x","peers":["a"]}'):
                query = f"SELECT pg_notify('{CHANNEL}', '{notice}')::text"
                await asyncio.to_thread(ask, postgres_url, query)

    assert woken.get_nowait() == {"a"}


async def test_a_lost_connection_is_unavailable_once_and_made_again(
    postgres_url: str, open_at: StoreOpener
) -> None:
    store = open_at(postgres_url)

    def cut(ledger: Ledger) -> None:
        ledger.cases.open([an_opening("SQ1")])
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        ask(postgres_url, f"{others} WHERE pid <> pg_backend_pid() AND state LIKE 'idle%'")

    with pytest.raises(StoreUnavailable):
        await store.transact(cut)
    assert await store.transact(lambda ledger: ledger.cases.read(["SQ1"])) == {}
    await store.probe_write()
    assert store.broken is None


async def test_a_reader_that_lost_its_connection_makes_another(
    postgres_url: str, open_at: StoreOpener
) -> None:
    store = open_at(postgres_url)

    def cut(views: Views) -> None:
        views.case("SQ1")
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        ask(postgres_url, f"{others} WHERE pid <> pg_backend_pid() AND state LIKE 'idle%'")
        views.case("SQ1")

    with pytest.raises(StoreUnavailable):
        await store.read(cut)
    for _ in range(4):
        assert await store.read(lambda views: views.case("SQ1")) is None


async def test_what_the_database_cannot_hold_fails_alone(
    postgres_url: str, open_at: StoreOpener
) -> None:
    store = open_at(postgres_url)
    keys = ["SQ1", "SQ\x00", "SQ2"]
    works = [store.transact(partial(open_one, key=key)) for key in keys]
    results = await asyncio.gather(*works, return_exceptions=True)
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
        PostgresStore(postgres_url, ledger_schema(a_sealer(), lambda: AT))


def test_a_database_in_another_encoding_is_refused(
    postgres_server: Server, make_database: Callable[[], str]
) -> None:
    base = make_database()
    name = base.rpartition("/")[2] + "_ascii"
    ask(base, f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'")
    url = base.rpartition("/")[0] + "/" + name
    try:
        with pytest.raises(StoreMisconfigured, match="ENCODING 'UTF8'"):
            PostgresStore(url, ledger_schema(a_sealer(), lambda: AT))
    finally:
        postgres_server.drop(url)


def test_a_server_out_of_reach_is_said_without_the_password() -> None:
    url = "postgresql://user:secret@127.0.0.1:1/ledger"
    with pytest.raises(StoreUnavailable) as caught:
        PostgresStore(url, ledger_schema(a_sealer(), lambda: AT))
    assert "secret" not in str(caught.value)


async def test_reading_goes_on_while_a_work_is_under_way(
    postgres_url: str, open_at: StoreOpener
) -> None:
    store = open_at(postgres_url)
    await store.transact(lambda ledger: ledger.cases.open([an_opening("SQ1")]))
    started, going_on = threading.Event(), threading.Event()

    def slow(ledger: Ledger) -> None:
        ledger.cases.open([an_opening("SQ2")])
        started.set()
        going_on.wait(10)

    waiting = asyncio.create_task(store.transact(slow))
    await asyncio.to_thread(started.wait, 10)
    seen = await store.read(lambda views: (views.case("SQ1"), views.case("SQ2")))
    going_on.set()
    await waiting
    assert seen[0] is not None
    assert seen[1] is None
