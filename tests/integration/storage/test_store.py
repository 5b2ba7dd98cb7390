"""库: works are committed in groups, each whole or not at all, and answered after the commit."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from gateway.adapters.ledger.store import LedgerStore, open_ledger
from gateway.domain.case import Step, advance
from gateway.domain.outbox_rules import MessageKind
from gateway.errors import MessageReplayed, RequestRefused
from gateway.ports.ledger import Ledger
from storage.errors import StorageError, StoreMisconfigured, StoreUnavailable
from tests.builders.ledger import (
    AT,
    a_beginning,
    a_message,
    a_nonce,
    a_quarantined_item,
    a_sealer,
    an_idempotency_key,
    an_inbox_entry,
    an_opening,
)
from tests.integration.storage.conftest import StoreOpener

TABLES = ("cases", "contents", "case_history", "inbox", "outbox", "quarantine", "nonces")


def everything(ledger: Ledger, key: str) -> None:
    """Write to every table there is."""
    ledger.nonces.consume(a_nonce(f"n-{key}"))
    ledger.inbox.remember({an_idempotency_key(key): an_inbox_entry()}, AT)
    ledger.cases.open([an_opening(key)])
    ledger.cases.save([advance(a_beginning(key).case, Step.DECIDE, at=AT, actor="a")])
    ledger.outbox.enqueue([a_message(key)])
    ledger.quarantine.add([a_quarantined_item(key.encode())])


def then_fail(ledger: Ledger, key: str) -> None:
    """Write to every table, then find that the message is not acceptable."""
    everything(ledger, key)
    raise RequestRefused("test.refused", "after all was written")


async def test_works_that_wait_together_are_committed_together(store: LedgerStore) -> None:
    await asyncio.gather(*(store.transact(partial(everything, key=f"SQ{n}")) for n in range(100)))
    assert store.counts.works == 100
    assert store.counts.batches < 50
    assert store.counts.flushes == store.counts.batches


async def test_one_failing_work_leaves_its_mates_alone_and_nothing_behind(
    store: LedgerStore, sql: Callable[..., list[tuple[object, ...]]]
) -> None:
    async def attempt(number: int) -> str:
        work = then_fail if number % 5 == 3 else everything
        try:
            await store.transact(lambda ledger: work(ledger, f"SQ{number}"))
        except RequestRefused as refused:
            return refused.code
        return "stored"

    results = await asyncio.gather(*(attempt(number) for number in range(50)))
    assert results == ["test.refused" if n % 5 == 3 else "stored" for n in range(50)]
    counts = {table: sql(f"SELECT count(*) FROM {table}")[0][0] for table in TABLES}
    assert counts == dict.fromkeys(TABLES, 40) | {"case_history": 80}


async def test_nothing_of_a_lonely_failing_work_stays(
    store: LedgerStore, sql: Callable[..., list[tuple[object, ...]]]
) -> None:
    with pytest.raises(RequestRefused, match="after all was written"):
        await store.transact(lambda ledger: then_fail(ledger, "SQ1"))
    assert {sql(f"SELECT count(*) FROM {table}")[0][0] for table in TABLES} == {0}


async def test_a_replay_in_a_group_is_refused_and_the_first_is_kept(store: LedgerStore) -> None:
    spending = [
        store.transact(lambda ledger: ledger.nonces.consume(a_nonce("same"))) for _ in range(20)
    ]
    results = await asyncio.gather(*spending, return_exceptions=True)
    assert results.count(None) == 1
    assert sum(isinstance(result, MessageReplayed) for result in results) == 19


async def test_a_work_sees_what_it_and_earlier_works_wrote(store: LedgerStore) -> None:
    def write_and_read(ledger: Ledger, number: int) -> list[int]:
        ledger.outbox.enqueue([a_message(f"SQ{number}", number="same", peer=f"P{number}")])
        claimed = ledger.outbox.claim(f"P{number}", limit=5, now=AT, until=AT)
        ledger.cases.open([an_opening(f"SQ{number}")])
        return [
            len(claimed),
            len(ledger.cases.read([f"SQ{n}" for n in range(number + 1)])),
        ]

    first = [await store.transact(partial(write_and_read, number=n)) for n in range(3)]
    assert first == [[1, 1], [1, 2], [1, 3]]


async def test_works_of_one_group_on_one_case_see_each_other(store: LedgerStore) -> None:
    await store.transact(lambda ledger: ledger.cases.open([an_opening("SQ1")]))

    def deliver(ledger: Ledger) -> int:
        change = advance(ledger.cases.read(["SQ1"])["SQ1"], Step.DELIVER, at=AT, actor="a")
        ledger.cases.save([change])
        return change.case.version

    versions = await asyncio.gather(*(store.transact(deliver) for _ in range(40)))
    assert sorted(versions) == list(range(2, 42))
    history = await store.read(lambda views: views.history("SQ1"))
    assert [entry.seq for entry in history] == list(range(1, 42))


async def test_a_message_sent_twice_at_once_is_remembered_once(store: LedgerStore) -> None:
    def take(ledger: Ledger, number: int) -> bytes:
        mine = replace(an_inbox_entry(), receipt=str(number).encode())
        earlier = ledger.inbox.remember({an_idempotency_key("SQ1"): mine}, AT)
        return earlier.get(an_idempotency_key("SQ1"), mine).receipt

    receipts = await asyncio.gather(*(store.transact(partial(take, number=n)) for n in range(30)))
    assert len(set(receipts)) == 1


async def test_works_that_change_what_cannot_be_foreseen_fail_alone_too(
    store: LedgerStore, sql: Callable[..., list[tuple[object, ...]]]
) -> None:
    await store.transact(
        lambda ledger: ledger.outbox.enqueue([a_message(f"SQ{n}") for n in range(40)])
    )

    def cancel(ledger: Ledger, number: int) -> None:
        ledger.nonces.consume(a_nonce(f"n{number}"))
        ledger.outbox.cancel([f"SQ{number}"], MessageKind.DISPATCH, AT)
        if number % 4 == 0:
            raise RequestRefused("test.refused", "after the database was changed")

    works = [store.transact(partial(cancel, number=number)) for number in range(40)]
    results = await asyncio.gather(*works, return_exceptions=True)
    assert [isinstance(result, RequestRefused) for result in results] == [
        n % 4 == 0 for n in range(40)
    ]
    assert sql("SELECT count(*) FROM outbox WHERE ended_at IS NULL") == [(10,)]
    assert sql("SELECT count(*) FROM nonces") == [(30,)]


async def test_a_bug_in_a_work_reaches_who_waits_and_the_store_goes_on(store: LedgerStore) -> None:
    def bug(ledger: Ledger) -> None:
        everything(ledger, "SQ1")
        raise KeyError("no such thing")

    with pytest.raises(KeyError):
        await store.transact(bug)
    with pytest.raises(RuntimeError):
        await store.transact(lambda _: next(iter(())))
    await store.transact(lambda ledger: everything(ledger, "SQ1"))


async def test_who_stops_waiting_does_not_undo_the_work(store: LedgerStore) -> None:
    started, going_on = threading.Event(), threading.Event()

    def slow(ledger: Ledger) -> None:
        started.set()
        going_on.wait(10)
        ledger.cases.open([an_opening("SQ1")])

    waiting = asyncio.create_task(store.transact(slow))
    await asyncio.to_thread(started.wait, 10)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    going_on.set()
    await store.probe_write()
    await store.close()
    assert store.counts.works == 2


async def test_what_need_not_be_durable_is_not_flushed_but_kept(
    url: str, store: LedgerStore, open_at: StoreOpener
) -> None:
    await store.transact(lambda ledger: ledger.cases.open([an_opening("SQ1")]), durable=False)
    assert store.counts.flushes == 0
    await store.probe_write()
    assert store.counts.flushes == 1
    await store.close()
    again = open_at(url)
    assert await again.read(lambda views: views.case("SQ1")) is not None


async def test_enqueued_messages_wake_after_the_commit(store: LedgerStore) -> None:
    loop, woken = asyncio.get_running_loop(), asyncio.Queue[tuple[set[str], bool]]()

    def wake(peers: set[str]) -> None:
        woken.put_nowait((set(peers), asyncio.get_running_loop() is loop))

    store.subscribe(wake)
    with pytest.raises(RequestRefused):
        await store.transact(lambda ledger: then_fail(ledger, "SQ1"))
    await store.transact(
        lambda ledger: ledger.outbox.enqueue(
            [a_message("SQ1", peer="A"), a_message("SQ1", peer="B")]
        )
    )
    assert await asyncio.wait_for(woken.get(), 10) == ({"A", "B"}, True)
    await store.probe_write()
    assert woken.empty()


async def test_a_closing_store_finishes_what_waits_and_takes_no_more(
    url: str, store: LedgerStore, open_at: StoreOpener
) -> None:
    works = [
        asyncio.ensure_future(store.transact(partial(everything, key=f"SQ{n}"))) for n in range(30)
    ]
    await asyncio.sleep(0)  # each is queued now
    await store.close()
    assert await asyncio.gather(*works) == [None] * 30
    with pytest.raises(StoreUnavailable):
        await store.transact(lambda ledger: ledger.cases.read([]))
    with pytest.raises(StoreUnavailable):
        await store.read(lambda views: views.case("SQ1"))
    with pytest.raises(StoreUnavailable):
        await store.probe_write()
    again = open_at(url)
    figures = await again.read(lambda views: views.figures(AT.date()))
    assert figures.states == {"DECIDED": 30}


@pytest.mark.parametrize(
    ("url_of_a_mistake", "cure"),
    [
        ("mysql://root:secret@host/ledger", "use sqlite:///path or postgresql://"),
        ("sqlite:////proc/no/ledger.db", "writable folder"),
    ],
)
def test_a_wrong_address_is_refused_with_its_cure(url_of_a_mistake: str, cure: str) -> None:
    with pytest.raises(StoreMisconfigured, match=cure) as caught:
        open_ledger(url_of_a_mistake, sealer=a_sealer(), now=lambda: AT)
    assert "secret" not in str(caught.value)
    assert isinstance(caught.value, StorageError)
