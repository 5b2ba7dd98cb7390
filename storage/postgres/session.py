"""Named statements on one PostgreSQL connection.

Deferrable statements wait until the batch ends and go as one statement for all rows: a round trip
costs more than a row. A statement that touches one of their tables sends them off first.
"""

from collections.abc import Mapping, Sequence

import psycopg

from storage.session import Row, Value
from storage.statements import SqlStatement


class PostgresSession:
    """`Session` on one PostgreSQL connection, for one batch after another."""

    prefers_narrow_updates: bool = False
    __slots__ = ("_cursor", "_deferred", "_statements", "connection", "defers", "wrote")

    def __init__(
        self, connection: psycopg.Connection[Row], statements: Mapping[str, SqlStatement]
    ) -> None:
        self.connection = connection
        self._cursor = connection.cursor(binary=True)
        self._statements = statements
        self._deferred: dict[str, list[Row]] = {}
        self.defers = False
        """Whether deferrable statements wait for the end of the batch."""
        self.wrote = False
        """Whether the database was changed since this was last set to false."""

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
        if self.defers and statement.deferrable:
            self._deferred.setdefault(name, []).extend(table)
            return len(table)
        if len(table) == 1:
            return self.change(name, *table[0])
        if statement.many is None:
            raise LookupError(f"{name} has no form for several rows")
        self._run(statement, _columns(table), many=statement.many)
        return self._changed()

    def marks(self) -> dict[str, int]:
        """Return how many rows wait for the end of the batch now, by statement."""
        return {name: len(rows) for name, rows in self._deferred.items()}

    def forget_since(self, marks: Mapping[str, int]) -> None:
        """Drop the rows that wait since `marks` was taken."""
        for name, rows in self._deferred.items():
            del rows[marks.get(name, 0) :]

    def forget(self) -> None:
        """Drop all that waits: its transaction is rolled back."""
        self._deferred.clear()

    def finish(self) -> None:
        """Send what waits, one statement a table."""
        deferred, self._deferred = self._deferred, {}
        defers, self.defers = self.defers, False
        for name, rows in deferred.items():
            self.change_each(name, rows)
        self.defers = defers

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
            self.wrote = True  # its count may be that of the rows it returned

    def _changed(self) -> int:
        count = self._cursor.rowcount
        if count:
            self.wrote = True
        return count


def _columns(table: Sequence[Row]) -> list[list[object]]:
    """Return the columns of a table of rows."""
    return [list(column) for column in zip(*table, strict=True)]
