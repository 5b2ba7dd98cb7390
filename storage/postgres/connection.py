"""PostgreSQL connections: how they are opened, what the server must be set to, and migrations."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import psycopg
from psycopg import errors
from psycopg.types.numeric import Int8BinaryDumper, Int8Dumper

from schemas.reasons.quotations import Quotation, Source
from schemas.reasons.reason import Reason
from storage.errors import StoreMisconfigured
from storage.postgres.watched_connection import SILENCE_S, WatchedConnection, line_settings
from storage.reasons import StoreReason
from storage.session import Row, Value
from storage.statements import Dialect

OLDEST_MAJOR: Final = 14
PREPARED: Final = 500
_LIMITS: Final = (
    b"SET lock_timeout = '10s'; SET statement_timeout = '60s';"
    b" SET idle_in_transaction_session_timeout = '10s'; SET TimeZone = 'UTC';"
    b" SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3;"
    b" SET tcp_user_timeout = '10s'; SET client_connection_check_interval = '5s'"
)
"""A session whose client has gone lets its locks go within seconds; so does one that stands still
inside a transaction, which no unit of work does."""
_PLANS: Final = (
    b"SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;"
    b" SET plan_cache_mode = force_generic_plan; SET jit = off"
)
"""Every statement is served by an index; without this, a table that has just grown is scanned."""
_MIGRATION_LOCK: Final = 0x6475696A6965  # "duijie"
_UNSAFE_OFF: Final[Mapping[str, StoreReason]] = {
    "fsync": StoreReason.FSYNC_OFF,
    "full_page_writes": StoreReason.TORN_PAGES,
    "synchronous_commit": StoreReason.COMMIT_OFF,
}

UNAVAILABLE: Final = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    errors.ReadOnlySqlTransaction,
    errors.InFailedSqlTransaction,
)
"""Errors of the server or the connection, not of a unit of work."""


Connect = Callable[[], psycopg.Connection[Row]]
"""Opens a connection to the database of a store."""


def connect(url: str, silence_s: float = SILENCE_S) -> psycopg.Connection[Row]:
    """Return a connection that begins and commits only when told to.

    After `silence_s` without a word the server is asked whether an answer is still to come.

    Raises:
        psycopg.OperationalError: The server cannot be reached, or refuses.
    """
    connection = WatchedConnection.connect(
        **line_settings(url), autocommit=True, prepare_threshold=0
    )
    connection.url, connection.silence_s = url, silence_s
    connection.prepared_max = PREPARED
    for dumper in (Int8Dumper, Int8BinaryDumper):  # one prepared form for each statement
        connection.adapters.register_dumper(int, dumper)
    connection.execute(_LIMITS, prepare=False)
    connection.execute(_PLANS, prepare=False)
    return connection


def check(connection: psycopg.Connection[Row]) -> None:
    """Refuse a server that may lose or garble what it has acknowledged.

    Raises:
        StoreMisconfigured: Which setting, why, and the cure.
    """
    major = connection.info.server_version // 10_000
    if major < OLDEST_MAJOR:
        reason = StoreReason.TOO_OLD.at("postgresql", version=major, oldest=OLDEST_MAJOR)
        raise StoreMisconfigured(reason)
    for name, unsafe in _UNSAFE_OFF.items():
        if _setting(connection, name) == "off":
            raise StoreMisconfigured(unsafe.at("postgresql"))
    if (encoding := _setting(connection, "server_encoding")) != "UTF8":
        raise StoreMisconfigured(StoreReason.ENCODING.at("postgresql", encoding=encoding))
    if _setting(connection, "transaction_read_only") == "on":
        raise StoreMisconfigured(StoreReason.READ_ONLY.at("postgresql"))


def server_time(connection: psycopg.Connection[Row]) -> datetime:
    """Return the time by the server's clock."""
    ((microseconds,),) = connection.execute(
        b"SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint", prepare=False
    ).fetchall()
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=microseconds)


class PostgresTarget:
    """A PostgreSQL database to migrate."""

    dialect: Dialect = "postgres"

    def __init__(self, connection: psycopg.Connection[Row]) -> None:
        self._connection = connection

    def begin_alone(self) -> None:
        """Begin a transaction; other processes that migrate wait for its end."""
        self._connection.execute(b"BEGIN", prepare=False)
        self.ask("SELECT pg_advisory_xact_lock(?)", _MIGRATION_LOCK)

    def script(self, text: str) -> None:
        """Run the statements of a script."""
        self._connection.execute(text.encode(), prepare=False)

    def ask(self, statement: str, *values: Value) -> list[Row]:
        """Run one statement and return its rows, if it has any."""
        text = statement.replace("?", "%s").encode()
        cursor = self._connection.execute(text, values, prepare=False)
        return cursor.fetchall() if cursor.description else []

    def commit(self) -> None:
        """Make it last."""
        self._connection.execute(b"COMMIT", prepare=False)

    def rollback(self) -> None:
        """Undo it."""
        self._connection.execute(b"ROLLBACK", prepare=False)


def _setting(connection: psycopg.Connection[Row], name: str) -> str:
    ((value,),) = connection.execute(b"SELECT current_setting(%s)", (name,)).fetchall()
    return str(value)


def failure(error: psycopg.Error) -> Reason:
    """Return what the server said, in one line and without the values of a row."""
    return StoreReason.POSTGRESQL_FAILED.at("postgresql", said=quote_postgresql(error))


def quote_postgresql(error: psycopg.Error) -> Quotation:
    """Return the same as a quotation, by its SQLSTATE; that is empty where no server answered."""
    lines = str(error).splitlines()
    said = error.diag.message_primary or (lines[0] if lines else type(error).__name__)
    return Quotation(Source.POSTGRESQL, error.sqlstate or "", said)
