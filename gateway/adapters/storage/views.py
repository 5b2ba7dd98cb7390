"""Reading (查阅): lists, one case, its history, the figures; persons unsealed here, and masked."""

from collections.abc import Iterator
from datetime import date
from heapq import merge
from itertools import islice
from typing import Final

from gateway.adapters.keys import SealBroken, Sealer
from gateway.adapters.storage.rows import (
    CASE_COLUMNS,
    as_case,
    as_entry,
    as_set_aside,
    day,
    instant,
)
from gateway.adapters.storage.seals import (
    mask_certificate,
    open_content,
    open_subject,
    shown_name,
)
from gateway.adapters.storage.session import Row, Session
from gateway.domain.case import HistoryEntry, State
from gateway.ports.views import (
    Backlog,
    FlowFigures,
    PageMark,
    SetAsideRow,
    WorkFilter,
    WorkRow,
)

SEAL_BROKEN: Final = "（封存数据无法读取）"  # the sealed data cannot be read
_LISTED_PER_PERSON: Final = 200
_DUE_ON, _KEY = 13, 0


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
        mark = ("", "") if after is None else (day(after.due_on), after.key)
        name, values = _list_of(chosen)
        pages = [
            self._session.rows(name, *values, state, *mark, limit) for state in sorted(set(states))
        ]
        rows = merge(*pages, key=lambda row: (row[_DUE_ON], row[_KEY]))
        return [self._shown(row) for row in islice(rows, limit)]

    def case(self, key: str) -> WorkRow | None:
        """Return one case, or None."""
        rows = self._session.rows("one_case", key)
        return self._shown(rows[0]) if rows else None

    def cases_of_person(self, certificate: str) -> list[WorkRow]:
        """Return the cases of the person with this certificate number, found without reading any.

        At most 200; a person has one case now and a few in a lifetime.
        """
        found = self._session.rows(
            "cases_of_person", self._sealer.index(certificate), _LISTED_PER_PERSON
        )
        return [self._shown(row) for row in found]

    def history(self, key: str) -> list[HistoryEntry]:
        """Return a case's history, oldest first."""
        return [as_entry(row) for row in self._session.rows("history_of", key)]

    def figures(self, today: date) -> FlowFigures:
        """Return the counts; `today` is the Beijing date that decides what is overdue."""
        return FlowFigures(
            states=dict(self._pairs("count_states")),
            held=dict(self._pairs("count_held")),
            set_aside=dict(self._pairs("count_set_aside")),
            backlog=tuple(_as_backlog(row) for row in self._session.rows("backlog")),
            overdue=self._session.rows("count_overdue", today.isoformat())[0][0],
            due_today=self._session.rows("count_due_on", day(today))[0][0],
            due_unknown=self._session.rows("count_due_on", day(None))[0][0],
        )

    def kept_aside(self, *, limit: int) -> list[SetAsideRow]:
        """Return what is set aside and open, newest first."""
        return [as_set_aside(row) for row in self._session.rows("kept_aside", limit)]

    def _one_of(self, chosen: WorkFilter, after: PageMark | None) -> list[WorkRow]:
        row = None if chosen.key is None else self.case(chosen.key)
        if row is None or not _fits(row, chosen):
            return []
        place = (day(row.case.due_on), row.case.key)
        return [row] if after is None or place > (day(after.due_on), after.key) else []

    def _shown(self, row: Row) -> WorkRow:
        case, content, subject = as_case(row), row[CASE_COLUMNS], row[CASE_COLUMNS + 1]
        try:
            name = shown_name(open_content(self._sealer, case.key, content))
            number = "" if subject is None else open_subject(self._sealer, case.key, subject)
        except SealBroken:
            return WorkRow(case, SEAL_BROKEN, SEAL_BROKEN)  # one bad row does not hide its page
        return WorkRow(case, name, mask_certificate(number))

    def _pairs(self, name: str) -> Iterator[tuple[str, int]]:
        return ((key or "", count) for key, count in self._session.rows(name))


def _list_of(chosen: WorkFilter) -> tuple[str, tuple[str, ...]]:
    """Return the statement for a filter and its leading values."""
    if chosen.agency is not None and chosen.place is not None:
        return "list_agency_place", (chosen.agency, chosen.place)
    if chosen.agency is not None:
        return "list_agency", (chosen.agency,)
    if chosen.place is not None:
        return "list_place", (chosen.place,)
    return "list_state", ()


def _fits(row: WorkRow, chosen: WorkFilter) -> bool:
    return (
        chosen.agency in {None, row.case.agency}
        and chosen.place in {None, row.case.place_division}
        and (not chosen.states or row.case.state.value in chosen.states)
    )


def _as_backlog(row: Row) -> Backlog:
    peer, kind, depth, oldest, parked = row
    since = None if oldest is None else instant(oldest)
    return Backlog(peer, kind, int(depth), since, int(parked))
