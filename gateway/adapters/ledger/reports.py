"""报表读取: pages for lists and figures of deadlines, periods and persons."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter
from typing import Final, Generic, NamedTuple, TypeVar

from gateway.adapters.ledger.case_rows import CaseRow, as_case
from gateway.adapters.ledger.disclosures import DisclosureRow, read_disclosure, read_disclosures
from gateway.adapters.ledger.history import HistoryRow, as_entry
from gateway.adapters.ledger.listed_persons import read_persons
from gateway.adapters.ledger.observer import LedgerObserver
from gateway.adapters.ledger.row_shapes import DAMAGED, RowShape
from gateway.adapters.ledger.timestamps import instant, micros
from gateway.adapters.ledger.unreadable import tell_unreadable, text_of
from gateway.domain.case import Case, HistoryEntry, State, Step
from gateway.ports import PORTAL
from gateway.ports.disclosures import RecordedDisclosure
from gateway.ports.reports import CaseInstant, ListedPerson, ReportMark, ReportPage, SentMessage
from gateway.ports.unreadable import UnreadableRow
from storage.sealing import Sealer
from storage.session import Row, Session

R = TypeVar("R")
T = TypeVar("T")
_AFTER_ALL_DAYS: Final = "\x7f"
"""Comes after every day and after the one that stands for unknown."""
_BETWEEN: Final = {Step.ACCEPT: "accepted_between", Step.DECIDE: "decided_between"}


class _InstantRow(NamedTuple):
    """A row that says when something happened to a case."""

    id: int
    case_key: str
    at: int


class _SentRow(NamedTuple):
    """A row of `outbox` without its body, by its case."""

    case_key: str
    kind: str
    peer: str
    revision: int
    attempts: int
    error: str | None
    due_at: int
    parked_at: int | None
    ended_at: int | None
    ended_as: str | None


_INSTANT: Final = RowShape(_InstantRow)
_SENT: Final = RowShape(_SentRow)


class SqlReports:
    """`Reports` inside one read-only transaction of `session`."""

    __slots__ = ("_observer", "_sealer", "_session")

    def __init__(self, session: Session, sealer: Sealer, observer: LedgerObserver) -> None:
        self._session, self._sealer, self._observer = session, sealer, observer

    def due(
        self,
        state: State,
        *,
        first: date | None,
        last: date | None,
        after: ReportMark | None,
        limit: int,
        agency: str | None = None,
    ) -> ReportPage[Case]:
        """Return cases in a state by due date and key, between two days."""
        begin = ("" if first is None else first.isoformat(), "")
        end = _AFTER_ALL_DAYS if last is None else last.isoformat()
        name, of = ("due_in_state", ()) if agency is None else ("due_of_agency", (agency,))
        rows = self._session.rows(name, *of, state.value, *(after or begin), end, limit)
        return self._page(_CASES, rows, limit)

    def entries(
        self,
        step: Step,
        *,
        since: datetime,
        before: datetime,
        after: ReportMark | None,
        limit: int,
    ) -> ReportPage[HistoryEntry]:
        """Return the entries `accept` or `decide` of a period, by time."""
        begin = after or (micros(since), "", 0)
        rows = self._session.rows(_BETWEEN[step], *begin, micros(before), limit)
        return self._page(_ENTRIES, rows, limit)

    def endings(self, keys: Sequence[str]) -> dict[str, list[HistoryEntry]]:
        """Return how cases were decided, withdrawn or returned, each oldest first."""
        rows = self._session.rows_among("endings_of", keys) if keys else []
        entries = self._read(_ENTRIES, rows)
        return {key: list(those) for key, those in groupby(entries, key=attrgetter("key"))}

    def messages(self, keys: Sequence[str]) -> dict[str, list[SentMessage]]:
        """Return the messages about cases, each oldest first."""
        found: dict[str, list[SentMessage]] = {key: [] for key in keys}
        rows = self._session.rows_among("messages_among", keys) if keys else []
        for key, message in self._read(_MESSAGES, rows):
            found[key].append(message)
        return found

    def refused_uploads(self, *, after: ReportMark | None, limit: int) -> ReportPage[CaseInstant]:
        """Return what the national side refused and nobody has settled, with when it did."""
        (mark,) = after or (0,)
        rows = self._session.rows("refused_by", PORTAL, mark, limit)
        return self._page(_REFUSALS, rows, limit)

    def conflicts(
        self, *, since: datetime, before: datetime, after: ReportMark | None, limit: int
    ) -> ReportPage[CaseInstant]:
        """Return the cases of which an agency sent a record twice with other content, by time."""
        begin = after or (micros(since), 0)
        rows = self._session.rows("conflicts_between", *begin, micros(before), limit)
        return self._page(_CONFLICTS, rows, limit)

    def persons(self, keys: Sequence[str], *, in_full: bool) -> dict[str, ListedPerson]:
        """Return the applicants of cases, masked unless `in_full`."""
        return read_persons(self._session, self._sealer, self._observer, keys, in_full=in_full)

    def disclosures(self, after: int, *, limit: int) -> list[RecordedDisclosure | UnreadableRow]:
        """Return the disclosures after a number, by number."""
        return read_disclosures(
            self._session, self._sealer, self._observer, after=after, limit=limit
        )

    def disclosures_between(
        self, *, since: datetime, before: datetime, after: ReportMark | None, limit: int
    ) -> ReportPage[RecordedDisclosure]:
        """Return the disclosures of a period, by time."""
        begin = after or (micros(since), 0)
        rows = self._session.rows("disclosures_between", *begin, micros(before), limit)
        read = [read_disclosure(self._sealer, self._observer, row) for row in rows]
        kept = tuple(one for one in read if isinstance(one, RecordedDisclosure))
        marks = [(row.at, row.seq) for row in map(DisclosureRow._make, rows)]
        last = marks[-1] if len(rows) == limit else None
        return ReportPage(kept, len(read) - len(kept), last)

    def _page(self, kind: "_Kind[R, T]", rows: Sequence[Row], limit: int) -> ReportPage[T]:
        kept = tuple(self._read(kind, rows))
        last = kind.mark(kind.make(rows[-1])) if len(rows) == limit else None
        return ReportPage(kept, len(rows) - len(kept), last)

    def _read(self, kind: "_Kind[R, T]", rows: Sequence[Row]) -> Iterator[T]:
        """Yield what rows stand for; one that cannot be read is told of and left out."""
        for row in rows:
            try:
                yield kind.read(row)
            except DAMAGED as damage:
                place = text_of(kind.place(kind.make(row)))
                tell_unreadable(self._observer, kind.table, place, damage)


def _instant(values: Row) -> CaseInstant:
    row = _INSTANT.row(values)
    return CaseInstant(row.case_key, instant(row.at))


def _message(values: Row) -> tuple[str, SentMessage]:
    row = _SENT.row(values)
    return row.case_key, SentMessage(
        kind=row.kind,
        peer=row.peer,
        revision=row.revision,
        attempts=row.attempts,
        error=row.error,
        due_at=instant(row.due_at),
        parked_at=_instant_or_none(row.parked_at),
        ended_at=_instant_or_none(row.ended_at),
        ended_as=row.ended_as,
    )


def _instant_or_none(stored: int | None) -> datetime | None:
    return None if stored is None else instant(stored)


@dataclass(frozen=True, slots=True)
class _Kind(Generic[R, T]):
    """A kind of rows: its table, its columns by name, and what each row stands for.

    `mark` says how far a reading has come with a row, `place` what it is called when it is damaged.
    """

    table: str
    make: Callable[[Row], R]
    read: Callable[[Row], T]
    mark: Callable[[R], ReportMark]
    place: Callable[[R], object]


_CASES: Final = _Kind(
    "cases",
    CaseRow._make,
    as_case,
    mark=lambda row: (row.due_on, row.key),
    place=lambda row: row.key,
)
_ENTRIES: Final = _Kind(
    "case_history",
    HistoryRow._make,
    as_entry,
    mark=lambda row: (row.at, row.key, row.seq),
    place=lambda row: row.key,
)
_MESSAGES: Final = _Kind(
    "outbox", _SentRow._make, _message, mark=lambda _row: (), place=lambda row: row.case_key
)
_REFUSALS: Final = _Kind(
    "outbox", _InstantRow._make, _instant, mark=lambda row: (row.id,), place=lambda row: row.id
)
_CONFLICTS: Final = _Kind(
    "quarantine",
    _InstantRow._make,
    _instant,
    mark=lambda row: (row.at, row.id),
    place=lambda row: row.id,
)
