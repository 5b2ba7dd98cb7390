"""Opening the ledger in the store that a URL names."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from gateway.adapters.ledger.case_rows import CaseRow
from gateway.adapters.ledger.inbox import InboxRow
from gateway.adapters.ledger.observer import LedgerObserver, NoObserver
from gateway.adapters.ledger.quarantine import ROOM
from gateway.adapters.ledger.unit_of_work import LedgerTerms, SqlLedger
from gateway.adapters.ledger.views import SqlViews
from schemas.reference.clock import Now
from storage.lease_clock import LeaseClock
from storage.schema import CachedTable, Schema
from storage.sealing import Sealer
from storage.session import Session
from storage.sqlite.head_file import HeadTerms
from storage.store import Store, open_store

STATEMENTS: Final = Path(__file__).parent
MIGRATIONS: Final = STATEMENTS / "migrations"
CACHED: Final = (
    CachedTable("nonces", key=2, columns=2, usually_absent=True),
    CachedTable("inbox", key=4, columns=len(InboxRow._fields), usually_absent=True),
    CachedTable(
        "cases",
        key=1,
        columns=len(CaseRow._fields),
        version=CaseRow._fields.index("version"),
    ),
)
"""What every page and every outcome reads before it writes."""
_HEAD: Final = "head of the file"
LedgerSchema = Schema[SqlLedger, SqlViews]
LedgerStore = Store[SqlLedger, SqlViews]


def ledger_schema(terms: LedgerTerms) -> LedgerSchema:
    """Return what the storage engine has to know of the ledger."""

    def unit(session: Session) -> SqlLedger:
        return SqlLedger(session, terms)

    def views(session: Session) -> SqlViews:
        return SqlViews(session, terms.sealer, terms.observer)

    return Schema(
        unit,
        views,
        STATEMENTS,
        MIGRATIONS,
        probe_write=SqlLedger.probe_write,
        cached=CACHED,
    )


def open_ledger(  # noqa: PLR0913 -- all but the keys and the time have a default
    url: str,
    *,
    sealer: Sealer,
    now: Now,
    on_broken: Callable[[str], None] | None = None,
    observer: LedgerObserver | None = None,
    quarantine_room: int = ROOM,
    lease_clock: LeaseClock | None = None,
    demands_synchronous: bool = False,
    accepts_restored: bool = False,
) -> LedgerStore:
    """Open the ledger at `url` and bring its tables forward; see `storage.store.open_store`.

    `observer` is told of unreadable rows; `quarantine_room` is how many items of one source are
    kept in quarantine. Leases go by `lease_clock`, which is set by the database server's clock
    where several processes share it; without one, by `now`. With `demands_synchronous` a database
    whose commits wait for no standby is refused. A SQLite file that is not the one written to last
    is refused unless `accepts_restored`.

    Raises:
        StoreReplaced: The SQLite file does not fit its head (进度文件).
        StoreMisconfigured: What is wrong with the URL or the database, and the cure.
        StoreUnavailable: The database server cannot be reached.
    """
    terms = LedgerTerms(sealer, now, observer or NoObserver(), quarantine_room, lease_clock)
    return open_store(
        url,
        ledger_schema(terms),
        on_broken=on_broken,
        on_unknown=terms.observer.commit_unknown,
        clock=lease_clock,
        demands_synchronous=demands_synchronous,
        head=head_terms(sealer, now, accepts_restored=accepts_restored),
    )


def head_terms(sealer: Sealer, now: Now, *, accepts_restored: bool = False) -> HeadTerms:
    """Return what the head of a ledger's file goes by: the keys of the ledger."""
    return HeadTerms(
        lambda data: sealer.hashes.prove(_HEAD, data),
        lambda data, proof: sealer.hashes.is_proven(_HEAD, data, proof),
        now,
        accepts_restored,
    )
