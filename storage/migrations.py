"""Migrations (库表迁移): numbered files brought forward one by one, and one back.

`NNNN_name.sql` is portable, `NNNN_name.<dialect>.sql` beside it is added for one dialect, and
`NNNN_name.down.sql` (`.down.<dialect>.sql`) undoes them. What was applied is remembered with its
checksum: a file that was changed afterwards, or a database from a newer program, is refused.

Every migration has its way back (ADR 0004). No command takes it: an operator restores a backup;
`revert` is what proves in tests that the way back of each released file works.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from storage.errors import StoreMisconfigured
from storage.reasons import StoreReason
from storage.session import Row, Value
from storage.statements import Dialect

_WORDS: Final[Mapping[Dialect, Mapping[str, str]]] = {
    "sqlite": {
        ":text:": "TEXT",
        ":blob:": "BLOB",
        ":serial:": "INTEGER PRIMARY KEY",
        ":keyed:": "WITHOUT ROWID",
    },
    "postgres": {
        ":text:": 'TEXT COLLATE "C"',
        ":blob:": "BYTEA",
        ":serial:": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
        ":keyed:": "",
    },
}
_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS migrations"
    " (number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL)"
)


class MigrationTarget(Protocol):
    """A database whose tables are brought to a version, inside one locked transaction."""

    dialect: Dialect

    def begin_alone(self) -> None:
        """Begin a transaction that no other process migrates beside."""
        ...

    def script(self, text: str) -> None:
        """Run the statements of a script."""
        ...

    def ask(self, statement: str, *values: Value) -> list[Row]:
        """Run one statement with `?` placeholders and return its rows, if it has any."""
        ...

    def commit(self) -> None:
        """Make it last."""
        ...

    def rollback(self) -> None:
        """Undo it."""
        ...


class _AppliedRow(NamedTuple):
    """A row of `migrations`: what was applied to this database."""

    number: int
    name: str
    checksum: str


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered step, forward and back, in the words of a dialect."""

    number: int
    name: str
    forward: str
    back: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the way forward."""
        return hashlib.sha256(self.forward.encode()).hexdigest()


def load_migrations(folder: Path, dialect: Dialect) -> tuple[Migration, ...]:
    """Return the migrations of a folder, in order: those that the program knows."""
    texts = {file.name: file.read_text("utf-8") for file in folder.glob("*.sql")}
    names = sorted(name.removesuffix(".sql") for name in texts if name.count(".") == 1)
    return tuple(
        Migration(
            int(name[:4]),
            name,
            _joined(texts, dialect, f"{name}.sql", f"{name}.{dialect}.sql"),
            _joined(texts, dialect, f"{name}.down.sql", f"{name}.down.{dialect}.sql"),
        )
        for name in names
    )


def migrate(target: MigrationTarget, known: Sequence[Migration]) -> None:
    """Apply what is missing; several processes may start at once.

    Raises:
        StoreMisconfigured: The database does not fit this program; nothing was changed.
    """
    target.begin_alone()
    try:
        for migration in known[_applied(target, known) :]:
            target.script(migration.forward)
            target.ask(
                "INSERT INTO migrations (number, name, checksum) VALUES (?, ?, ?)",
                migration.number,
                migration.name,
                migration.checksum,
            )
    except BaseException:
        target.rollback()
        raise
    target.commit()


def revert(target: MigrationTarget, known: Sequence[Migration]) -> str | None:
    """Undo the newest migration and return its name; None when there is none.

    Raises:
        StoreMisconfigured: The database does not fit this program; nothing was changed.
    """
    target.begin_alone()
    try:
        applied = _applied(target, known)
        newest = known[applied - 1] if applied else None
        if newest is not None:
            target.script(newest.back)
            target.ask("DELETE FROM migrations WHERE number = ?", newest.number)
    except BaseException:
        target.rollback()
        raise
    target.commit()
    return None if newest is None else newest.name


def _applied(target: MigrationTarget, known: Sequence[Migration]) -> int:
    """Return how many of the known migrations are applied."""
    target.ask(_TABLE)
    listed = target.ask("SELECT number, name, checksum FROM migrations ORDER BY number")
    rows = [_AppliedRow._make(row) for row in listed]
    if len(rows) > len(known):
        raise StoreMisconfigured(StoreReason.NEWER.at("store", name=rows[-1].name))
    for row, migration in zip(rows, known, strict=False):
        if (row.name, row.checksum) != (migration.name, migration.checksum):
            reason = StoreReason.ALTERED.at("store", name=row.name, known=migration.name)
            raise StoreMisconfigured(reason)
    return len(rows)


def _joined(texts: Mapping[str, str], dialect: Dialect, *names: str) -> str:
    text = "\n".join(texts[name] for name in names if name in texts)
    for word, meaning in _WORDS[dialect].items():
        text = text.replace(word, meaning)
    return text
