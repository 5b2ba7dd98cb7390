"""Reading (查阅): lists, one case, its history, the figures; persons unsealed here, and masked."""

from collections.abc import Iterator
from datetime import date
from heapq import merge
from itertools import islice
from typing import Final, NamedTuple

from gateway.adapters.ledger.cases import CaseRow, as_case
from gateway.adapters.ledger.history import HistoryRow, as_entry
from gateway.adapters.ledger.masking import mask_certificate, shown_name
from gateway.adapters.ledger.seals import open_content, open_subject
from gateway.adapters.ledger.timestamps import DATE_UNKNOWN, instant, iso_day
from gateway.domain.case import HistoryEntry, State
from gateway.ports.views import (
    Backlog,
    FlowFigures,
    MessageView,
    PageMark,
    QuarantineRow,
    WorkFilter,
    WorkRow,
)
from storage.errors import SealBroken
from storage.sealing import Sealer
from storage.session import Row, Session

SEAL_BROKEN: Final = "（封存数据无法读取）"  # the sealed data cannot be read


class _ListedRow(NamedTuple):
    """A row of `cases` with what was received for it, sealed."""

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


class SentRow(NamedTuple):
    """A row of `outbox` without its body, as people read it."""

    kind: str
    peer: str
    number: str
    revision: int
    attempts: int
    error: str | None
    due_at: int
    parked_at: int | None
    ended_at: int | None
    ended_as: str | None


class SqlViews:
    """`Views` inside one read-only transaction of `session`."""

    __slots__ = ("_sealer", "_session")

    def __init__(self, session: Session, sealer: Sealer) -> None:
        self._session, self._sealer = session, sealer

    def worklist(self, chosen: WorkFilter, *, after: PageMark | None, limit: int) -> list[WorkRow]:
        """Return cases by due date (unknown last), then key; keyset, never offset.

        Each state's page comes from its own range of an index, and the pages are merged: what a
        list costs does not grow with the cases that it does not show.
        """
        if chosen.key is not None:
            return self._one_of(chosen, after)
        states = chosen.states or tuple(state.value for state in State)
        mark = ("", "") if after is None else (iso_day(after.due_on), after.key)
        name, values = ("list_agency", (chosen.agency,)) if chosen.agency else ("list_state", ())
        pages = [
            self._session.rows(name, *values, state, *mark, limit) for state in sorted(set(states))
        ]
        rows = merge(*(map(_listed, page) for page in pages), key=_listed_by)
        return [self._shown(row) for row in islice(rows, limit)]

    def case(self, key: str) -> WorkRow | None:
        """Return one case, or None."""
        rows = self._session.rows("one_case", key)
        return self._shown(_listed(rows[0])) if rows else None

    def history(self, key: str) -> list[HistoryEntry]:
        """Return a case's history, oldest first."""
        return [as_entry(HistoryRow(*row)) for row in self._session.rows("history_of", key)]

    def messages(self, key: str) -> list[MessageView]:
        """Return the messages about a case, oldest first, with their attempts."""
        return [_as_message(SentRow(*row)) for row in self._session.rows("messages_of", key)]

    def figures(self, today: date) -> FlowFigures:
        """Return the counts; `today` is the Beijing date that decides what is overdue."""
        return FlowFigures(
            states=dict(self._pairs("count_states")),
            held=dict(self._pairs("count_held")),
            quarantined=dict(self._pairs("count_quarantined")),
            backlog=tuple(_as_backlog(_BacklogRow(*row)) for row in self._session.rows("backlog")),
            overdue=self._count("count_overdue", today.isoformat()),
            due_today=self._count("count_due_on", today.isoformat()),
            due_unknown=self._count("count_due_on", DATE_UNKNOWN),
        )

    def quarantined(self, *, limit: int) -> list[QuarantineRow]:
        """Return the open items in quarantine, newest first."""
        return [
            _as_quarantined(_QuarantineRow(*row))
            for row in self._session.rows("list_quarantined", limit)
        ]

    def _one_of(self, chosen: WorkFilter, after: PageMark | None) -> list[WorkRow]:
        row = None if chosen.key is None else self.case(chosen.key)
        if row is None or not _fits(row, chosen):
            return []
        place = (iso_day(row.case.due_on), row.case.key)
        return [row] if after is None or place > (iso_day(after.due_on), after.key) else []

    def _shown(self, row: _ListedRow) -> WorkRow:
        case, sealer = as_case(row.case), self._sealer
        try:
            name = shown_name(open_content(sealer, case.key, row.content))
            number = "" if row.subject is None else open_subject(sealer, case.key, row.subject)
        except SealBroken:
            return WorkRow(case, SEAL_BROKEN, SEAL_BROKEN)  # one bad row does not hide its page
        return WorkRow(case, name, mask_certificate(number))

    def _count(self, name: str, day: str) -> int:
        ((count,),) = self._session.rows(name, day)
        return int(count)

    def _pairs(self, name: str) -> Iterator[tuple[str, int]]:
        return ((key or "", count) for key, count in self._session.rows(name))


def _fits(row: WorkRow, chosen: WorkFilter) -> bool:
    return chosen.agency in {None, row.case.agency} and (
        not chosen.states or row.case.state.value in chosen.states
    )


def _listed(row: Row) -> _ListedRow:
    *columns, content, subject = row
    return _ListedRow(CaseRow(*columns), content, subject)


def _listed_by(row: _ListedRow) -> tuple[str, str]:
    return row.case.due_on, row.case.key


def _as_backlog(row: _BacklogRow) -> Backlog:
    since = None if row.oldest is None else instant(row.oldest)
    return Backlog(row.peer, row.kind, int(row.depth), since, int(row.parked))


def _as_message(row: SentRow) -> MessageView:
    return MessageView(
        kind=row.kind,
        peer=row.peer,
        number=row.number,
        revision=row.revision,
        attempts=row.attempts,
        error=row.error,
        due_at=instant(row.due_at),
        parked_at=None if row.parked_at is None else instant(row.parked_at),
        ended_at=None if row.ended_at is None else instant(row.ended_at),
        ended_as=row.ended_as,
    )


def _as_quarantined(row: _QuarantineRow) -> QuarantineRow:
    return QuarantineRow(
        id=row.id,
        source=row.source,
        key=row.case_key,
        reason=row.reason,
        detail=row.detail,
        at=instant(row.at),
    )
