"""What SQLite's result codes mean for the store: wait, go on, or stop for good."""

import sqlite3
from typing import Final

from schemas.reasons.quotations import Quotation, Source

_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_FATAL: Final = frozenset(
    {
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_PROTOCOL,
    }
)
"""Errors after which nobody knows what the disk holds; after the others it is as it was before."""
_MOVED: Final = sqlite3.SQLITE_READONLY_DBMOVED
"""The file was renamed, removed or replaced: what is written now is in no file that has a name."""


def is_busy(error: sqlite3.Error) -> bool:
    """Return whether another process holds the file just now."""
    return _code(error) in _BUSY


def is_fatal(error: sqlite3.Error) -> bool:
    """Return whether nothing may be written to the file any more."""
    return _code(error) in _FATAL or _extended_code(error) == _MOVED


def result_name(error: sqlite3.Error) -> str:
    """Return the name of the result code, as `SQLITE_IOERR_FSYNC`: one of a closed list."""
    name: str = getattr(error, "sqlite_errorname", "SQLITE_ERROR")
    return name


def quote_sqlite(error: sqlite3.Error) -> Quotation:
    """Return what SQLite refused, by the name of its result code."""
    return Quotation(Source.SQLITE, result_name(error), str(error))


def _code(error: sqlite3.Error) -> int:
    """Return the primary result code: extended ones carry it in their lowest byte."""
    return _extended_code(error) & 0xFF


def _extended_code(error: sqlite3.Error) -> int:
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return code
