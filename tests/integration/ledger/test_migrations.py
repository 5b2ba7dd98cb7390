"""台账的迁移: the ledger's tables come forward, go back, and keep what they hold."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from gateway.adapters.ledger.store import MIGRATIONS
from storage.migrations import MigrationTarget, load_migrations, migrate, revert
from storage.postgres.connection import PostgresTarget, connect
from storage.sqlite.file import SqliteTarget
from storage.urls import sqlite_path
from tests.builders.ledger import an_opening
from tests.integration.ledger.conftest import StoreOpener


@contextmanager
def target_at(url: str) -> Iterator[MigrationTarget]:
    """Yield the database at `url` as something to migrate."""
    path = sqlite_path(url)
    if path is None:
        with closing(connect(url)) as server:
            yield PostgresTarget(server)
    else:
        with closing(sqlite3.connect(path, isolation_level=None)) as file:
            yield SqliteTarget(file)


async def test_the_tables_go_back_one_by_one_and_come_forward_again(
    url: str, open_at: StoreOpener
) -> None:
    await open_at(url).close()
    with target_at(url) as target:
        known = load_migrations(MIGRATIONS, target.dialect)
        for migration in reversed(known):
            assert revert(target, known) == migration.name
        assert revert(target, known) is None
        migrate(target, known)
    store = open_at(url)
    await store.transact(lambda ledger: ledger.cases.open([an_opening("SQ1")]))


async def test_opening_the_ledger_again_keeps_the_cases(url: str, open_at: StoreOpener) -> None:
    store = open_at(url)
    await store.transact(lambda ledger: ledger.cases.open([an_opening("SQ1")]))
    await store.close()
    again = open_at(url)
    assert list(await again.transact(lambda ledger: ledger.cases.read(["SQ1"]))) == ["SQ1"]
