"""台账查阅: the gateway's ledger, opened read-only on the command line."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final, Protocol, TypeVar

from gateway.adapters.ledger.store import head_terms, ledger_schema, open_ledger
from gateway.adapters.ledger.unit_of_work import LedgerTerms
from gateway.config import Settings
from gateway.domain.case import UNDECIDED
from gateway.errors import Misconfigured
from gateway.ports.views import PageMark, UnreadableCase, Views, WorkFilter, WorkRow
from gateway.setting_reasons import SettingReason
from schemas.reference.clock import utc_now
from storage.errors import StoreReplaced
from storage.sealing import Sealer
from storage.sealing_keys import load_sealer
from storage.sqlite.readers import SqliteReaders
from storage.sqlite.stamps import find_replaced
from storage.urls import sqlite_path

T = TypeVar("T")
_PAGE: Final = 200

Listed = WorkRow | UnreadableCase
"""A line of a list: a case, or one whose row cannot be read."""


class LedgerReader(Protocol):
    """A ledger opened for reading."""

    async def read(self, view: Callable[[Views], T]) -> T:
        """Run a read-only view on one snapshot of the ledger."""
        ...


@asynccontextmanager
async def open_ledger_reader(settings: Settings) -> AsyncIterator[LedgerReader]:
    """Open the ledger of a gateway for reading, whether that gateway runs or not.

    Raises:
        Misconfigured, StoreMisconfigured: The keys or the database cannot be opened.
    """
    sealer = load_sealer(settings.ledger_keys)
    path = sqlite_path(settings.store)
    opened = (
        open_ledger(settings.store, sealer=sealer, now=utc_now)
        if path is None
        else SqliteReaders(_existing(path), ledger_schema(LedgerTerms(sealer, utc_now)))
    )
    try:
        yield opened
    finally:
        await opened.close()


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise Misconfigured(SettingReason.NO_LEDGER.at("store", path))
    return path


def find_replaced_ledger(path: Path, sealer: Sealer) -> StoreReplaced | None:
    """Return why a gateway with these keys would refuse the SQLite file; None if it would not.

    Raises:
        StoreUnavailable: The file cannot be read.
    """
    return find_replaced(path, head_terms(sealer, utc_now))


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """The cases that a list shows: None or no states mean any; `overdue_on` is a Beijing date."""

    agency: str | None = None
    states: tuple[str, ...] = ()
    overdue_on: date | None = None

    def filter(self) -> WorkFilter:
        """Return the part of it that the ledger selects by."""
        states = self.states
        if self.overdue_on is not None:
            states = tuple(one for one in UNDECIDED if not states or one in states)
        return WorkFilter(agency=self.agency, states=states)

    @property
    def is_empty(self) -> bool:
        """Whether no case can match: overdue, but only in states that are never overdue."""
        return self.overdue_on is not None and not self.filter().states


async def list_cases(ledger: LedgerReader, case_filter: CaseFilter, limit: int) -> list[Listed]:
    """Return up to `limit` cases by due date, the unknown ones last."""
    if case_filter.is_empty:
        return []
    found: list[Listed] = []
    after: PageMark | None = None
    while len(found) < limit:
        room = min(limit - len(found), _PAGE)
        page = await ledger.read(
            partial(_page, work_filter=case_filter.filter(), after=after, limit=room),
        )
        kept = list(_until_due(page, case_filter.overdue_on))
        found.extend(kept)
        if len(page) < room or len(kept) < len(page):
            break
        after = page[-1].mark
    return found


def _page(
    views: Views, *, work_filter: WorkFilter, after: PageMark | None, limit: int
) -> list[Listed]:
    return views.worklist(work_filter, after=after, limit=limit)


def _until_due(page: Sequence[Listed], overdue_on: date | None) -> Iterator[Listed]:
    """Yield the rows before the first that is not overdue: rows come by due date."""
    for row in page:
        if overdue_on is not None and row.mark.due >= overdue_on.isoformat():
            return
        yield row
