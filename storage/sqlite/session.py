"""Named statements on one SQLite connection."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Final

import orjson

from storage.session import Row, Value
from storage.statements import SqlStatement

_OF_THE_WORK: Final = (
    sqlite3.IntegrityError,
    sqlite3.ProgrammingError,
    sqlite3.InterfaceError,
    sqlite3.DataError,
)


class SqliteSession:
    """`WorkSession` on one SQLite connection; the caller begins and ends the transaction."""

    __slots__ = ("_changes", "_connection", "_in_savepoint", "_statements")
    prefers_narrow_updates: bool = True

    def __init__(
        self, connection: sqlite3.Connection, statements: Mapping[str, SqlStatement]
    ) -> None:
        self._connection, self._statements = connection, statements
        self._in_savepoint, self._changes = False, 0

    def rows(self, name: str, *values: Value) -> list[Row]:
        """Return what the statement reads."""
        return self._connection.execute(self._statements[name].text, values).fetchall()

    def rows_among(self, name: str, keys: Sequence[str | int], *before: Value) -> list[Row]:
        """Return what a statement reads whose last placeholder is a list (JSON)."""
        return self.rows(name, *before, _json(keys))

    def rows_matching(self, name: str, table: Sequence[Row], *before: Value) -> list[Row]:
        """Return what a statement reads or returns whose last placeholder is a table (JSON)."""
        return self.rows(name, *before, _json(table)) if table else []

    def change(self, name: str, *values: Value) -> int:
        """Return how many rows the statement changed."""
        return self._connection.execute(self._statements[name].text, values).rowcount

    def change_each(self, name: str, table: Sequence[Row]) -> int:
        """Run the statement for each row; how many changed."""
        if not table:
            return 0
        return self._connection.executemany(self._statements[name].text, table).rowcount

    def begin_work(self, *, savepoint: bool) -> None:
        """Begin one unit of work, in a savepoint or without."""
        self._in_savepoint, self._changes = savepoint, self._connection.total_changes
        if savepoint:
            self._connection.execute("SAVEPOINT work")

    def keep_work(self) -> None:
        """End the unit of work, and keep what it did."""
        if self._in_savepoint:
            self._connection.execute("RELEASE work")

    def undo_work(self) -> bool:
        """Undo the unit of work; False where it wrote without a savepoint."""
        if not self._in_savepoint:
            return self._connection.total_changes == self._changes
        self._connection.execute("ROLLBACK TO work")
        self._connection.execute("RELEASE work")
        return True

    def check_transaction(self, error: BaseException) -> None:
        """Raise an error of the file, or that the transaction of the whole batch has ended.

        Raises:
            sqlite3.Error: The file failed, so nothing of the batch may be committed.
        """
        if isinstance(error, sqlite3.Error) and not isinstance(error, _OF_THE_WORK):
            raise error
        if not self._connection.in_transaction:
            raise sqlite3.OperationalError("the transaction ended by itself") from error


def _json(values: Sequence[object]) -> str:
    return orjson.dumps(values).decode()
