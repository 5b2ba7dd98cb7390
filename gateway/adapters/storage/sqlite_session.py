"""One SQLite file: named statements, migrations, and how it is opened and kept from others."""

import fcntl
import json
import os
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import quote

from gateway.adapters.ledger.session import Row, Value
from gateway.adapters.storage import migrations
from gateway.adapters.storage.queries import Dialect, statements
from gateway.errors import LedgerOwned, Misconfigured

_BUSY_S: Final = 5.0
_CACHED_STATEMENTS: Final = 256
_CACHE_KIB: Final = 32_768


class SqliteSession:
    """`Session` on one SQLite connection."""

    __slots__ = ("_connection", "_texts")
    saves_briefly: bool = True

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection, self._texts = connection, statements("sqlite")

    def rows(self, name: str, *values: Value) -> list[Row]:
        """Return what the statement reads."""
        return self._connection.execute(self._texts[name], values).fetchall()

    def rows_among(self, name: str, keys: Sequence[str | int], *before: Value) -> list[Row]:
        """Return what a statement reads whose last placeholder is a list (JSON)."""
        return self.rows(name, *before, json.dumps(keys))

    def rows_matching(self, name: str, table: Sequence[Row], *before: Value) -> list[Row]:
        """Return what a statement reads or returns whose last placeholder is a table (JSON)."""
        return self.rows(name, *before, json.dumps(table)) if table else []

    def change(self, name: str, *values: Value) -> int:
        """Return how many rows the statement changed."""
        return self._connection.execute(self._texts[name], values).rowcount

    def change_each(self, name: str, table: Sequence[Row]) -> int:
        """Run the statement for each row; how many changed."""
        if not table:
            return 0
        return self._connection.executemany(self._texts[name], table).rowcount


class SqliteTarget:
    """A SQLite file to migrate."""

    dialect: Dialect = "sqlite"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def begin_alone(self) -> None:
        """Begin a transaction that locks the file."""
        self._connection.execute("BEGIN EXCLUSIVE")

    def script(self, text: str) -> None:
        """Run the statements one by one: `executescript` would commit first."""
        statement = ""
        for line in text.splitlines(keepends=True):
            statement += line
            if sqlite3.complete_statement(statement):
                self._connection.execute(statement)
                statement = ""

    def ask(self, statement: str, *values: Value) -> list[Row]:
        """Run one statement and return its rows."""
        return self._connection.execute(statement, values).fetchall()

    def commit(self) -> None:
        """Make it last."""
        self._connection.execute("COMMIT")

    def rollback(self) -> None:
        """Undo it."""
        self._connection.execute("ROLLBACK")


def lock_for_this_process(path: Path) -> int:
    """Lock the file for this process, through a file beside it; the lock ends with the process."""
    try:
        handle = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as exc:
        raise Misconfigured(f"database {path}: {exc.strerror}; choose a writable folder") from exc
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as exc:
        os.close(handle)
        raise LedgerOwned(
            f"database {path}: another gateway process owns it; stop that one, "
            "or use PostgreSQL for several processes"
        ) from exc
    return handle


def open_writer(path: Path) -> sqlite3.Connection:
    """Return the only connection that writes, to a file of this program's newest tables.

    Raises:
        Misconfigured: The file cannot be opened, is something else, or does not fit.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    connection = sqlite3.connect(
        path,
        timeout=0.0,  # the store itself waits for an outsider, without blocking its loop
        isolation_level=None,
        check_same_thread=False,
        cached_statements=_CACHED_STATEMENTS,
    )
    try:
        mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        _demand_wal(path, mode)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        migrations.forward(SqliteTarget(connection))
    except sqlite3.Error as exc:
        connection.close()
        raise Misconfigured(f"database {path}: {exc}; name a file of this program") from exc
    except BaseException:
        connection.close()
        raise
    return connection


def open_reader(path: Path) -> sqlite3.Connection:
    """Return a connection that only reads, and so never checkpoints."""
    return sqlite3.connect(
        f"file:{quote(str(path))}?mode=ro",
        uri=True,
        timeout=_BUSY_S,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=_CACHED_STATEMENTS,
    )


def _demand_wal(path: Path, mode: str) -> None:
    if mode != "wal":
        raise Misconfigured(f"database {path}: no WAL on this file system; use a local disk")
