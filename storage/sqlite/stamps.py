"""Stamps in a SQLite file (写入戳): a number in it that only grows, compared with its head.

Now and then, not at every commit, the file is stamped: with the next number and a mark drawn at
random, flushed with everything committed before. Then the head beside the file is written. So the
file bears the stamp of its head, or the next one where the process died in between: everything
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
from storage.reasons import StoreReason
from storage.sqlite.error_codes import quote_sqlite
from storage.sqlite.file import open_reader, open_writer
from storage.sqlite.head_file import Head, HeadAltered, HeadFile, HeadTerms

_FIRST: Final = 1
_MARK_BYTES: Final = 16
_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS stamps (id INTEGER PRIMARY KEY CHECK (id = 1),"
    " number INTEGER NOT NULL, mark TEXT NOT NULL, previous TEXT, at TEXT NOT NULL)"
)
_IS_THERE: Final = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'stamps'"
_READ: Final = "SELECT number, mark, previous, at FROM stamps WHERE id = 1"
_WRITE: Final = (
    "INSERT OR REPLACE INTO stamps (id, number, mark, previous, at) VALUES (1, ?, ?, ?, ?)"
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a file is stamped with: what its head is to say, and the mark of the stamp before."""

    head: Head
    previous: str | None


def fault_of(head: Head | None, stamp: Stamp | None) -> HeadFault | None:
    """Return why a file with `stamp` is not the one that `head` was written for; None if it is."""
    if stamp is None:
        return None if head is None else HeadFault.BEHIND
    if head is None:  # a first stamp whose head was not written yet
        return None if stamp.head.number == _FIRST else HeadFault.HEAD_MISSING
    number = stamp.head.number
    if (number, stamp.head.mark) == (head.number, head.mark):
        return None
    if (number, stamp.previous) == (head.number + 1, head.mark):
        return None
    return HeadFault.BEHIND if number < head.number else HeadFault.ANOTHER


class Stamps:
    """Stamps one file, for the process that owns it."""

    def __init__(self, path: Path, terms: HeadTerms) -> None:
        self._path, self._terms = path, terms
        self._file = HeadFile(path, terms)
        self._head: Head | None = None
        self._number = 0
        self._is_fitting = True
        self.is_even = False
        """Whether the head says the stamp that the file bears."""

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
        self._head, self._number = found.head, max(found.number, self._number)
        self._is_fitting = found.fault is None
        self.is_even = found.is_even
        if found.fault is not None and not self._terms.accepts_restored:
            raise found.refusal(self._path)

    def make(self, connection: sqlite3.Connection) -> Head:
        """Stamp the file, inside a transaction that is flushed; return what its head is to say.

        A stamp whose head was not written yet is not followed by another: it is made again, so
        that it is flushed now, whether the process that made it lived to see that or not.
        """
        connection.execute(_TABLE)
        stamp = _read(connection)
        at = self._terms.now()
        if stamp is None or not self._is_fitting or _is_of(self._head, stamp):
            following = self._following(stamp, at)
        else:
            following = Stamp(Head(stamp.head.number, stamp.head.mark, at), stamp.previous)
        head = following.head
        values = (head.number, head.mark, following.previous, head.at.isoformat())
        connection.execute(_WRITE, values)
        return head

    def write(self, head: Head) -> None:
        """Write the head of a stamp that was made and is on disk.

        Raises:
            OSError: It could not be written; the stamp stands, and its head is still to come.
        """
        self.is_even = False
        self._file.write(head)
        self._head, self._number = head, head.number
        self._is_fitting = self.is_even = True

    def _following(self, stamp: Stamp | None, at: datetime) -> Stamp:
        number = max(self._number, 0 if stamp is None else stamp.head.number) + 1
        previous = stamp.head.mark if stamp is not None and self._is_fitting else None
        return Stamp(Head(number, secrets.token_hex(_MARK_BYTES), at), previous)


@dataclass(frozen=True, slots=True)
class _Examined:
    """A file beside its head, and what is wrong."""

    head: Head | None
    stamp: Stamp | None
    fault: HeadFault | None

    @property
    def number(self) -> int:
        """The highest number that either of them says; 0 where none does."""
        known = (self.head, None if self.stamp is None else self.stamp.head)
        return max((one.number for one in known if one is not None), default=0)

    @property
    def is_even(self) -> bool:
        """Whether both say the same stamp."""
        return self.stamp is not None and _is_of(self.head, self.stamp)

    def refusal(self, path: Path) -> StoreReplaced:
        """Return the error that says so."""
        fault = HeadFault.ANOTHER if self.fault is None else self.fault
        head_at = None if self.head is None else self.head.at
        file_at = None if self.stamp is None else self.stamp.head.at
        return StoreReplaced(path, fault, head_at=head_at, file_at=file_at)


def open_fitting(path: Path, migrations: Path, stamps: Stamps | None) -> sqlite3.Connection:
    """Return the writing connection to a file that its head fits.

    Raises:
        StoreReplaced: It does not.
        StoreMisconfigured: The file cannot be opened.
    """
    if stamps is None:
        return open_writer(path, migrations)
    if not path.exists():
        stamps.require_fitting(None)  # else a new file would be made in the place of one that went
    return open_writer(path, migrations, stamps.require_fitting)


def find_replaced(path: Path, terms: HeadTerms) -> StoreReplaced | None:
    """Return why the store would refuse a file at its start; None if it would not.

    It only reads, beside a running gateway or without it.

    Raises:
        StoreUnavailable: The file cannot be read.
    """
    file = HeadFile(path, terms)
    if not path.exists():
        found = _examine(file, None)
    else:
        try:
            with closing(open_reader(path)) as connection:
                found = _examine(file, connection)
        except sqlite3.Error as exc:
            raise StoreUnavailable(
                StoreReason.SQLITE_FAILED.at("sqlite", path, said=quote_sqlite(exc))
            ) from exc
    return None if found.fault is None else found.refusal(path)


def _examine(file: HeadFile, connection: sqlite3.Connection | None) -> _Examined:
    """Read the head before the file, which a running gateway may stamp once more meanwhile."""
    try:
        head = file.read()
    except HeadAltered:
        return _Examined(None, _stamp_of(connection), HeadFault.HEAD_ALTERED)
    stamp = _stamp_of(connection)
    return _Examined(head, stamp, fault_of(head, stamp))


def _stamp_of(connection: sqlite3.Connection | None) -> Stamp | None:
    if connection is None:
        return None
    (is_there,) = connection.execute(_IS_THERE).fetchone()
    return _read(connection) if is_there else None


def _read(connection: sqlite3.Connection) -> Stamp | None:
    row = connection.execute(_READ).fetchone()
    if row is None:
        return None
    number, mark, previous, at = row
    try:
        return Stamp(Head(int(number), mark, datetime.fromisoformat(at)), previous)
    except (ValueError, TypeError):  # damaged: it says nothing
        return None


def _is_of(head: Head | None, stamp: Stamp) -> bool:
    return head is not None and (head.number, head.mark) == (stamp.head.number, stamp.head.mark)
