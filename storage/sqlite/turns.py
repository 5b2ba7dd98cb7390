"""Turns of a SQLite file (轮次记录): a number in it that only grows, compared with its head.

Now and then, not at every commit, a turn is counted in the file: a number and a mark drawn at
random, flushed with everything committed before it. Then the head beside the file is written. So
the file is at the turn of its head, or one further where the process died in between: everything
else is a file that was put back, written on elsewhere, or never had this head.
"""

import secrets
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from storage.errors import HeadFault, StoreReplaced, StoreUnavailable
from storage.sqlite.file import open_reader
from storage.sqlite.head_file import Head, HeadAltered, HeadFile, HeadTerms

_FIRST: Final = 1
_MARK_BYTES: Final = 16
_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS turns (id INTEGER PRIMARY KEY CHECK (id = 1),"
    " turn INTEGER NOT NULL, mark TEXT NOT NULL, previous TEXT, at TEXT NOT NULL)"
)
_IS_THERE: Final = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'turns'"
_READ: Final = "SELECT turn, mark, previous, at FROM turns WHERE id = 1"
_WRITE: Final = "INSERT OR REPLACE INTO turns (id, turn, mark, previous, at) VALUES (1, ?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class Turn:
    """The newest turn of a file, and the mark of the one before, where there was one."""

    head: Head
    previous: str | None


def fault_of(head: Head | None, turn: Turn | None) -> HeadFault | None:
    """Return why a file at `turn` is not the one that `head` was written for; None if it is."""
    if turn is None:
        return None if head is None else HeadFault.BEHIND
    if head is None:  # a first turn whose head was not written yet
        return None if turn.head.turn == _FIRST else HeadFault.HEAD_MISSING
    number = turn.head.turn
    if (number, turn.head.mark) == (head.turn, head.mark):
        return None
    if (number, turn.previous) == (head.turn + 1, head.mark):
        return None
    return HeadFault.BEHIND if number < head.turn else HeadFault.ANOTHER


class Turns:
    """Counts the turns of one file, for the process that owns it."""

    def __init__(self, path: Path, terms: HeadTerms) -> None:
        self._path, self._terms = path, terms
        self._file = HeadFile(path, terms.mac)
        self._head: Head | None = None
        self._turn = 0
        self._is_fitting = True
        self.is_even = False
        """Whether the head says the turn that the file is at."""

    @property
    def is_new(self) -> bool:
        """Whether the file had no head yet."""
        return self._head is None and self._is_fitting

    def require_fitting(self, connection: sqlite3.Connection | None) -> None:
        """Refuse a file that its head does not fit; None is a file that is not there.

        Raises:
            StoreReplaced: So it is, unless the terms accept that.
        """
        found = _examine(self._file, connection)
        self._head, self._turn = found.head, max(found.number, self._turn)
        self._is_fitting = found.fault is None
        self.is_even = found.is_even
        if found.fault is not None and not self._terms.accepts_restored:
            raise found.refusal(self._path)

    def count(self, connection: sqlite3.Connection) -> Head:
        """Count a turn, inside a transaction that is flushed; return what its head is to be.

        A turn whose head was not written yet is not followed by another: it is written again, so
        that it is flushed now.
        """
        connection.execute(_TABLE)
        turn = _read(connection)
        at = self._terms.now()
        if turn is None or not self._is_fitting or _is_of(self._head, turn):
            following = self._following(turn, at)
        else:
            following = Turn(Head(turn.head.turn, turn.head.mark, at), turn.previous)
        head = following.head
        values = (head.turn, head.mark, following.previous, head.at.isoformat())
        connection.execute(_WRITE, values)
        return head

    def write(self, head: Head) -> None:
        """Write the head of a turn that was counted and is on disk.

        Raises:
            OSError: It could not be written; the turn stands, and its head is still to come.
        """
        self.is_even = False
        self._file.write(head)
        self._head, self._turn = head, head.turn
        self._is_fitting = self.is_even = True

    def _following(self, turn: Turn | None, at: datetime) -> Turn:
        number = max(self._turn, 0 if turn is None else turn.head.turn) + 1
        previous = turn.head.mark if turn is not None and self._is_fitting else None
        return Turn(Head(number, secrets.token_hex(_MARK_BYTES), at), previous)


@dataclass(frozen=True, slots=True)
class _Examined:
    """A file beside its head, and what is wrong."""

    head: Head | None
    turn: Turn | None
    fault: HeadFault | None

    @property
    def number(self) -> int:
        """The highest turn that either of them says; 0 where none does."""
        known = (self.head, None if self.turn is None else self.turn.head)
        return max((one.turn for one in known if one is not None), default=0)

    @property
    def is_even(self) -> bool:
        """Whether both say the same turn."""
        return self.turn is not None and _is_of(self.head, self.turn)

    def refusal(self, path: Path) -> StoreReplaced:
        """Return the error that says so."""
        fault = HeadFault.ANOTHER if self.fault is None else self.fault
        head_at = None if self.head is None else self.head.at
        file_at = None if self.turn is None else self.turn.head.at
        return StoreReplaced(path, fault, head_at=head_at, file_at=file_at)


def find_replaced(path: Path, terms: HeadTerms) -> StoreReplaced | None:
    """Return why the store would refuse a file at its start; None if it would not.

    It only reads, beside a running gateway or without it.

    Raises:
        StoreUnavailable: The file cannot be read.
    """
    file = HeadFile(path, terms.mac)
    if not path.exists():
        found = _examine(file, None)
    else:
        try:
            with closing(open_reader(path)) as connection:
                found = _examine(file, connection)
        except sqlite3.Error as exc:
            raise StoreUnavailable(f"sqlite {path}: {exc}") from exc
    return None if found.fault is None else found.refusal(path)


def _examine(file: HeadFile, connection: sqlite3.Connection | None) -> _Examined:
    """Read the head before the file, which a running gateway may take one turn further."""
    try:
        head = file.read()
    except HeadAltered:
        return _Examined(None, _turn_of(connection), HeadFault.HEAD_ALTERED)
    turn = _turn_of(connection)
    return _Examined(head, turn, fault_of(head, turn))


def _turn_of(connection: sqlite3.Connection | None) -> Turn | None:
    if connection is None or not connection.execute(_IS_THERE).fetchone()[0]:
        return None
    return _read(connection)


def _read(connection: sqlite3.Connection) -> Turn | None:
    row = connection.execute(_READ).fetchone()
    if row is None:
        return None
    number, mark, previous, at = row
    try:
        return Turn(Head(int(number), mark, datetime.fromisoformat(at)), previous)
    except (ValueError, TypeError):  # damaged: it says nothing
        return None


def _is_of(head: Head | None, turn: Turn) -> bool:
    return head is not None and (head.turn, head.mark) == (turn.head.turn, turn.head.mark)
