"""A picture (快照) of the rows that a group of works needs: read at once, written at once.

A round trip costs more than the work itself. So works are run against what is already known; one
that asks for an unknown row is run again, from its start, once all that its group asked for has
been read with one statement a table. What works change stays in the picture until the group ends.
Nothing is taken for granted: when another process was faster, the counts differ and the group is
undone (`Conflict`).
"""

from collections.abc import Mapping, Sequence
from typing import Final

from storage.session import Conflict, Row, Session, Value

_VERSION: Final = 2  # its place in a row of cases
_SEEN: Final = 6  # columns of an inbox row that reading returns
_LATER: Final = ("keep_content", "note_history", "enqueue", "quarantine")
_SPENT, _INBOX, _CASES = "nonces", "inbox", "cases"
_Key = tuple[str, Value | Row]


class CacheMiss(BaseException):
    """A work cannot go on before what it asked for has been read."""


class Uncacheable(BaseException):
    """A work needs a statement that a picture does not know; it is run on the database itself."""


class RowCache:
    """`Session` over rows in memory, for one group in one transaction of `session`."""

    saves_briefly: bool = False

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[_Key, Row | None] = {}
        self._wanted: set[_Key] = set()
        self._versions: dict[str, int] = {}
        self._written: dict[str, list[Row]] = {}
        self._mine: dict[_Key, Row | None] = {}
        self._my_writes: list[tuple[str, Sequence[Row]]] = []
        self.assumed = False
        """Whether the work went on without knowing: its result does not count."""

    def begin(self) -> None:
        """Forget what the last work did; begin another."""
        self._mine, self._my_writes, self.assumed = {}, [], False

    def keep(self) -> None:
        """Let the later works, and the database, have what the last work did."""
        self._known |= self._mine
        for name, table in self._my_writes:
            self._written.setdefault(name, []).extend(table)

    def fetch(self) -> None:
        """Read all that was asked for and not known, with one statement a table."""
        wanted: dict[str, list[Row]] = {}
        for table, key in self._wanted:
            wanted.setdefault(table, []).append(key if isinstance(key, tuple) else (key,))
            self._known[table, key] = None
        self._wanted.clear()
        for row in self._session.rows_matching("spent_among", wanted.get(_SPENT, [])):
            self._known[_SPENT, row] = row
        for row in self._session.rows_matching("seen_among", wanted.get(_INBOX, [])):
            self._known[_INBOX, row[:4]] = row
        if keys := sorted(key for (key,) in wanted.get(_CASES, [])):
            for row in self._session.rows_among("cases_for_change", keys):
                self._known[_CASES, row[0]] = row
                self._versions[row[0]] = row[_VERSION]

    def write(self) -> None:
        """Write what the works changed.

        Raises:
            Conflict: Another process changed some of it since it was read.
        """
        self._write_all("spend", self._written.pop("spend", []))
        self._write_all("remember", self._written.pop("remember", []))
        touched = {row[0] for row in self._written.pop(_CASES, [])}
        rows = [row for key in sorted(touched) if (row := self._known[_CASES, key])]
        self._write_all("open_case", [row for row in rows if row[0] not in self._versions])
        self._write_all(
            "save_case",
            [
                (*row[1:], row[0], self._versions[row[0]])
                for row in rows
                if row[0] in self._versions
            ],
        )
        for name in _LATER:
            self._session.change_each(name, self._written.pop(name, []))

    def rows(self, name: str, *values: Value) -> list[Row]:
        """Return what is known of one message, or of one case."""
        if name == "seen":
            return self._seen([values])
        if name == "case_for_change":
            return self._cases(values)
        raise Uncacheable

    def rows_among(self, name: str, keys: Sequence[str | int], *before: Value) -> list[Row]:
        """Return what is known of some cases."""
        if name != "cases_for_change" or before:
            raise Uncacheable
        return self._cases(keys)

    def rows_matching(self, name: str, table: Sequence[Row], *before: Value) -> list[Row]:
        """Return what is known of some messages."""
        if name != "seen_among" or before:
            raise Uncacheable
        return self._seen(table)

    def change(self, name: str, *values: Value) -> int:
        """Use up a nonce, or remember a message; return whether it is the first time."""
        if name not in {"spend", "remember"}:
            raise Uncacheable
        return self.change_each(name, [values])

    def change_each(self, name: str, table: Sequence[Row]) -> int:
        """Change rows of the picture; return how many."""
        if name in _LATER:
            self._my_writes.append((name, table))
            return len(table)
        if name == "spend":
            return self._add(name, {(_SPENT, row[:2]): row for row in table})
        if name == "remember":
            return self._add(name, {(_INBOX, row[:4]): row for row in table})
        if name == "open_case":
            self._known_of([(_CASES, row[0]) for row in table])
            return self._add(_CASES, {(_CASES, row[0]): row for row in table})
        if name == "save_case":
            return sum(self._save(row) for row in table)
        raise Uncacheable

    def _seen(self, keys: Sequence[Row]) -> list[Row]:
        found = (self._one((_INBOX, tuple(key))) for key in keys)
        return [row[:_SEEN] for row in found if row is not None]

    def _cases(self, keys: Sequence[Value]) -> list[Row]:
        return self._known_of([(_CASES, key) for key in keys])

    def _add(self, name: str, rows: Mapping[_Key, Row]) -> int:
        new = {key: row for key, row in rows.items() if self._one(key) is None}
        self._mine |= new
        self._my_writes.append((name, list(new.values())))
        return len(new)

    def _save(self, row: Row) -> int:
        *columns, key, expected = row
        current = self._known_of([(_CASES, key)])
        if not current or current[0][_VERSION] != expected:
            return 0
        self._mine[_CASES, key] = saved = (key, *columns)
        self._my_writes.append((_CASES, [saved]))
        return 1

    def _one(self, key: _Key) -> Row | None:
        """Return a row; one that is not known is asked for, and taken for absent meanwhile."""
        if key in self._mine:
            return self._mine[key]
        if key not in self._known:
            self._wanted.add(key)
            self.assumed = True
        return self._known.get(key)

    def _known_of(self, keys: Sequence[_Key]) -> list[Row]:
        """Return the rows there are; raise `CacheMiss` when one of them is not known."""
        rows = [self._one(key) for key in keys]
        if self._wanted and not self._wanted.isdisjoint(keys):
            raise CacheMiss
        return [row for row in rows if row is not None]

    def _write_all(self, name: str, rows: Sequence[Row]) -> None:
        if rows and self._session.change_each(name, rows) != len(rows):
            raise Conflict
