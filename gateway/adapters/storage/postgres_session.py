"""One PostgreSQL connection: named statements, migrations, and what the server must be set to.

Statements whose result nobody needs (history, content, messages owed) wait until the group ends
and go as one statement for all: a round trip costs more than a row.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

import psycopg
from psycopg.types.numeric import Int8BinaryDumper, Int8Dumper

from gateway.adapters.ledger.session import Row, Value
from gateway.adapters.storage.queries import Dialect, statements
from gateway.errors import Misconfigured

OLDEST_MAJOR: Final = 14
PREPARED: Final = 500
_CONNECT_TIMEOUT_S: Final = 5
_LIMITS: Final = (
    b"SET lock_timeout = '10s'; SET statement_timeout = '60s';"
    b" SET idle_in_transaction_session_timeout = '120s'; SET TimeZone = 'UTC'"
)
_PLANS: Final = (
    b"SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;"
    b" SET plan_cache_mode = force_generic_plan; SET jit = off"
)
"""Every statement is served by an index; without this, a table that has just grown is scanned."""
_MIGRATION_LOCK: Final = 0x6475696A6965  # "duijie"
_LATER: Final = frozenset({"note_history", "keep_content", "enqueue", "set_aside"})
_APART: Final = frozenset(
    {
        "spend",
        "spent_among",
        "sweep_nonces",
        "remember",
        "seen",
        "seen_among",
        "case_for_change",
        "cases_for_change",
        "open_case",
        "save_case",
        "beat",
    }
)
"""Statements that do not look at the tables which are written later."""
_SAFE: Final[Mapping[str, str]] = {
    "fsync": "off loses acknowledged cases at a power cut; set fsync = on",
    "full_page_writes": "off may tear pages at a power cut; set full_page_writes = on",
    "synchronous_commit": "off loses acknowledged cases at a crash; set synchronous_commit = on",
}


def connect(url: str) -> psycopg.Connection[Row]:
    """Return a connection that begins and commits only when told to.

    Raises:
        psycopg.OperationalError: The server cannot be reached, or refuses.
    """
    connection = psycopg.connect(
        url, autocommit=True, prepare_threshold=0, connect_timeout=_CONNECT_TIMEOUT_S
    )
    connection.prepared_max = PREPARED
    for dumper in (Int8Dumper, Int8BinaryDumper):  # one prepared form for each statement
        connection.adapters.register_dumper(int, dumper)
    connection.execute(_LIMITS, prepare=False)
    connection.execute(_PLANS, prepare=False)
    return connection


def check(connection: psycopg.Connection[Row]) -> None:
    """Refuse a server that may lose or garble what it has acknowledged.

    Raises:
        Misconfigured: Which setting, why, and the cure.
    """
    major = connection.info.server_version // 10_000
    if major < OLDEST_MAJOR:
        raise Misconfigured(f"postgresql: version {major}; use {OLDEST_MAJOR} or newer")
    for name, reason in _SAFE.items():
        if _setting(connection, name) == "off":
            raise Misconfigured(f"postgresql: {name} = {reason}")
    if (encoding := _setting(connection, "server_encoding")) != "UTF8":
        raise Misconfigured(
            f"postgresql: the database is encoded in {encoding}; "
            "create it with ENCODING 'UTF8' TEMPLATE template0"
        )
    if _setting(connection, "transaction_read_only") == "on":
        raise Misconfigured("postgresql: the server only reads; name the primary in the URL")


class PostgresSession:
    """`Session` on one PostgreSQL connection, for one group of works after another."""

    saves_briefly: bool = False
    __slots__ = ("_cursor", "_later", "_texts", "gathers", "wrote")

    def __init__(self, connection: psycopg.Connection[Row]) -> None:
        self._cursor = connection.cursor(binary=True)
        self._texts = _texts()
        self._later: dict[str, list[Row]] = {}
        self.gathers = False
        """Whether statements may wait for the end of the group."""
        self.wrote = False
        """Whether the database was changed since this was last set to false."""

    def rows(self, name: str, *values: Value) -> list[Row]:
        """Return what the statement reads, or returns of what it changed."""
        self._run(name, values)
        return self._cursor.fetchall()

    def rows_among(self, name: str, keys: Sequence[str | int], *before: Value) -> list[Row]:
        """Return what a statement reads whose last placeholder is a list (an array)."""
        self._run(name, (*before, list(keys)))
        return self._cursor.fetchall()

    def rows_matching(self, name: str, table: Sequence[Row], *before: Value) -> list[Row]:
        """Return what a statement reads or returns whose last placeholders are columns (arrays)."""
        if not table:
            return []
        self._run(name, (*before, *map(list, zip(*table, strict=True))))
        return self._cursor.fetchall()

    def change(self, name: str, *values: Value) -> int:
        """Return how many rows the statement changed."""
        self._run(name, values)
        return self._changed()

    def change_each(self, name: str, table: Sequence[Row]) -> int:
        """Run the statement for each row, several as one; how many changed (or will be)."""
        if not table:
            return 0
        if self.gathers and name in _LATER:
            self._later.setdefault(name, []).extend(table)
            return len(table)
        if len(table) == 1:
            return self.change(name, *table[0])
        self._run(f"{name}_many", tuple(map(list, zip(*table, strict=True))))
        return self._changed()

    def marks(self) -> dict[str, int]:
        """Return how much waits for the end of the group now."""
        return {name: len(rows) for name, rows in self._later.items()}

    def forget_since(self, marks: Mapping[str, int]) -> None:
        """Drop what waits since `marks` was taken."""
        for name, rows in self._later.items():
            del rows[marks.get(name, 0) :]

    def forget(self) -> None:
        """Drop all that waits: its transaction is undone."""
        self._later.clear()

    def finish(self) -> None:
        """Send what waits, one statement a table."""
        gathered, self._later = self._later, {}
        gathers, self.gathers = self.gathers, False
        for name, rows in gathered.items():
            self.change_each(name, rows)
        self.gathers = gathers

    def _run(self, name: str, values: Sequence[object]) -> None:
        if self._later and name.removesuffix("_many") not in _APART:
            self.finish()
        self._cursor.execute(self._texts[name], values)
        if self._cursor.description is not None and not name.startswith(("seen", "spent", "case")):
            self.wrote = True  # a reading statement counts as well: too careful, never too late

    def _changed(self) -> int:
        count = self._cursor.rowcount
        if count:
            self.wrote = True
        return count


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


@cache
def _texts() -> Mapping[str, bytes]:
    return {name: text.encode() for name, text in statements("postgres").items()}


def _setting(connection: psycopg.Connection[Row], name: str) -> str:
    row = connection.execute(b"SELECT current_setting(%s)", (name,)).fetchone()
    return str(row and row[0])
