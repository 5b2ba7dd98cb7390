"""What the user of the engine supplies: tables, statements, and what runs on them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from storage.session import Session


class UnitOfWork(Protocol):
    """What one transaction may do, on one session; used for one run of one unit of work."""

    @property
    def peers(self) -> set[str]:
        """Whom the work concerns: subscribers are called with these names after the commit."""
        ...


Unit = TypeVar("Unit", bound=UnitOfWork)
Views = TypeVar("Views")


@dataclass(frozen=True, slots=True)
class CachedTable:
    """A table whose rows may be cached for a batch, on PostgreSQL.

    The statements whose headings name it with `cache` give its columns in one order: first the
    `key` columns, then the others; those that read return the first `columns` of them.
    """

    name: str
    key: int
    """How many leading columns identify a row."""
    columns: int
    """How many leading columns a reading statement returns."""
    version: int | None = None
    """The place of the version that a replacement expects; None where rows never change."""
    usually_absent: bool = False
    """Whether work may go on as if an unknown row were absent, and is run again if it is not."""


@dataclass(frozen=True, slots=True)
class Schema(Generic[Unit, Views]):
    """The tables of one user, and the factories of what writes to them and reads from them."""

    unit: Callable[[Session], Unit]
    """Makes the unit of work of a transaction."""
    views: Callable[[Session], Views]
    """Makes the views of a read-only transaction."""
    statements: Path
    """The folder of the named statements (`.sql`)."""
    migrations: Path
    """The folder of the numbered migrations (`.sql`)."""
    probe_write: Callable[[Unit, bytes], object]
    """Makes a real write that changes nothing of meaning: a counter, and this padding."""
    cached: tuple[CachedTable, ...] = ()
    """Which tables a batch may cache, in the order in which they are written."""
