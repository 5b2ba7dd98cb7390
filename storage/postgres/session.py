"""Named statements on one PostgreSQL connection.

Deferrable statements wait until the batch ends and go as one statement for all rows: a round trip
costs more than a row. A statement that touches one of their tables sends them off first.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import psycopg

from storage.session import Row, StaleWrite, Value
from storage.statements import SqlStatement

_BY_THE_DATABASE: Final = (psycopg.Error, StaleWrite)


class PostgresSession:
    """`WorkSession` on one PostgreSQL connection, for one batch after another."""

    prefers_narrow_updates: bool = False
    __slots__ = (
        "_cursor",
        "_deferred",
        "_defers",
        "_in_savepoint",
        "_marks",
        "_statements",
        "_wrote",
        "connection",
    )

    def __init__(
        self, connection: psycopg.Connection[Row], statements: Mapping[str, SqlStatement]
    ) -> None:
        self.connection = connection
        self._cursor = connection.cursor(binary=True)
        self._statements = statements
        self._deferred: dict[str, list[Row]] = {}
        self._defers = False  # deferrable statements wait for the end of the batch
        self._wrote = False  # the unit of work changed the database
        self._marks: Mapping[str, int] = {}  # how many rows waited when it began
        self._in_savepoint = False

    def rows(self, name: str, *values: Value) -> list[Row]:
        """Return what the statement reads, or returns of what it changed."""
        self._run(self._statements[name], values)
        return self._cursor.fetchall()

    def rows_among(self, name: str, keys: Sequence[str | int], *before: Value) -> list[Row]:
        """Return what a statement reads whose last placeholder is a list (an array)."""
        self._run(self._statements[name], (*before, list(keys)))
        return self._cursor.fetchall()

    def rows_matching(self, name: str, table: Sequence[Row], *before: Value) -> list[Row]:
        """Return what a statement reads or returns whose last placeholders are columns (arrays)."""
        if not table:
            return []
        self._run(self._statements[name], (*before, *_columns(table)))
        return self._cursor.fetchall()

    def change(self, name: str, *values: Value) -> int:
        """Return how many rows the statement changed."""
        self._run(self._statements[name], values)
        return self._changed()

    def change_each(self, name: str, table: Sequence[Row]) -> int:
        """Run the statement for each row, several as one; how many changed (or will be)."""
        if not table:
            return 0
        statement = self._statements[name]
        if self._defers and statement.deferrable:
            self._deferred.setdefault(name, []).extend(table)
            return len(table)
        if len(table) == 1:
            return self.change(name, *table[0])
        if statement.many is None:
            raise LookupError(f"{name} has no form for several rows")
        self._run(statement, _columns(table), many=statement.many)
        return self._changed()

    def begin_work(self, *, savepoint: bool) -> None:
        """Begin one unit of work, in a savepoint, with nothing deferred, or without."""
        self._in_savepoint, self._defers, self._wrote = savepoint, not savepoint, False
        if savepoint:
            self._execute(b"SAVEPOINT work")
        else:
            self._marks = {name: len(rows) for name, rows in self._deferred.items()}

    def keep_work(self) -> None:
        """End the unit of work, and keep what it did."""
        if self._in_savepoint:
            self._execute(b"RELEASE SAVEPOINT work")

    def undo_work(self) -> bool:
        """Undo the unit of work; False where it wrote without a savepoint."""
        if self._in_savepoint:
            self._execute(b"ROLLBACK TO SAVEPOINT work; RELEASE SAVEPOINT work")
            return True
        if self._wrote:
            return False
        for name, rows in self._deferred.items():
            del rows[self._marks.get(name, 0) :]
        return True

    def check_transaction(self, error: BaseException) -> None:
        """Raise an error of the server: no statement of the transaction runs after it.

        Raises:
            psycopg.Error, StaleWrite: The transaction is to be rolled back.
        """
        if isinstance(error, _BY_THE_DATABASE):
            raise error

    def forget(self) -> None:
        """Drop all that waits: its transaction is rolled back."""
        self._deferred.clear()

    def finish(self) -> None:
        """Send what waits, one statement a table."""
        deferred, self._deferred = self._deferred, {}
        defers, self._defers = self._defers, False
        for name, rows in deferred.items():
            self.change_each(name, rows)
        self._defers = defers

    def _execute(self, statement: bytes) -> None:
        self.connection.execute(statement, prepare=False)

    def _run(
        self, statement: SqlStatement, values: Sequence[object], many: str | None = None
    ) -> None:
        if any(
            not self._statements[name].writes.isdisjoint(statement.tables)
            for name in self._deferred
        ):
            self.finish()
        self._cursor.execute((many or statement.text).encode(), values)
        if statement.writes and self._cursor.description is not None:
            self._wrote = True  # its count may be that of the rows it returned

    def _changed(self) -> int:
        count = self._cursor.rowcount
        if count:
            self._wrote = True
        return count


def _columns(table: Sequence[Row]) -> list[list[object]]:
    """Return the columns of a table of rows."""
    return [list(column) for column in zip(*table, strict=True)]
