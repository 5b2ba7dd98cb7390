"""The store: where units of work are committed; opened for the URL that names it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from schemas.reasons.reason import Reason
from storage.errors import StoreMisconfigured
from storage.lease_clock import LeaseClock
from storage.reasons import StoreReason
from storage.replication import Replication
from storage.schema import Schema, Unit, UnitOfWork, Views
from storage.sqlite.head_file import HeadTerms
from storage.sqlite.store import SqliteStore
from storage.urls import is_postgres, sqlite_path
from storage.work import Counts

T = TypeVar("T")
Unit_co = TypeVar("Unit_co", bound=UnitOfWork, covariant=True)
Views_co = TypeVar("Views_co", covariant=True)


class Store(Protocol[Unit_co, Views_co]):
    """Commits units of work in batches, and lets views read beside them."""

    counts: Counts
    broken: Reason | None
    """Why the store has stopped writing for good; None while it works."""

    @property
    def replication(self) -> Replication:
        """How standbys take part in a commit, as last heard; a file has none."""
        ...

    async def transact(self, work: Callable[[Unit_co], T], *, durable: bool = True) -> T:
        """Run `work` in one transaction and return its result once it is committed.

        `work` may be run more than once (when another process was faster, or when a neighbour in
        its batch failed), so it acts through its unit alone. On SQLite it runs in the event loop's
        thread: it is short and never blocks.

        With `durable` false the commit may be lost to a power cut (not to a crash of the
        process): only for what repeats itself harmlessly, such as a lease or a settled receipt.

        Raises:
            StoreUnavailable: Nothing was stored.
            CommitUnknown: The commit itself failed in such a way that nobody knows.
            Exception: Whatever `work` raised; nothing it did was stored.
        """
        ...

    async def read(self, view: Callable[[Views_co], T]) -> T:
        """Run a read-only `view`; it may lag behind a commit that is just happening.

        Raises:
            StoreUnavailable: The database cannot be read now.
        """
        ...

    async def probe_write(self) -> None:
        """Make a real, durable write; raise `StoreUnavailable` where that fails."""
        ...

    async def write_head(self) -> bool:
        """Write down, beside a SQLite file, how far it is now; return whether that was the first.

        Nothing happens where nothing was committed since the last time. A file that is older than
        its head is refused at the next start. A database server keeps its own history.

        Raises:
            StoreUnavailable: It could not be written; the one before stands.
        """
        ...

    def subscribe(self, callback: Callable[[set[str]], None]) -> None:
        """Have `callback` called, in the event loop, with the peers of each committed batch."""
        ...

    async def close(self) -> None:
        """Finish what is waiting, then let go of the database."""
        ...


def open_store(  # noqa: PLR0913 -- all but the URL and the schema have a default
    url: str,
    schema: Schema[Unit, Views],
    *,
    on_broken: Callable[[str], None] | None = None,
    on_unknown: Callable[[int], None] | None = None,
    clock: LeaseClock | None = None,
    demands_synchronous: bool = False,
    head: HeadTerms | None = None,
) -> Store[Unit, Views]:
    """Open the store at `url` and bring its tables forward.

    `on_broken` is called, in the event loop, with the reason why the store will not write again:
    the process should end. `on_unknown` is called, in any thread, with how many units of work were
    committed or not, nobody knows. `clock` is set by that of a database server. With
    `demands_synchronous` a server whose commits wait for no standby is refused; with `head` a
    SQLite file that is older than what was last written is.

    Raises:
        StoreReplaced: The SQLite file does not fit its head.
        StoreMisconfigured: What is wrong with the URL or the database, and the cure.
        StoreUnavailable: The database server cannot be reached.
    """
    path = sqlite_path(url)
    if path is not None:
        if demands_synchronous:
            raise StoreMisconfigured(StoreReason.NO_STANDBY.at("synchronous_standby"))
        return SqliteStore(path, schema, on_broken=on_broken, on_unknown=on_unknown, head=head)
    if is_postgres(url):
        with _driver_demanded():
            from storage.postgres.store import PostgresStore  # noqa: PLC0415 - its driver is an extra
        return PostgresStore(
            url,
            schema,
            on_unknown=on_unknown,
            clock=clock,
            demands_synchronous=demands_synchronous,
        )
    scheme = url.partition(":")[0]
    raise StoreMisconfigured(StoreReason.SCHEME.at("store", scheme=scheme))


def replication_at(url: str) -> Replication:
    """Ask how standbys take part in the commits of the database at `url`; nothing is changed.

    Raises:
        StoreMisconfigured: The driver is missing.
        StoreUnavailable: The server cannot be reached.
    """
    if sqlite_path(url) is not None:
        return Replication.NONE
    with _driver_demanded():
        from storage.postgres import standbys  # noqa: PLC0415 - its driver is an extra
    return standbys.replication_at(url)


@contextmanager
def _driver_demanded() -> Iterator[None]:
    """Import the driver inside, only where it is used: it is an extra."""
    try:
        yield
    except ModuleNotFoundError as exc:
        reason = StoreReason.DRIVER_MISSING.at("postgresql", driver=exc.name or "psycopg")
        raise StoreMisconfigured(reason) from exc
