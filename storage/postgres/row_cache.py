"""A cache of the rows that a batch of work needs: read at once, written at once.

A round trip costs more than the work itself. So work is run against the rows that are already
cached; a piece that asks for an unknown row is run again, from its start, once all that its batch
asked for has been read with one statement a table. What work changes stays in the cache until the
batch ends. Nothing is taken for granted: when another process was faster, the counts differ and
the batch is rolled back (`StaleWrite`).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from storage.schema import CachedTable
from storage.session import Row, Session, StaleWrite, Value
from storage.statements import BadStatement, CacheUse, SqlStatement

_Key = tuple[str, Row]
"""A cached table and the key of a row."""


class CacheMiss(BaseException):
    """A unit of work cannot go on before the rows that it asked for have been read."""


class Uncacheable(BaseException):
    """Work needs a statement that a cache cannot answer; it is run on the database itself."""


class CachePlan:
    """Which statement does what to which cached table, by their headings; made once a store."""

    def __init__(
        self, statements: Mapping[str, SqlStatement], tables: Sequence[CachedTable]
    ) -> None:
        """Bring statements and tables together.

        Raises:
            BadStatement: A statement names no cached table, or a table lacks a statement.
        """
        self.tables: Final = {table.name: table for table in tables}
        self.uses: Final[dict[CacheUse, dict[str, CachedTable]]] = {use: {} for use in CacheUse}
        self.statements: Final[dict[tuple[str, CacheUse], str]] = {}
        self.deferrable: Final = dict.fromkeys(
            one.name for one in statements.values() if one.deferrable
        )
        for one in statements.values():
            if one.cache is not None:
                self._add(one.name, one.cache, one.tables)
        for table in tables:
            needed = {CacheUse.LOAD, CacheUse.ADD}
            if table.version is not None:
                needed.add(CacheUse.REPLACE)
            for use in needed:
                if (table.name, use) not in self.statements:
                    raise BadStatement(f"cached table {table.name}: no statement to {use} its rows")

    def _add(self, name: str, use: CacheUse, touched: Iterable[str]) -> None:
        found = [self.tables.get(table) for table in touched]
        if len(found) != 1 or found[0] is None:
            raise BadStatement(f"{name}: cached, but not of one cached table")
        self.uses[use][name] = found[0]
        self.statements[found[0].name, use] = name


class RowCache:
    """`Session` over rows in memory, for one batch in one transaction of `session`."""

    prefers_narrow_updates: bool = False

    def __init__(self, session: Session, plan: CachePlan) -> None:
        self._session, self._plan = session, plan
        self._finds, self._loads = plan.uses[CacheUse.FIND], plan.uses[CacheUse.LOAD]
        self._adds, self._replaces = plan.uses[CacheUse.ADD], plan.uses[CacheUse.REPLACE]
        self._known: dict[_Key, Row | None] = {}
        self._wanted: set[_Key] = set()
        self._stored: dict[_Key, Row] = {}
        self._changed: set[_Key] = set()
        self._deferred: dict[str, list[Row]] = {}
        self._my_rows: dict[_Key, Row] = {}
        self._my_deferred: list[tuple[str, Sequence[Row]]] = []
        self.assumed = False
        """Whether the work went on without knowing a row: its result does not count."""

    def begin(self) -> None:
        """Forget what the last unit of work did; begin another."""
        self._my_rows, self._my_deferred, self.assumed = {}, [], False

    def keep(self) -> None:
        """Let later work, and the database, have what the last piece did."""
        self._known |= self._my_rows
        self._changed |= self._my_rows.keys()
        for name, rows in self._my_deferred:
            self._deferred.setdefault(name, []).extend(rows)

    def fetch(self) -> None:
        """Read all that was asked for and not known, with one statement a table."""
        wanted: dict[str, list[Row]] = {}
        for key in self._wanted:
            wanted.setdefault(key[0], []).append(key[1])
            self._known[key] = None
        self._wanted.clear()
        for name, table in self._plan.tables.items():
            if keys := sorted(wanted.get(name, ())):
                load = self._plan.statements[name, CacheUse.LOAD]
                for row in self._session.rows_matching(load, keys):
                    read = name, row[: table.key]
                    self._known[read] = self._stored[read] = row

    def write(self) -> None:
        """Write what work changed, in the order of the tables and of their keys.

        Raises:
            StaleWrite: Another process changed some of it since it was read.
        """
        changed: dict[str, list[_Key]] = {}
        for key in sorted(self._changed):
            changed.setdefault(key[0], []).append(key)
        for name, table in self._plan.tables.items():
            self._write_rows(table, changed.get(name, ()))
        for name in self._plan.deferrable:
            self._session.change_each(name, self._deferred.pop(name, []))

    def rows(self, name: str, *values: Value) -> list[Row]:
        """Return the row of a key, if there is one."""
        return self._found(self._finds.get(name), (values,))

    def rows_among(self, name: str, keys: Sequence[str | int], *before: Value) -> list[Row]:
        """Return the rows of some keys of one column."""
        return self.rows_matching(name, [(key,) for key in keys], *before)

    def rows_matching(self, name: str, table: Sequence[Row], *before: Value) -> list[Row]:
        """Return the rows of some keys."""
        return self._found(None if before else self._loads.get(name), table)

    def change(self, name: str, *values: Value) -> int:
        """Change one row; return whether it was changed."""
        return self.change_each(name, (values,))

    def change_each(self, name: str, table: Sequence[Row]) -> int:
        """Change rows in the cache, or keep them for the end of the batch; return how many."""
        if name in self._plan.deferrable:
            self._my_deferred.append((name, table))
            return len(table)
        if (added := self._adds.get(name)) is not None:
            return self._add(added, table)
        if (replaced := self._replaces.get(name)) is not None:
            return sum(self._replace(replaced, row) for row in table)
        raise Uncacheable

    def _found(self, table: CachedTable | None, keys: Sequence[Row]) -> list[Row]:
        """Return the rows there are, as far as a statement reads them.

        Raises:
            Uncacheable: The statement reads no cached table.
            CacheMiss: A row is not known, and is not to be taken for absent meanwhile.
        """
        if table is None:
            raise Uncacheable
        names = [(table.name, key) for key in keys]
        rows = [self._row(name) for name in names]
        self._demand_known(table, names)
        return [row[: table.columns] for row in rows if row is not None]

    def _row(self, key: _Key) -> Row | None:
        """Return a row; one that is not known is asked for, and taken for absent meanwhile."""
        mine = self._my_rows.get(key)
        if mine is not None:
            return mine
        try:
            return self._known[key]
        except KeyError:
            self._wanted.add(key)
            self.assumed = True
            return None

    def _demand_known(self, table: CachedTable, names: Iterable[_Key]) -> None:
        if self.assumed and not table.usually_absent and not self._wanted.isdisjoint(names):
            raise CacheMiss

    def _add(self, table: CachedTable, rows: Sequence[Row]) -> int:
        named = {(table.name, row[: table.key]): row for row in rows}
        new = {name: row for name, row in named.items() if self._row(name) is None}
        self._demand_known(table, named)
        self._my_rows |= new
        return len(new)

    def _replace(self, table: CachedTable, values: Row) -> int:
        """Replace a row: `values` are its columns after the key, its key, the version expected."""
        *named, expected = values
        columns, key = tuple(named[: -table.key]), tuple(named[-table.key :])
        current = self._found(table, [key])
        if not current or table.version is None or current[0][table.version] != expected:
            return 0
        self._my_rows[table.name, key] = (*key, *columns)
        return 1

    def _write_rows(self, table: CachedTable, keys: Iterable[_Key]) -> None:
        added: list[Row] = []
        replaced: list[Row] = []
        for key in keys:
            row, stored = self._known[key], self._stored.get(key)
            if row is None:
                continue
            if stored is None:
                added.append(row)
            elif table.version is not None:
                values = (*row[table.key :], *row[: table.key], stored[table.version])
                replaced.append(values)
        self._write_all(table, CacheUse.ADD, added)
        self._write_all(table, CacheUse.REPLACE, replaced)

    def _write_all(self, table: CachedTable, use: CacheUse, rows: Sequence[Row]) -> None:
        if not rows:
            return
        if self._session.change_each(self._plan.statements[table.name, use], rows) != len(rows):
            raise StaleWrite
