"""升级: what a program of an earlier migration wrote is there, and opens, under this one."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg
import pytest

from gateway.adapters.ledger.store import MIGRATIONS
from gateway.adapters.ledger.timestamps import micros
from gateway.ports.quarantine import QuarantinedItem
from storage.migrations import MigrationTarget, load_migrations, migrate, revert
from storage.postgres.connection import PostgresTarget, connect
from storage.sqlite.file import SqliteTarget
from storage.urls import sqlite_path
from tests.builders.ledger import AT, a_quarantined_item, a_sealer
from tests.integration.conftest import Run
from tests.integration.ledger.conftest import StoreOpener
from tests.support.rows import readable

OLD_INSERT: Final = (
    "INSERT INTO set_aside (source, case_key, reason, detail, digest, content, at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (source, digest, reason) DO NOTHING"
)
"""How a program of migration 1 writes."""


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


def opened(sql: Run, item: QuarantinedItem) -> bytes:
    """Return the content that is stored for an item."""
    ((sealed,),) = sql("SELECT content FROM quarantine WHERE digest = ?", item.digest)
    assert isinstance(sealed, bytes)
    return a_sealer().open(*place_of(item), sealed)


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
    assert [opened(sql, item) for item in (before, after)] == [b"before", b"after"]


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
    kept = await store.read(lambda views: views.quarantined(limit=9))
    assert len(kept) == 2
