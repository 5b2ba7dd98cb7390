"""Rows are sealed again under the newest key, by a process that may die anywhere."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from gateway.adapters.ledger.store import LedgerStore
from gateway.domain.audit import AuditCode
from gateway.domain.outbox_rules import MessageKind
from gateway.domain.table_editions import TableKind
from gateway.flows.failpoints import Failpoint, FailpointHook, no_hook
from gateway.flows.key_rotation import (
    FIRST_USES,
    ROWS_AT_ONCE,
    give_back_uses,
    reseal,
    reserve_uses,
)
from gateway.flows.maintenance import lead
from gateway.jobs.key_rotation import KeyRotationLoop
from gateway.metrics import Metrics
from gateway.ports.disclosures import Disclosure, RecordedDisclosure
from gateway.ports.entry_texts import EntryText
from gateway.ports.ledger import Ledger
from gateway.ports.sealed_rows import RowMark, SealedTable
from gateway.ports.views import WorkRow
from storage.errors import SealKeyExhausted, StoreUnavailable
from storage.key_uses import MAX_USES, KeyUses
from storage.sealing import LedgerKeys, Sealer
from tests.builders.directory import a_content, a_version, responsible_for
from tests.builders.ledger import (
    AT,
    a_decision,
    a_form,
    a_message,
    a_quarantined_item,
    an_idempotency_key,
    an_inbox_entry,
    an_opening,
)
from tests.integration.ledger.conftest import StoreOpener
from tests.support.failpoints import RESEALING
from tests.support.killed import run_until_killed
from tests.support.until import until

OLD = LedgerKeys({1: bytes(range(3, 35))}, {1: bytes(range(9, 41))})
NEW = LedgerKeys(
    {**OLD.data, 2: bytes(range(5, 37))},
    {**OLD.index, 2: bytes(range(11, 43))},
)
ALONE = LedgerKeys({2: NEW.data[2]}, {2: NEW.index[2]})
CASES = ROWS_AT_ONCE + 7
ROWS = 4 * CASES + 5
"""Four of each case, and five that `fill` adds once: what is in quarantine, a text of a history, a
disclosure, a decision on an edition, a version of the directory."""
COMMITTED = (*3 * (ROWS_AT_ONCE, 7, 0), 1, 0, ROWS_AT_ONCE)
"""How many rows the first transactions seal again: of the cases, their contents, the outbox, in
quarantine, and one of the inbox."""
SUBJECT = "tests.integration.ledger.reseal_subject"
WRITTEN = "住址在中原区"
DISCLOSURE = Disclosure(AT, "operator:李敏", "poll.export", 3, WRITTEN)
DECISION = a_decision(reason=WRITTEN)
LISTED = a_content(responsible=(responsible_for(),))


async def fill(store: LedgerStore, *, first: int = 0, count: int = CASES) -> None:
    """Put sealed rows into every table that has any."""

    def work(ledger: Ledger) -> None:
        for number in range(first, first + count):
            key = f"SQ{number:04}"
            ledger.cases.open([an_opening(key)])
            ledger.inbox.record({an_idempotency_key(key): an_inbox_entry(key.encode())}, AT)
            ledger.outbox.enqueue(
                [a_message(key, kind=MessageKind.REPORT, peer="portal", body=a_form())]
            )
        ledger.quarantine.add([a_quarantined_item(a_form())])
        if first == 0:
            ledger.entry_texts.add([EntryText("SQ0000", 1, WRITTEN)])
            ledger.disclosures.add(DISCLOSURE)
            assert ledger.table_editions.decide(DECISION)
            ledger.directory.add(a_version(LISTED))

    await store.transact(work)


async def reseal_all(store: LedgerStore, hook: FailpointHook = no_hook) -> None:
    """Seal every row again under the newest key."""
    lease = await lead(holder="h", store=store, now=lambda: AT)
    assert lease is not None
    for table in SealedTable:
        after: RowMark | None = table.start
        while after is not None:
            after = await reseal(lease, table, after=after, store=store, hook=hook)


async def epochs(store: LedgerStore) -> dict[int, int]:
    return dict(await store.read(lambda views: views.rows_by_epoch()))


async def assert_all_opens(store: LedgerStore, count: int = CASES) -> None:
    """Make sure that every sealed row opens, is known again, and that the seals still fit."""
    keys = [f"SQ{number:04}" for number in range(count)]
    audited = await store.read(lambda views: views.audit("", limit=count + 1))
    changed = [one for one in audited.findings if one.code is AuditCode.CASE_CHANGED]
    assert (audited.cases, changed) == (count, [])
    assert len(await store.read(lambda views: views.contents(keys))) == count
    until = AT + timedelta(days=1)
    claimed = await store.transact(
        lambda ledger: ledger.outbox.claim("portal", limit=2 * count, now=AT, until=until)
    )
    assert [one.body for one in claimed] == [a_form()] * count
    entries = {an_idempotency_key(key): an_inbox_entry(key.encode()) for key in keys}
    assert await store.transact(lambda ledger: dict(ledger.inbox.record(entries, AT))) == entries
    await store.transact(lambda ledger: ledger.quarantine.add([a_quarantined_item(a_form())]))
    assert len(await store.read(lambda views: views.quarantined(limit=9))) == 1
    assert await store.read(lambda views: views.texts(keys[0])) == {1: WRITTEN}
    shown = await store.read(lambda views: views.reports.disclosures(0, limit=9))
    assert shown == [RecordedDisclosure(1, DISCLOSURE)]
    decided = await store.read(lambda views: views.table_decisions(TableKind.CODES, limit=9))
    assert decided == [DECISION]
    assert await store.read(lambda views: views.directory(1)) == a_version(LISTED)
    row = await store.read(lambda views: views.case(keys[0]))
    assert isinstance(row, WorkRow)
    assert set(row.same_person) <= set(keys[1:])
    assert len(row.same_person) == min(count - 1, 20)


async def test_every_row_is_sealed_again_and_opens_without_the_old_key(
    url: str, open_at: StoreOpener
) -> None:
    # Given rows under the old key, and some that came under the new one
    before = open_at(url, Sealer(OLD))
    await fill(before)
    await before.close()
    store = open_at(url, Sealer(NEW))
    await fill(store, first=CASES, count=3)
    assert set(await epochs(store)) == {1, 2}

    # When they are sealed again
    await reseal_all(store)

    # Then nothing needs the old key any more
    assert await epochs(store) == {2: 4 * (CASES + 3) + 5}
    await store.close()
    alone = open_at(url, Sealer(ALONE))
    await assert_all_opens(alone, CASES + 3)


async def test_what_does_not_open_is_left_and_keeps_its_key_in_use(
    url: str, open_at: StoreOpener, sql: Callable[..., list[tuple[object, ...]]]
) -> None:
    store = open_at(url, Sealer(OLD))
    await fill(store, count=3)
    await store.close()
    sql("UPDATE contents SET content = substr(content, 1, 20) WHERE key = ?", "SQ0001")

    store = open_at(url, Sealer(NEW))
    await reseal_all(store)

    assert (await epochs(store))[1] == 1


@pytest.mark.parametrize("failpoint", RESEALING)
@pytest.mark.parametrize("nth", [1, 4, 12])
async def test_a_death_at_any_failpoint_leaves_whole_rows_and_the_rest_for_the_next_run(
    url: str, open_at: StoreOpener, failpoint: Failpoint, nth: int
) -> None:
    # Given a process that is killed while it seals rows again: before a commit, or just after it
    before = open_at(url, Sealer(OLD))
    await fill(before)
    await before.close()
    await run_until_killed(SUBJECT, url, failpoint, str(nth))

    # Then what was committed is under the new key, table by table, and nothing else is
    store = open_at(url, Sealer(NEW))
    commits = nth if failpoint is Failpoint.RESEAL_STORED else nth - 1
    assert await epochs(store) == under_the_keys(COMMITTED[:commits])

    # When another one goes on
    await reseal_all(store)

    # Then every row is whole under the new key
    assert await epochs(store) == {2: ROWS}
    await assert_all_opens(store)


def under_the_keys(committed: Sequence[int]) -> dict[int, int]:
    """Return how many rows are under which key after these commits."""
    done = sum(committed)
    return {epoch: rows for epoch, rows in ((1, ROWS - done), (2, done)) if rows}


async def test_the_loop_reseals_while_messages_come_and_once(
    url: str, open_at: StoreOpener
) -> None:
    sealer = Sealer(OLD)
    store = open_at(url, sealer)
    await fill(store, count=5)
    metrics = Metrics(version="0", contract="1")
    loop = KeyRotationLoop(holder="h", store=store, sealer=sealer, now=lambda: AT, metrics=metrics)
    sealer.exchange(NEW)
    await fill(store, first=5, count=5)

    await loop.reseal_rows()

    assert await epochs(store) == {2: 45}
    await loop.reseal_rows()
    await assert_all_opens(store, 10)


async def test_uses_are_reserved_before_they_are_used(url: str, open_at: StoreOpener) -> None:
    sealer = Sealer(OLD, KeyUses(metered=True))
    store = open_at(url, sealer)
    with pytest.raises(SealKeyExhausted):
        await fill(store, count=1)

    await reserve_uses(1, store=store, uses=sealer.uses)

    await fill(store, count=1)
    reserved = dict(await store.read(lambda views: views.key_uses()))
    assert reserved[1] - 5 >= sealer.uses.left(1)
    assert 2 in reserved  # the key that a reload may bring


async def test_a_process_that_ends_gives_back_what_it_has_not_used(
    url: str, open_at: StoreOpener
) -> None:
    counted = []
    for first in range(2):
        sealer = Sealer(OLD, KeyUses(metered=True))
        store = open_at(url, sealer)
        await reserve_uses(1, store=store, uses=sealer.uses)
        await fill(store, first=first, count=1)
        await give_back_uses(store=store, uses=sealer.uses)
        counted.append(dict(await store.read(lambda views: views.key_uses())))
        await store.close()

    assert counted[1][1] - counted[0][1] < 10  # what one case needs
    assert counted[1][2] == 0


async def test_uses_that_run_low_are_reserved_at_once_and_twice_as_many(
    url: str, open_at: StoreOpener
) -> None:
    sealer = Sealer(OLD, KeyUses(metered=True))
    store = open_at(url, sealer)
    metrics = Metrics(version="0", contract="1")
    loop = KeyRotationLoop(holder="h", store=store, sealer=sealer, now=lambda: AT, metrics=metrics)
    await loop.reserve()
    running = asyncio.create_task(loop.run())

    def seal_many() -> None:
        for number in range(FIRST_USES // 2 + 1):
            sealer.seal("contents", "content", str(number), b"")

    await asyncio.to_thread(seal_many)
    await until(lambda: sealer.uses.left(1) > FIRST_USES, within_s=20)  # its turns are 60 s apart
    loop.stop()
    await running


async def test_at_the_bound_nothing_more_is_sealed(
    url: str, open_at: StoreOpener, sql: Callable[..., list[tuple[object, ...]]]
) -> None:
    # Given a key that has sealed nearly as often as it may
    store = open_at(url, Sealer(OLD))
    await store.close()
    sql("UPDATE key_uses SET reserved = ? WHERE epoch = 1", MAX_USES - 10)
    sealer = Sealer(OLD, KeyUses(metered=True))
    store = open_at(url, sealer)
    metrics = Metrics(version="0", contract="1")
    loop = KeyRotationLoop(holder="h", store=store, sealer=sealer, now=lambda: AT, metrics=metrics)

    await loop.reserve()

    # Then sealing is refused like a store out of order, and the figure says why
    with pytest.raises(StoreUnavailable):
        await fill(store, count=1)
    assert b"duijie_ledger_key_uses_ratio 1.0" in metrics.exposition()

    # And a new key seals
    sealer.exchange(NEW)
    await loop.reserve()
    await fill(store, count=1)
