"""One SQLite file: how it is opened, migrated, and kept from other processes."""

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from portable.file_lock import FileLocked, lock_file
from portable.files import create
from schemas.reasons.quotations import quote_system
from storage.errors import StoreMisconfigured, StoreOwned
from storage.migrations import load_migrations, migrate
from storage.reasons import StoreReason
from storage.session import Row, Value
from storage.sqlite.error_codes import quote_sqlite
from storage.statements import Dialect

_BUSY_S: Final = 5.0
CHECK_LIMIT_S: Final = 3.0
"""How long a start may be held up by looking at the file."""
_STEPS_A_LOOK: Final = 10_000
_CACHED_STATEMENTS: Final = 256
_CACHE_KIB: Final = 32_768
_CHECKPOINT_PAGES: Final = 4_000
"""How long the log gets, 16 MiB, before its pages are copied into the file. A file that has grown
gets its index entries all over it: the more of them a checkpoint has, the more share a page, and
the fewer flushes it takes (docs/reference/performance.md)."""


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
        return lock_file(path.with_name(f"{path.name}.lock"))
    except OSError as exc:
        reason = StoreReason.NO_FOLDER.at("store", path, said=quote_system(exc))
        raise StoreMisconfigured(reason) from exc
    except FileLocked as exc:
        raise StoreOwned(StoreReason.OWNED.at("store", path)) from exc


def open_writer(
    path: Path,
    migrations: Path,
    require_fitting: Callable[[sqlite3.Connection], None] | None = None,
) -> sqlite3.Connection:
    """Return the only connection that writes, to a file with the newest tables.

    `migrations` is the folder of the numbered files that make the tables. `require_fitting` looks
    at a sound file and refuses it, before anything in it is changed.

    Raises:
        StoreMisconfigured: The file cannot be opened, is something else, or does not fit.
    """
    with suppress(FileExistsError):
        os.close(create(path))
    connection = sqlite3.connect(
        path,
        timeout=0.0,  # the store itself waits for an outsider, without blocking its loop
        isolation_level=None,
        check_same_thread=False,
        cached_statements=_CACHED_STATEMENTS,
    )
    try:
        (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        _demand_wal(path, mode)
        connection.execute("PRAGMA synchronous = FULL")
        demand_soundness(connection, path)
        if require_fitting is not None:
            require_fitting(connection)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
        target = SqliteTarget(connection)
        migrate(target, load_migrations(migrations, target.dialect))
    except sqlite3.Error as exc:
        connection.close()
        reason = StoreReason.NOT_OURS.at("store", path, said=quote_sqlite(exc))
        raise StoreMisconfigured(reason) from exc
    except BaseException:
        connection.close()
        raise
    return connection


def open_reader(path: Path) -> sqlite3.Connection:
    """Return a connection that only reads, and so never checkpoints."""
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro",
        uri=True,
        timeout=_BUSY_S,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=_CACHED_STATEMENTS,
    )


def demand_soundness(
    connection: sqlite3.Connection, path: Path, limit_s: float = CHECK_LIMIT_S
) -> None:
    """Refuse a damaged file; a large one is looked at as far as the time goes.

    A write-ahead log of another file, left beside a file that was put back, shows here as well:
    its pages do not fit among the others.

    Raises:
        StoreMisconfigured: The file is damaged.
    """
    ends = time.monotonic() + limit_s
    connection.set_progress_handler(lambda: time.monotonic() > ends, _STEPS_A_LOOK)
    try:
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError as exc:
        if exc.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        return
    finally:
        connection.set_progress_handler(None, 0)
    if found != "ok":
        raise StoreMisconfigured(StoreReason.DAMAGED.at("store", path))


def _demand_wal(path: Path, mode: str) -> None:
    if mode != "wal":
        raise StoreMisconfigured(StoreReason.NO_WAL.at("store", path))
