"""办件列表: lists of cases and one case, persons unsealed here, and masked."""

from collections.abc import Sequence
from heapq import merge
from itertools import islice
from typing import Final, NamedTuple

from gateway.adapters.ledger.case_rows import CaseRow, as_case
from gateway.adapters.ledger.masking import mask_certificate, shown_name
from gateway.adapters.ledger.observer import LedgerObserver
from gateway.adapters.ledger.row_shapes import DAMAGED
from gateway.adapters.ledger.same_person import open_of_same_person
from gateway.adapters.ledger.seals import open_content, open_subject
from gateway.adapters.ledger.unreadable import tell_unreadable, text_of
from gateway.domain.case import UNDECIDED, Case, State
from gateway.ports.views import PageMark, UnreadableCase, WorkFilter, WorkRow
from storage.errors import SealBroken
from storage.sealing import Sealer
from storage.session import Row, Session

SEAL_BROKEN: Final = "（加密数据无法读取）"  # the sealed data cannot be read


class _ListedRow(NamedTuple):
    """A row of `cases` as it stands, unchecked, and what was received for it, sealed."""

    case: CaseRow
    content: bytes
    subject: bytes | None


class SqlWorklist:
    """The cases of `Views`, inside one read-only transaction of `session`."""

    __slots__ = ("_observer", "_sealer", "_session")

    def __init__(self, session: Session, sealer: Sealer, observer: LedgerObserver) -> None:
        self._session, self._sealer, self._observer = session, sealer, observer

    def page(
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

    def cases(self, keys: Sequence[str]) -> dict[str, Case]:
        """Return the cases there are among `keys`; one that cannot be read is left out."""
        cases: dict[str, Case] = {}
        for row in self._session.rows_among("cases_among", keys) if keys else ():
            try:
                case = as_case(row)
            except DAMAGED as damage:
                tell_unreadable(self._observer, "cases", text_of(CaseRow._make(row).key), damage)
            else:
                cases[case.key] = case
        return cases

    def _one_of(self, chosen: WorkFilter, after: PageMark | None) -> list[WorkRow | UnreadableCase]:
        row = None if chosen.key is None else self.case(chosen.key)
        if row is None or not _fits(row, chosen):
            return []
        place = (row.mark.due, row.mark.key)
        return [row] if after is None or place > (after.due, after.key) else []

    def _shown_page(self, rows: Sequence[_ListedRow]) -> list[WorkRow | UnreadableCase]:
        """Return what is shown of `rows`."""
        open_ = {text_of(row.case.key): row.subject for row in rows if row.case.state in UNDECIDED}
        others = open_of_same_person(self._session, self._sealer, open_)
        return [self._shown(row, others.get(text_of(row.case.key), ())) for row in rows]

    def _shown(self, row: _ListedRow, same_person: tuple[str, ...]) -> WorkRow | UnreadableCase:
        try:
            case = as_case(row.case)
        except DAMAGED as damage:
            mark = PageMark(*_place(row))
            found = tell_unreadable(self._observer, "cases", mark.key, damage)
            return UnreadableCase(found, mark, _agency(row.case))
        try:
            name = shown_name(open_content(self._sealer, case.key, row.content))
            number = self._subject(case.key, row.subject)
        except (*DAMAGED, SealBroken) as broken:
            tell_unreadable(self._observer, "contents", case.key, broken)
            return WorkRow(case, SEAL_BROKEN, SEAL_BROKEN, same_person)
        return WorkRow(case, name, mask_certificate(number), same_person)

    def _subject(self, key: str, sealed: bytes | None) -> str:
        return "" if sealed is None else open_subject(self._sealer, key, sealed)


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


def _agency(row: CaseRow) -> str | None:
    """Return whom an unchecked row names as its agency; None where that is no text."""
    return row.agency if isinstance(row.agency, str) else None
