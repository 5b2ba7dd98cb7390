"""升级: what a program of an earlier migration wrote is there, and opens, under this one."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg
import pytest

from gateway.adapters.ledger.seals import open_quarantined
from gateway.adapters.ledger.store import MIGRATIONS, LedgerStore
from gateway.adapters.ledger.timestamps import micros
from gateway.flows.key_rotation import ROWS_AT_ONCE, reseal
from gateway.flows.maintenance import lead
from gateway.ports.inbox import IdempotencyKey, InboxEntry
from gateway.ports.ledger import Ledger
from gateway.ports.quarantine import QuarantinedItem
from gateway.ports.sealed_rows import RowMark, SealedTable
from storage.migrations import MigrationTarget, load_migrations, migrate, revert
from storage.postgres.connection import PostgresTarget, connect
from storage.sqlite.file import SqliteTarget
from storage.urls import sqlite_path
from tests.builders.ledger import (
    AT,
    a_quarantined_item,
    a_sealer,
    an_idempotency_key,
    an_inbox_entry,
)
from tests.integration.conftest import Run
from tests.integration.ledger.conftest import StoreOpener
from tests.integration.ledger.test_key_rotation import reseal_all
from tests.support.rows import readable

OLD_INSERT: Final = (
    "INSERT INTO set_aside (source, case_key, reason, detail, digest, content, at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (source, digest, reason) DO NOTHING"
)
"""How a program of migration 1 writes."""
OLD_ENTRY: Final = (
    "INSERT INTO inbox (source, key, kind, revision, digest, receipt, at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)
"""How a program of migration 4 writes."""
ENTRIES: Final = ROWS_AT_ONCE + 3
IN_CLEAR: Final = 0
"""Under which epoch rows that are not sealed are counted."""


@pytest.fixture
def url(empty_url: str) -> str:
    """Name a database without a table: each test brings it to an earlier migration."""
    return empty_url


@contextmanager
def target_at(url: str) -> Iterator[MigrationTarget]:
    """Yield the database at `url` as something to migrate."""
    if (path := sqlite_path(url)) is not None:
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            yield SqliteTarget(connection)
        finally:
            connection.close()
        return
    with connect(url) as session:
        yield PostgresTarget(session)


async def rows_by_epoch(store: LedgerStore) -> dict[int, int]:
    return dict(await store.read(lambda views: views.rows_by_epoch()))


def place_of(item: QuarantinedItem) -> tuple[str, str, str]:
    """Return what an item was sealed for by the programs of migration 1."""
    return "set_aside", "content", "\x1f".join((item.source, item.digest, item.reason))


def old_row(item: QuarantinedItem) -> tuple[object, ...]:
    """Return an item as a program of migration 1 wrote it."""
    sealed = a_sealer().seal(*place_of(item), item.content)
    return (
        item.source,
        item.key,
        item.reason,
        item.detail,
        item.digest,
        sealed,
        micros(item.at),
    )


def opened(sql: Run) -> list[bytes]:
    """Return the contents that are stored in quarantine, in their order."""
    rows = sql("SELECT source, digest, reason, content FROM quarantine ORDER BY id")
    return [
        open_quarantined(a_sealer(), (source, digest, reason), content)
        for source, digest, reason, content in rows
        if isinstance(source, str) and isinstance(digest, str) and isinstance(reason, str)
        if isinstance(content, bytes)
    ]


async def test_an_item_quarantined_before_the_table_had_its_name_is_read(
    url: str, sql: Run, open_at: StoreOpener
) -> None:
    before, after = a_quarantined_item(b"before"), a_quarantined_item(b"after")
    with target_at(url) as target:
        migrate(target, load_migrations(MIGRATIONS, target.dialect)[:1])
    sql(OLD_INSERT, *old_row(before))

    store = open_at(url)
    await store.transact(lambda ledger: ledger.quarantine.add([before, after]))

    kept = readable(await store.read(lambda views: views.quarantined(limit=9)))
    assert [(row.key, row.reason, row.at) for row in kept] == [
        ("SQ0099", "item.malformed", AT),
        ("SQ0099", "item.malformed", AT),
    ]
    figures = await store.read(lambda views: views.figures(AT.date()))
    assert figures.quarantined == {"item.malformed": 2}
    assert opened(sql) == [b"before", b"after"]


def test_one_migration_back_the_items_are_where_they_were(url: str, sql: Run) -> None:
    item = a_quarantined_item()
    with target_at(url) as target:
        known = load_migrations(MIGRATIONS, target.dialect)[:2]
        migrate(target, known[:1])
        sql(OLD_INSERT, *old_row(item))
        migrate(target, known)
        assert revert(target, known) == known[-1].name
        sql(OLD_INSERT, *old_row(item))  # known, so kept once
        assert sql("SELECT digest FROM set_aside") == [(item.digest,)]


async def test_a_replica_not_replaced_yet_still_quarantines(
    postgres_url: str, open_at: StoreOpener
) -> None:
    store, item = open_at(postgres_url), a_quarantined_item()
    await store.transact(lambda ledger: ledger.quarantine.add([item]))
    another = a_quarantined_item(b"another")
    with psycopg.connect(postgres_url) as older:
        for row in (old_row(item), old_row(another)):
            older.execute(OLD_INSERT.replace("?", "%s").encode(), row)
    await reseal_all(store)  # what it kept a second time goes as its digest is keyed
    kept = await store.read(lambda views: views.quarantined(limit=9))
    assert len(kept) == 2


async def test_what_was_stored_with_digests_in_clear_is_known_and_comes_to_be_sealed(
    url: str, sql: Run, open_at: StoreOpener
) -> None:
    # Given entries and an item as a program of migration 4 wrote them
    entries = {an_idempotency_key(f"SQ{n:04}"): an_inbox_entry(b"%d" % n) for n in range(ENTRIES)}
    item = a_quarantined_item()
    with target_at(url) as target:
        migrate(target, load_migrations(MIGRATIONS, target.dialect)[:4])
    for key, entry in entries.items():
        sql(OLD_ENTRY, *key, entry.digest, entry.receipt, micros(AT))
    sql(OLD_INSERT.replace("set_aside", "quarantine"), *old_row(item))
    store = open_at(url)

    async def all_is_known() -> None:
        def again(ledger: Ledger) -> dict[IdempotencyKey, InboxEntry]:
            ledger.quarantine.add([item])
            return dict(ledger.inbox.record(entries, AT))

        assert await store.transact(again) == entries
        assert opened(sql) == [item.content]

    # When they are sealed page by page, then all of it is known before each page and after it
    await all_is_known()
    assert (await rows_by_epoch(store))[IN_CLEAR] == ENTRIES
    lease = await lead(holder="h", store=store, now=lambda: AT)
    assert lease is not None
    for table in (SealedTable.INBOX, SealedTable.QUARANTINE):
        after: RowMark | None = table.start
        while after is not None:
            after = await reseal(lease, table, after=after, store=store)
            await all_is_known()

    # And no digest is in clear any more
    assert await rows_by_epoch(store) == {1: ENTRIES + 1}
    stored = [*sql("SELECT digest FROM inbox"), *sql("SELECT digest FROM quarantine")]
    digests = {one.digest for one in entries.values()} | {item.digest}
    assert digests.isdisjoint(digest for (digest,) in stored)
