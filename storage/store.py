"""The store: where units of work are committed; opened for the URL that names it."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from storage.errors import StoreMisconfigured
from storage.schema import Schema, Unit, UnitOfWork, Views
from storage.sqlite.store import SqliteStore
from storage.urls import is_postgres, sqlite_path
from storage.work import Counts

T = TypeVar("T")
Unit_co = TypeVar("Unit_co", bound=UnitOfWork, covariant=True)
Views_co = TypeVar("Views_co", covariant=True)


class Store(Protocol[Unit_co, Views_co]):
    """Commits units of work in batches, and lets views read beside them."""

    counts: Counts
    broken: str | None
    """Why the store has stopped writing for good; None while it works."""

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

    def subscribe(self, callback: Callable[[set[str]], None]) -> None:
        """Have `callback` called, in the event loop, with the peers of each committed batch."""
        ...

    async def close(self) -> None:
        """Finish what is waiting, then let go of the database."""
        ...


def open_store(
    url: str,
    schema: Schema[Unit, Views],
    *,
    on_broken: Callable[[str], None] | None = None,
    on_unknown: Callable[[int], None] | None = None,
) -> Store[Unit, Views]:
    """Open the store at `url` and bring its tables forward.

    `on_broken` is called, in the event loop, with the reason why the store will not write again:
    the process should end. `on_unknown` is called, in any thread, with how many units of work were
    committed or not, nobody knows.

    Raises:
        StoreMisconfigured: What is wrong with the URL or the database, and the cure.
        StoreUnavailable: The database server cannot be reached.
    """
    path = sqlite_path(url)
    if path is not None:
        return SqliteStore(path, schema, on_broken=on_broken, on_unknown=on_unknown)
    if is_postgres(url):
        return _open_postgres(url, schema, on_unknown)
    scheme = url.partition(":")[0]
    raise StoreMisconfigured(
        f"database {scheme}:…: use sqlite:///path or postgresql://user@host/name"
    )


def _open_postgres(
    url: str, schema: Schema[Unit, Views], on_unknown: Callable[[int], None] | None
) -> Store[Unit, Views]:
    """Import the driver only where it is used: it is an extra."""
    try:
        from storage.postgres.store import PostgresStore  # noqa: PLC0415 - see above
    except ModuleNotFoundError as exc:
        raise StoreMisconfigured(
            f"database postgresql: the driver {exc.name} is missing; pip install 'duijie[pg]'"
        ) from exc
    return PostgresStore(url, schema, on_unknown=on_unknown)
