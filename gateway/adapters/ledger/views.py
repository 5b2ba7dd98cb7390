"""Reading (查阅): lists, one case, its history, the figures; persons unsealed here, and masked."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from heapq import merge
from itertools import islice
from typing import Final, NamedTuple

from gateway.adapters.ledger.audit import audit_page
from gateway.adapters.ledger.cases import CaseRow, as_case, read_contents
from gateway.adapters.ledger.conflicts import read_conflicts
from gateway.adapters.ledger.history import HistoryRow, as_entry
from gateway.adapters.ledger.masking import mask_certificate, shown_name
from gateway.adapters.ledger.message_views import SentRow, as_message_view
from gateway.adapters.ledger.observer import LedgerObserver
from gateway.adapters.ledger.row_shapes import DAMAGED, RowShape
from gateway.adapters.ledger.same_person import open_of_same_person
from gateway.adapters.ledger.seals import open_content, open_subject
from gateway.adapters.ledger.timestamps import instant
from gateway.adapters.ledger.unreadable import code_of, text_of
from gateway.domain.case import UNDECIDED, HistoryEntry, State
from gateway.ports.audit import AuditPage
from gateway.ports.unreadable import UnreadableRow
from gateway.ports.views import (
    UNKNOWN_DUE,
    Backlog,
    ConflictRow,
    FlowFigures,
    MessageView,
    PageMark,
    QuarantineRow,
    UnreadableCase,
    WorkFilter,
    WorkRow,
)
from storage.errors import SealBroken
from storage.sealing import Sealer
from storage.session import Row, Session

SEAL_BROKEN: Final = "（封存数据无法读取）"  # the sealed data cannot be read


class _ListedRow(NamedTuple):
    """A row of `cases` as it stands, unchecked, and what was received for it, sealed."""

    case: CaseRow
    content: bytes
    subject: bytes | None


class _BacklogRow(NamedTuple):
    """What is open in `outbox` for one peer and kind."""

    peer: str
    kind: str
    depth: int
    oldest: int | None
    parked: int


class _QuarantineRow(NamedTuple):
    """A row of `quarantine` without its content."""

    id: int
    source: str
    case_key: str | None
    reason: str
    detail: str
    at: int


_QUARANTINED: Final = RowShape(_QuarantineRow)


class SqlViews:
    """`Views` inside one read-only transaction of `session`.

    A row that cannot be read keeps its place and hides none of its neighbours.
    """

    __slots__ = ("_observer", "_sealer", "_session")

    def __init__(self, session: Session, sealer: Sealer, observer: LedgerObserver) -> None:
        self._session, self._sealer, self._observer = session, sealer, observer

    def worklist(
        self, chosen: WorkFilter, *, after: PageMark | None, limit: int
    ) -> list[WorkRow | UnreadableCase]:
        """Return cases by due date (unknown last), then key; keyset, never offset.

        Each state's page comes from its own range of an index, and the pages are merged: what a
        list costs does not grow with the cases that it does not show.
        """
        if chosen.key is not None:
            return self._one_of(chosen, after)
        states = chosen.states or tuple(state.value for state in State)
        mark = ("", "") if after is None else (after.due, after.key)
        name, values = ("list_agency", (chosen.agency,)) if chosen.agency else ("list_state", ())
        pages = [
            self._session.rows(name, *values, state, *mark, limit) for state in sorted(set(states))
        ]
        rows = merge(*(map(_listed, page) for page in pages), key=_place)
        return self._shown_page(list(islice(rows, limit)))

    def case(self, key: str) -> WorkRow | UnreadableCase | None:
        """Return one case, or None."""
        rows = self._session.rows("one_case", key)
        return self._shown_page([_listed(rows[0])])[0] if rows else None

    def history(self, key: str) -> list[HistoryEntry | UnreadableRow]:
        """Return a case's history, oldest first."""
        return [self._entry(row) for row in self._session.rows("history_of", key)]

    def conflicts(self, key: str) -> list[ConflictRow]:
        """Return what came under the number of a case with other content, a few at most."""
        return read_conflicts(self._session, self._sealer, key)

    def contents(self, keys: Sequence[str]) -> dict[str, bytes]:
        """Return what was received for the cases among `keys`; one whose seal broke is absent."""
        return read_contents(self._session, self._sealer, keys)

    def audit(self, after: str, *, limit: int) -> AuditPage:
        """Examine the cases after a key, with their histories; the first page is after ''."""
        return audit_page(self._session, self._sealer, after, limit)

    def messages(self, key: str) -> list[MessageView | UnreadableRow]:
        """Return the messages about a case, oldest first, with their attempts."""
        return [self._message(row) for row in self._session.rows("messages_of", key)]

    def open_by_agency(self) -> dict[str, int]:
        """Return how many cases each agency has that it has not decided."""
        return dict(self._pairs("count_open_by_agency"))

    def figures(self, today: date) -> FlowFigures:
        """Return the counts; `today` is the Beijing date that decides what is overdue."""
        return FlowFigures(
            states=dict(self._pairs("count_states")),
            held=dict(self._pairs("count_held")),
            quarantined=dict(self._pairs("count_quarantined")),
            backlog=tuple(_as_backlog(_BacklogRow(*row)) for row in self._session.rows("backlog")),
            overdue=self._count("count_overdue", today.isoformat()),
            due_today=self._count("count_due_on", today.isoformat()),
            due_unknown=self._count("count_due_on", UNKNOWN_DUE),
        )

    def rows_by_epoch(self) -> Mapping[int, int]:
        """Return how many rows are sealed under the keys of each epoch; under 0, in clear."""
        rows = self._session.rows("rows_by_epoch")
        return {int.from_bytes(prefix or b"", "big"): number for prefix, number in rows}

    def epochs_in_use(self) -> frozenset[int]:
        """Return the epochs whose keys were used and not retired."""
        return frozenset(epoch for (epoch,) in self._session.rows("epochs_in_use"))

    def newest_epoch(self) -> int:
        """Return the epoch of the newest content, 0 where there is none."""
        return max((int(epoch) for (epoch,) in self._session.rows("newest_epoch")), default=0)

    def key_uses(self) -> Mapping[int, int]:
        """Return how many uses of each data key are reserved."""
        return dict(self._session.rows("key_uses"))

    def quarantined(self, *, limit: int) -> list[QuarantineRow | UnreadableRow]:
        """Return the open items in quarantine, newest first."""
        return [self._item(row) for row in self._session.rows("list_quarantined", limit)]

    def _one_of(self, chosen: WorkFilter, after: PageMark | None) -> list[WorkRow | UnreadableCase]:
        row = None if chosen.key is None else self.case(chosen.key)
        if row is None or not _fits(row, chosen):
            return []
        place = (row.mark.due, row.mark.key)
        return [row] if after is None or place > (after.due, after.key) else []

    def _shown_page(self, rows: Sequence[_ListedRow]) -> list[WorkRow | UnreadableCase]:
        """Return what is shown of `rows`; whose person has another open case is asked at once."""
        open_ = {text_of(row.case.key): row.subject for row in rows if row.case.state in UNDECIDED}
        others = open_of_same_person(self._session, self._sealer, open_)
        return [self._shown(row, others.get(text_of(row.case.key), ())) for row in rows]

    def _shown(self, row: _ListedRow, same_person: tuple[str, ...]) -> WorkRow | UnreadableCase:
        try:
            case = as_case(row.case)
        except DAMAGED as damage:
            mark = PageMark(*_place(row))
            return UnreadableCase(self._unreadable("cases", mark.key, damage), mark)
        try:
            name = shown_name(open_content(self._sealer, case.key, row.content))
            number = self._subject(case.key, row.subject)
        except (*DAMAGED, SealBroken) as broken:
            self._unreadable("contents", case.key, broken)
            return WorkRow(case, SEAL_BROKEN, SEAL_BROKEN, same_person)
        return WorkRow(case, name, mask_certificate(number), same_person)

    def _subject(self, key: str, sealed: bytes | None) -> str:
        return "" if sealed is None else open_subject(self._sealer, key, sealed)

    def _entry(self, row: Row) -> HistoryEntry | UnreadableRow:
        try:
            return as_entry(row)
        except DAMAGED as damage:
            stored = HistoryRow._make(row)
            place = f"{text_of(stored.key)}/{stored.seq}"
            return self._unreadable("case_history", place, damage)

    def _message(self, row: Row) -> MessageView | UnreadableRow:
        try:
            return as_message_view(row)
        except DAMAGED as damage:
            return self._unreadable("outbox", text_of(SentRow._make(row).number), damage)

    def _item(self, row: Row) -> QuarantineRow | UnreadableRow:
        try:
            return _as_quarantined(_QUARANTINED.row(row))
        except DAMAGED as damage:
            stored = _QuarantineRow._make(row)
            return self._unreadable("quarantine", text_of(stored.case_key or stored.id), damage)

    def _unreadable(self, table: str, key: str, error: BaseException) -> UnreadableRow:
        found = UnreadableRow(table, key, code_of(error))
        self._observer.unreadable(found)
        return found

    def _count(self, name: str, day: str) -> int:
        ((count,),) = self._session.rows(name, day)
        return int(count)

    def _pairs(self, name: str) -> Iterator[tuple[str, int]]:
        return ((key or "", count) for key, count in self._session.rows(name))


def _fits(row: WorkRow | UnreadableCase, chosen: WorkFilter) -> bool:
    if isinstance(row, UnreadableCase):
        return not chosen.agency and not chosen.states
    return chosen.agency in {None, row.case.agency} and (
        not chosen.states or row.case.state.value in chosen.states
    )


def _listed(row: Row) -> _ListedRow:
    *columns, content, subject = row
    return _ListedRow(CaseRow._make(columns), content, subject)


def _place(row: _ListedRow) -> tuple[str, str]:
    """Return the due date and the key that a row is listed by, whatever stands in its columns."""
    return text_of(row.case.due_on), text_of(row.case.key)


def _as_backlog(row: _BacklogRow) -> Backlog:
    return Backlog(row.peer, row.kind, int(row.depth), _since(row.oldest), int(row.parked))


def _since(stored: int | None) -> datetime | None:
    """Return since when the oldest message waits; unknown where that is beyond every date."""
    if stored is None:
        return None
    try:
        return instant(stored)
    except DAMAGED:
        return None


def _as_quarantined(row: _QuarantineRow) -> QuarantineRow:
    return QuarantineRow(
        id=row.id,
        source=row.source,
        key=row.case_key,
        reason=row.reason,
        detail=row.detail,
        at=instant(row.at),
    )
