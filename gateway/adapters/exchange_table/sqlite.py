"""SQLite: a file that two programs on one machine share."""

import sqlite3
from collections.abc import Sequence
from typing import Final

from gateway.adapters.exchange_table.addresses import DatabaseKind
from gateway.adapters.exchange_table.dialect import (
    STATEMENT_S,
    DatabaseLogin,
    DialectConnection,
    DialectCursor,
    Value,
)
from gateway.adapters.exchange_table.statements import statements
from gateway.errors import PeerFailure

_FAILURES: Final = {
    sqlite3.SQLITE_CANTOPEN: PeerFailure.NO_ANSWER,
    sqlite3.SQLITE_BUSY: PeerFailure.TABLES_LOCKED,
    sqlite3.SQLITE_LOCKED: PeerFailure.TABLES_LOCKED,
    sqlite3.SQLITE_READONLY: PeerFailure.TABLES_DENIED,
    sqlite3.SQLITE_PERM: PeerFailure.TABLES_DENIED,
    sqlite3.SQLITE_ERROR: PeerFailure.TABLES_MISSING,  # what the statements name is not there
}
_PRIMARY: Final = 0xFF
_UNICODE: Final = frozenset({b"UTF-8", b"UTF-16le", b"UTF-16be"})


class SqliteConnection:
    """A connection whose texts come as bytes: nothing says that they are UTF-8."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def run(self, statement: str, values: Sequence[Value]) -> DialectCursor:
        """Run one statement."""
        return self._connection.execute(statement, values)

    def commit(self) -> None:
        """Commit what was done."""
        self._connection.commit()

    def close(self) -> None:
        """Let go of the file; what is not committed is undone."""
        self._connection.close()


class SqliteDialect:
    """`Dialect` of SQLite."""

    kind, mark, quote = DatabaseKind.SQLITE, "?", '"'

    def connect(self, login: DatabaseLogin) -> SqliteConnection:
        """Return a connection to a file that is there; none is made."""
        path = login.address.path
        uri = f"{path.resolve().as_uri()}?mode=rw" if path is not None else ""
        # the driver's threads make, use and close a connection one after the other
        opened = sqlite3.connect(uri, uri=True, timeout=STATEMENT_S, check_same_thread=False)
        opened.text_factory = bytes
        return SqliteConnection(opened)

    def failure(self, exc: Exception) -> PeerFailure | None:
        """Return what an error of the driver comes to."""
        if not isinstance(exc, sqlite3.Error):
            return None
        code = getattr(exc, "sqlite_errorcode", 0) & _PRIMARY
        return _FAILURES.get(code, PeerFailure.TABLES_FAULT)

    def character_set_fits(self, connection: DialectConnection, login: DatabaseLogin) -> bool:
        """Say whether the file is in an encoding of Unicode, as all are."""
        rows = connection.run(statements(self.kind)["character_set"], ()).fetchall()
        return {encoding for (encoding,) in rows} <= _UNICODE
