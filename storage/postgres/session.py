"""Named statements on one PostgreSQL connection.

Statements whose result nobody needs (history, content, messages owed) wait until the batch ends
and go as one statement for all: a round trip costs more than a row.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import psycopg

from storage.session import Row, Value
from storage.statements import load_statements

_LATER: Final = frozenset({"note_history", "keep_content", "enqueue", "quarantine"})
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


class PostgresSession:
    """`Session` on one PostgreSQL connection, for one batch after another."""

    saves_briefly: bool = False
    __slots__ = ("_cursor", "_later", "_texts", "gathers", "wrote")

    def __init__(self, connection: psycopg.Connection[Row], texts: Mapping[str, bytes]) -> None:
        self._cursor = connection.cursor(binary=True)
        self._texts = texts
        self._later: dict[str, list[Row]] = {}
        self.gathers = False
        """Whether statements may wait for the end of the batch."""
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
        """Return how much waits for the end of the batch now."""
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


def load_texts(folder: Path) -> Mapping[str, bytes]:
    """Return every statement of a folder by name, as the driver takes it."""
    return {name: text.encode() for name, text in load_statements(folder, "postgres").items()}
