"""PostgreSQL databases that hold the ledger's tables, empty: emptying is cheaper than migrating.

A database is migrated once, by the project's own migrations; after a test its rows go and the rows
that the migrations wrote come back. One whose tables a test changed is not used again. The session
that empties a database stays: a new one would read the server's catalogue anew, which costs more
than the emptying.
"""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Final

import psycopg
from psycopg import sql

from gateway.adapters.ledger.store import MIGRATIONS
from storage.migrations import load_migrations, migrate
from storage.postgres.connection import PostgresTarget, connect
from tests.support.postgres import Server

_DISCONNECT: Final = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
# Whatever a test may add, drop or alter in the schema shows in one of these.
_SHAPE: Final = """
SELECT array_agg(text ORDER BY text) FROM (
    SELECT format('%s %s %s %s %s %s %s',
        relname, relkind, reloptions, attname, atttypid, attnotnull, atthasdef) AS text
    FROM pg_class LEFT JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0
    WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT format('%s %s', tgname, tgenabled) FROM pg_trigger
    WHERE NOT tgisinternal
    UNION ALL SELECT format('%s %s %s', conname, conrelid::regclass, convalidated)
    FROM pg_constraint
    UNION ALL SELECT format('%s %s', proname, prosrc) FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT format('schema %s', nspname) FROM pg_namespace WHERE nspname NOT LIKE 'pg%'
    UNION ALL SELECT format('setting %s', setconfig) FROM pg_db_role_setting
    JOIN pg_database ON pg_database.oid = setdatabase AND datname = current_database()
) AS shape
"""
_TABLES: Final = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
_SEQUENCES: Final = "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'"

Connection = psycopg.Connection[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Fresh:
    """What a database is right after the migrations: its shape, and the rows they wrote."""

    shape: object
    rows: Mapping[str, Sequence[tuple[object, ...]]]
    sequences: Sequence[str]


@dataclass(slots=True)
class LedgerDatabases:
    """Makes databases with the ledger's tables on a server, and keeps what tests gave back."""

    server: Server
    _fresh: Fresh | None = None
    _spare: list[str] = field(default_factory=list)
    _sessions: dict[str, Connection] = field(default_factory=dict)

    def take(self) -> str:
        """Return the URL of a database that is as the migrations leave it."""
        return self._spare.pop() if self._spare else self._migrated()

    def give_back(self, url: str) -> None:
        """Empty a database for the next test; drop it where that cannot be."""
        if self._fresh is not None and self._empty(url, self._fresh):
            self._spare.append(url)
        else:
            self._drop(url)

    def close(self) -> None:
        """Drop all that were given back."""
        while self._spare:
            self._drop(self._spare.pop())

    def _empty(self, url: str, fresh: Fresh) -> bool:
        """Say whether a database is again as the migrations left it."""
        try:
            if url not in self._sessions:
                options = "-c lock_timeout=5s"
                self._sessions[url] = psycopg.connect(url, options=options, autocommit=True)
            return _emptied(self._sessions[url], fresh)
        except psycopg.Error:
            return False

    def _drop(self, url: str) -> None:
        if (session := self._sessions.pop(url, None)) is not None:
            session.close()
        self.server.drop(url)

    def _migrated(self) -> str:
        url = self.server.create()
        with closing(connect(url)) as connection:
            target = PostgresTarget(connection)
            migrate(target, load_migrations(MIGRATIONS, target.dialect))
        if self._fresh is None:
            with psycopg.connect(url) as session:
                self._fresh = _fresh(session)
        return url


def _fresh(session: Connection) -> Fresh:
    tables = [str(name) for (name,) in session.execute(_TABLES)]
    return Fresh(
        _shape(session),
        {name: session.execute(_of("SELECT * FROM {}", name)).fetchall() for name in tables},
        [str(name) for (name,) in session.execute(_SEQUENCES)],
    )


def _emptied(session: Connection, fresh: Fresh) -> bool:
    """Remove and restore rows where the tables are as they were; say whether they are."""
    session.execute(_DISCONNECT)
    if _shape(session) != fresh.shape:
        return False
    with session.transaction():
        session.execute("SET LOCAL session_replication_role = replica")  # no trigger has a say
        for name, rows in fresh.rows.items():
            session.execute(_of("DELETE FROM {}", name))
            for row in rows:
                values = ", ".join(["%s"] * len(row))
                session.execute(_of("INSERT INTO {} VALUES (" + values + ")", name), row)
        for name in fresh.sequences:
            session.execute(_of("ALTER SEQUENCE {} RESTART", name))
    return True


def _shape(session: Connection) -> object:
    row = session.execute(_SHAPE).fetchone()
    return row and row[0]


def _of(text: str, name: str) -> sql.Composed:
    return sql.SQL(text).format(sql.Identifier(name))
