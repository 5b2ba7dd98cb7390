"""迁移: forward, back, forward again; what does not fit is refused and left alone."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from storage.errors import StoreMisconfigured
from storage.migrations import Migration, MigrationTarget, load_migrations, migrate, revert
from storage.postgres.connection import PostgresTarget, connect
from storage.sqlite.file import SqliteTarget
from storage.urls import sqlite_path
from tests.integration.conftest import Run
from tests.integration.storage.bank import BANK
from tests.integration.storage.conftest import StoreOpener


def known(target: MigrationTarget) -> tuple[Migration, ...]:
    """Return the migrations of the bank in the words of the target."""
    return load_migrations(BANK.migrations, target.dialect)


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


def shape(url: str) -> list[tuple[object, ...]]:
    """Return every table and index there is."""
    with target_at(url) as target:
        if target.dialect == "sqlite":
            return target.ask("SELECT type, name, sql FROM sqlite_master ORDER BY type, name")
        return target.ask(
            "SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
            " UNION ALL SELECT 'column', table_name || '.' || column_name, data_type"
            " FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2"
        )


def test_forward_back_and_forward_again_gives_the_same_tables(url: str) -> None:
    with target_at(url) as target:
        assert revert(target, known(target)) is None
        empty = shape(url)
        migrate(target, known(target))
        full = shape(url)
        migrate(target, known(target))
        assert shape(url) == full
        for migration in reversed(known(target)):
            assert revert(target, known(target)) == migration.name
        assert shape(url) == empty
        migrate(target, known(target))
        assert shape(url) == full
    assert len(full) > len(empty)


def test_only_what_is_missing_is_applied(url: str, sql: Run) -> None:
    with target_at(url) as target:
        migrate(target, known(target)[:1])
        assert sql("SELECT number FROM migrations") == [(1,)]
        migrate(target, known(target))
    assert sql("SELECT number, name FROM migrations ORDER BY number") == [
        (1, "0001_bank"),
        (2, "0002_letters_by_peer"),
    ]


def test_a_migration_changed_after_it_was_applied_is_refused(url: str, sql: Run) -> None:
    with target_at(url) as target:
        migrate(target, known(target))
        sql("UPDATE migrations SET checksum = 'other' WHERE number = 1")
        for step in (migrate, revert):
            with pytest.raises(StoreMisconfigured, match="0001_bank was applied with another"):
                step(target, known(target))
        assert sql("SELECT count(*) FROM accounts") == [(0,)]


def test_a_database_of_a_newer_program_is_refused(url: str, sql: Run, open_at: StoreOpener) -> None:
    with target_at(url) as target:
        migrate(target, known(target))
    sql("INSERT INTO migrations (number, name, checksum) VALUES (9999, '9999_later', 'x')")
    with pytest.raises(StoreMisconfigured, match="9999_later, newer than this program"):
        open_at(url)


def test_several_processes_may_start_at_once(url: str, sql: Run) -> None:
    def start(_: int) -> None:
        with target_at(url) as target:
            migrate(target, known(target))

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(start, range(4)))
    assert sql("SELECT number FROM migrations ORDER BY number") == [(1,), (2,)]


def test_a_step_that_fails_leaves_nothing_behind(url: str, sql: Run) -> None:
    with target_at(url) as target:
        target.begin_alone()
        target.ask("CREATE TABLE letters (id BIGINT)")
        target.commit()
        with pytest.raises(Exception, match="letters"):  # each driver has its own
            migrate(target, known(target))
        names = {str(name).split(".")[0] for _, name, _ in shape(url)}
    assert "accounts" not in names
    assert sql("SELECT * FROM letters") == []
