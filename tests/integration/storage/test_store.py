"""库: work is committed in batches, each piece whole or not at all, answered after the commit."""

import asyncio
import threading
from collections.abc import Awaitable
from dataclasses import replace
from functools import partial

import pytest

from storage.errors import StorageError, StoreMisconfigured, StoreUnavailable
from storage.session import Session
from storage.store import open_store
from tests.integration.conftest import Run
from tests.integration.storage.bank import BANK, TABLES, Bank, Declined
from tests.integration.storage.conftest import BankStore, StoreOpener


def everything(bank: Bank, name: str) -> None:
    """Write to every table there is."""
    bank.order(f"order-{name}")
    bank.open(name)
    bank.deposit(name, 5)
    bank.write_letters("甲")


def then_fail(bank: Bank, name: str) -> None:
    """Write to every table, then find that it may not be."""
    everything(bank, name)
    raise Declined("after all was written")


async def test_work_that_waits_together_is_committed_together(store: BankStore) -> None:
    await asyncio.gather(*(store.transact(partial(everything, name=f"A{n}")) for n in range(100)))
    assert store.counts.units_of_work == 100
    assert store.counts.batches < 50
    assert store.counts.flushes == store.counts.batches


async def test_a_failing_piece_leaves_its_neighbours_alone_and_nothing_behind(
    store: BankStore, sql: Run
) -> None:
    attempts = [
        store.transact(partial(then_fail if n % 5 == 3 else everything, name=f"A{n}"))
        for n in range(50)
    ]
    results = await asyncio.gather(*attempts, return_exceptions=True)
    assert [isinstance(result, Declined) for result in results] == [n % 5 == 3 for n in range(50)]
    assert {sql(f"SELECT count(*) FROM {table}")[0][0] for table in TABLES} == {40}


async def test_nothing_of_a_lonely_failing_piece_stays(store: BankStore, sql: Run) -> None:
    with pytest.raises(Declined, match="after all was written"):
        await store.transact(lambda bank: then_fail(bank, "A1"))
    assert {sql(f"SELECT count(*) FROM {table}")[0][0] for table in TABLES} == {0}


async def test_work_sees_what_it_and_earlier_work_wrote(store: BankStore) -> None:
    def write_and_read(bank: Bank, number: int) -> tuple[int, list[str], set[str]]:
        bank.write_letters(f"P{number}")
        sent = bank.send_letters(f"P{number}")
        bank.open(f"A{number}")
        bank.order(f"o{number}")
        names = [f"A{n}" for n in range(number + 2)]
        return sent, sorted(bank.balances(*names)), bank.orders(["o0", "o1", "o2", "o3"])

    seen = [await store.transact(partial(write_and_read, number=n)) for n in range(3)]
    assert seen == [
        (1, ["A0"], {"o0"}),
        (1, ["A0", "A1"], {"o0", "o1"}),
        (1, ["A0", "A1", "A2"], {"o0", "o1", "o2"}),
    ]


async def test_pieces_of_one_batch_on_one_row_see_each_other(store: BankStore) -> None:
    await store.transact(lambda bank: bank.open("A1"))
    attempts = [store.transact(lambda bank: bank.deposit("A1", 1)) for _ in range(40)]
    assert sorted(await asyncio.gather(*attempts)) == list(range(1, 41))
    assert await store.read(lambda statement: statement.entries("A1")) == [1] * 40


async def test_an_order_given_at_once_by_many_is_recorded_once(store: BankStore) -> None:
    def orders(start: int) -> list[Awaitable[str]]:
        attempts = [partial(Bank.order, number="o1", answer=str(start + n)) for n in range(30)]
        return [store.transact(work) for work in attempts]

    answers = set(await asyncio.gather(*orders(0)))
    assert len(answers) == 1
    assert set(await asyncio.gather(*orders(100))) == answers


async def test_a_row_added_at_once_by_many_is_added_by_one(store: BankStore) -> None:
    attempts = [store.transact(lambda bank: bank.open("A1")) for _ in range(20)]
    results = await asyncio.gather(*attempts, return_exceptions=True)
    assert results.count(None) == 1
    assert sum(isinstance(result, Declined) for result in results) == 19


async def test_work_that_no_cache_can_answer_fails_alone_too(store: BankStore, sql: Run) -> None:
    await store.transact(lambda bank: bank.write_letters(*(f"P{n}" for n in range(40))))

    def send(bank: Bank, number: int) -> None:
        bank.order(f"o{number}")
        bank.send_letters(f"P{number}")
        if number % 4 == 0:
            raise Declined("after the database was changed")

    attempts = [store.transact(partial(send, number=number)) for number in range(40)]
    results = await asyncio.gather(*attempts, return_exceptions=True)
    assert [isinstance(result, Declined) for result in results] == [n % 4 == 0 for n in range(40)]
    assert sql("SELECT count(*) FROM letters WHERE sent = 0") == [(10,)]
    assert sql("SELECT count(*) FROM orders") == [(30,)]


async def test_a_letter_written_and_sent_in_one_piece_is_sent(store: BankStore, sql: Run) -> None:
    def write_and_send(bank: Bank) -> int:
        bank.write_letters("甲", "甲")
        return bank.send_letters("甲")

    assert await asyncio.gather(*(store.transact(write_and_send) for _ in range(5))) == [2] * 5
    assert sql("SELECT count(*) FROM letters WHERE sent = 0") == [(0,)]


async def test_a_bug_in_the_work_reaches_its_caller_and_the_store_goes_on(
    store: BankStore,
) -> None:
    def bug(bank: Bank) -> None:
        everything(bank, "A1")
        raise KeyError("no such thing")

    with pytest.raises(KeyError):
        await store.transact(bug)
    with pytest.raises(RuntimeError):
        await store.transact(lambda _: next(iter(())))
    await store.transact(lambda bank: everything(bank, "A1"))


async def test_a_unit_that_cannot_be_made_fails_its_caller_and_not_the_store(url: str) -> None:
    makes = asyncio.Event()

    def sometimes(session: Session) -> Bank:
        if not makes.is_set():
            raise LookupError("no unit today")
        return Bank(session)

    store = open_store(url, replace(BANK, unit=sometimes))
    async with asyncio.timeout(10):
        attempts = [store.transact(lambda bank: bank.open("A1")) for _ in range(3)]
        results = await asyncio.gather(*attempts, return_exceptions=True)
        makes.set()
        await store.transact(lambda bank: bank.open("A2"))
        await store.close()
    assert [type(result) for result in results] == [LookupError] * 3


async def test_a_caller_who_stops_waiting_does_not_undo_the_work(
    url: str, store: BankStore, open_at: StoreOpener
) -> None:
    waiting = asyncio.create_task(store.transact(lambda bank: bank.open("A1")))
    await asyncio.sleep(0)  # the work is queued now, and cannot be committed yet
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await store.probe_write()
    await store.close()
    assert store.counts.units_of_work == 2
    assert await open_at(url).read(lambda statement: statement.balance("A1")) == 0


async def test_what_need_not_be_durable_is_not_flushed_but_kept(
    url: str, store: BankStore, open_at: StoreOpener
) -> None:
    await store.transact(lambda bank: bank.open("A1"), durable=False)
    assert store.counts.flushes == 0
    await store.probe_write()
    assert store.counts.flushes == 1
    await store.close()
    assert await open_at(url).read(lambda statement: statement.balance("A1")) == 0


async def test_subscribers_are_called_with_the_peers_after_the_commit(store: BankStore) -> None:
    loop, called = asyncio.get_running_loop(), asyncio.Queue[tuple[set[str], bool]]()

    def note(peers: set[str]) -> None:
        called.put_nowait((set(peers), asyncio.get_running_loop() is loop))

    store.subscribe(note)
    with pytest.raises(Declined):
        await store.transact(lambda bank: then_fail(bank, "A1"))
    await store.transact(lambda bank: bank.write_letters("甲", "乙"))
    assert await asyncio.wait_for(called.get(), 10) == ({"甲", "乙"}, True)
    await store.probe_write()
    assert called.empty()


async def test_reading_goes_on_while_work_is_under_way(
    postgres_url: str, open_at: StoreOpener
) -> None:
    store = open_at(postgres_url)
    await store.transact(lambda bank: bank.open("A1"))
    started, going_on = threading.Event(), threading.Event()

    def slow(bank: Bank) -> None:
        bank.open("A2")
        started.set()
        going_on.wait(10)

    waiting = asyncio.create_task(store.transact(slow))
    await asyncio.to_thread(started.wait, 10)
    seen = await store.read(lambda statement: (statement.balance("A1"), statement.balance("A2")))
    going_on.set()
    await waiting
    assert seen == (0, None)


async def test_a_closing_store_finishes_what_waits_and_takes_no_more(
    url: str, store: BankStore, open_at: StoreOpener
) -> None:
    attempts = [
        asyncio.ensure_future(store.transact(partial(everything, name=f"A{n}"))) for n in range(30)
    ]
    await asyncio.sleep(0)  # each is queued now
    await store.close()
    assert await asyncio.gather(*attempts) == [None] * 30
    with pytest.raises(StoreUnavailable):
        await store.transact(lambda bank: bank.balances("A1"))
    with pytest.raises(StoreUnavailable):
        await store.read(lambda statement: statement.balance("A1"))
    with pytest.raises(StoreUnavailable):
        await store.probe_write()
    names = [f"A{n}" for n in range(30)]
    again = await open_at(url).transact(lambda bank: bank.balances(*names))
    assert again == dict.fromkeys(names, 5)


@pytest.mark.parametrize(
    ("url_of_a_mistake", "cure"),
    [
        ("mysql://root:secret@host/bank", "use sqlite:///path or postgresql://"),
        ("sqlite:////proc/no/bank.db", "writable folder"),
    ],
)
def test_a_wrong_address_is_refused_with_its_cure(url_of_a_mistake: str, cure: str) -> None:
    with pytest.raises(StoreMisconfigured, match=cure) as caught:
        open_store(url_of_a_mistake, BANK)
    assert "secret" not in str(caught.value)
    assert isinstance(caught.value, StorageError)
