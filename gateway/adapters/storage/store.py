"""Opening the store that a URL names: `sqlite:///path/to/file` or `postgresql://…`."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import unquote

from gateway.adapters.keys import Sealer
from gateway.adapters.storage.lanes import Counts
from gateway.adapters.storage.sqlite import SqliteStore
from gateway.errors import Misconfigured
from gateway.ports.store import Store
from schemas.reference.clock import Now

_SQLITE: Final = "sqlite:///"
_POSTGRES: Final = ("postgresql://", "postgres://")


class LedgerStore(Store, Protocol):
    """A `Store` with what the composition root needs besides."""

    counts: Counts
    broken: str | None
    """Why the store has stopped writing for good; None while it works."""

    async def probe(self) -> None:
        """Make a real, durable write; raise `StoreUnavailable` where that fails."""
        ...

    def on_enqueued(self, callback: Callable[[set[str]], None]) -> None:
        """Have `callback` told, in the event loop, which peers got messages after each commit."""
        ...


def open_store(
    url: str, *, sealer: Sealer, now: Now, on_broken: Callable[[str], None] | None = None
) -> LedgerStore:
    """Open the store at `url` and bring its tables forward.

    `sqlite:///var/ledger.db` is relative, `sqlite:////var/lib/ledger.db` absolute. `on_broken` is
    told, in the event loop, why the store will not write again: the process should end.

    Raises:
        Misconfigured: Which setting is wrong, and the cure.
    """
    if url.startswith(_SQLITE):
        path = Path(unquote(url.removeprefix(_SQLITE)))
        return SqliteStore(path, sealer=sealer, now=now, on_broken=on_broken)
    if url.startswith(_POSTGRES):
        return _open_postgres(url, sealer, now)
    scheme = url.partition(":")[0]
    raise Misconfigured(f"database {scheme}:…: use sqlite:///path or postgresql://user@host/name")


def _open_postgres(url: str, sealer: Sealer, now: Now) -> LedgerStore:
    """Import the driver only where it is used: it is an extra."""
    try:
        from gateway.adapters.storage.postgres import PostgresStore  # noqa: PLC0415 - see above
    except ModuleNotFoundError as exc:
        raise Misconfigured(
            f"database postgresql: the driver {exc.name} is missing; pip install 'duijie[pg]'"
        ) from exc
    return PostgresStore(url, sealer=sealer, now=now)
