"""Named statements on one SQLite connection."""

import json
import sqlite3
from collections.abc import Mapping, Sequence

from storage.session import Row, Value
from storage.statements import SqlStatement


class SqliteSession:
    """`Session` on one SQLite connection."""

    __slots__ = ("_connection", "_statements")
    prefers_narrow_updates: bool = True

    def __init__(
        self, connection: sqlite3.Connection, statements: Mapping[str, SqlStatement]
    ) -> None:
        self._connection, self._statements = connection, statements

    def rows(self, name: str, *values: Value) -> list[Row]:
        """Return what the statement reads."""
        return self._connection.execute(self._statements[name].text, values).fetchall()

    def rows_among(self, name: str, keys: Sequence[str | int], *before: Value) -> list[Row]:
        """Return what a statement reads whose last placeholder is a list (JSON)."""
        return self.rows(name, *before, json.dumps(keys))

    def rows_matching(self, name: str, table: Sequence[Row], *before: Value) -> list[Row]:
        """Return what a statement reads or returns whose last placeholder is a table (JSON)."""
        return self.rows(name, *before, json.dumps(table)) if table else []

    def change(self, name: str, *values: Value) -> int:
        """Return how many rows the statement changed."""
        return self._connection.execute(self._statements[name].text, values).rowcount

    def change_each(self, name: str, table: Sequence[Row]) -> int:
        """Run the statement for each row; how many changed."""
        if not table:
            return 0
        return self._connection.executemany(self._statements[name].text, table).rowcount
