"""办件: the tables `cases` and `contents`, and the entry in `case_history` for each change."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final

from gateway.adapters.ledger.case_rows import CaseRow, as_case, case_row, saved_row, step_row
from gateway.adapters.ledger.history import history_row
from gateway.adapters.ledger.row_shapes import DAMAGED
from gateway.adapters.ledger.same_person import open_of_same_person
from gateway.adapters.ledger.seals import open_content, seal_case, seal_content, seal_subject
from gateway.adapters.ledger.timestamps import instant
from gateway.adapters.ledger.unreadable import RowDamage, UnreadableRows, text_of
from gateway.domain.case import Case, Change, State, Step
from gateway.errors import StaleCase
from gateway.ports.cases import Opening, UndatedCase
from gateway.ports.views import UNKNOWN_DUE
from storage.errors import SealBroken
from storage.sealing import Sealer
from storage.session import Row, Session, StaleWrite

_FINGERPRINT_BYTES: Final = 8
_BRIEF: Final = frozenset({Step.DELIVER, Step.DECIDE, Step.REPORT, Step.WITHDRAW})
"""Steps that change no more of a case than the statement `save_step` writes."""


class SqlCases:
    """`Cases` inside one transaction of `session`."""

    __slots__ = ("_absent", "_sealer", "_session", "_unreadable_rows", "unreadable")

    def __init__(self, session: Session, sealer: Sealer, unreadable_rows: UnreadableRows) -> None:
        self._session, self._sealer = session, sealer
        self._unreadable_rows = unreadable_rows
        self._absent: set[str] = set()
        self.unreadable: set[str] = set()
        """The keys asked for in this transaction whose case is there, but cannot be read."""

    def read(self, keys: Sequence[str]) -> dict[str, Case]:
        """Return the cases there are among `keys`, locked against other writers.

        One that cannot be read is left out, and is among `unreadable` afterwards.
        """
        if len(keys) == 1:
            rows = self._session.rows("case_for_change", keys[0])
        else:
            rows = self._session.rows_among("cases_for_change", keys) if keys else []
        cases: dict[str, Case] = {}
        damages: list[RowDamage] = []
        for row in rows:
            try:
                case = as_case(row)
            except DAMAGED as damage:
                damages.append(RowDamage(text_of(CaseRow._make(row).key), damage, row))
            else:
                cases[case.key] = case
        self._leave_out(damages)
        self._absent.update(key for key in keys if key not in cases)
        return cases

    def undecided_by_dispatch(self, agency: str, numbers: Sequence[str]) -> dict[str, str]:
        """Return the keys of undecided cases with `agency` whose current dispatches these are."""
        rows = self._session.rows_among("undecided_by_dispatch", numbers, agency) if numbers else ()
        return {str(number): str(key) for number, key in rows}

    def without_due_date(self, state: State, *, after: str, limit: int) -> list[UndatedCase]:
        """Return cases in a state whose due date is unknown, by key after one; nothing is locked.

        A case without a due date is never overdue, so nobody would miss it.
        """
        rows = self._session.rows("without_due_date", state.value, UNKNOWN_DUE, after, limit)
        return [UndatedCase(key, policy, place, _instant_of(at)) for key, policy, place, at in rows]

    def open(self, openings: Sequence[Opening]) -> None:
        """Open cases; raise `StaleCase` where there is one under the key already.

        Raises:
            StaleWrite: Another process opened one since it was looked for in this transaction.
        """
        changes = [opening.change for opening in openings]
        rows = [(*row, self._seal(row)) for row in (case_row(change.case) for change in changes)]
        if self._session.change_each("open_case", rows) != len(rows):
            if self._absent.issuperset(change.case.key for change in changes):
                raise StaleWrite
            raise self._stale(changes)
        contents = [(one.change.case.key, *self._sealed(one)) for one in openings]
        self._session.change_each("keep_content", contents)
        self._note(changes)

    def replace_contents(self, openings: Sequence[Opening]) -> None:
        """Save changes to cases together with what is known of their persons from now on."""
        self._save([one.change for one in openings], whole=True)
        contents = [(*self._sealed(one), one.change.case.key) for one in openings]
        self._session.change_each("replace_content", contents)

    def notes(self, keys: Sequence[str], *, actor: str) -> dict[str, list[str]]:
        """Return the notes of the entries `note` that `actor` caused, by case."""
        found: dict[str, list[str]] = {key: [] for key in keys}
        rows = self._session.rows_among("notes_of", keys, Step.NOTE.value, actor) if keys else ()
        for key, note in rows:
            found[key].append(note or "")
        return found

    def fingerprint(self, digest: str) -> str:
        """Return a short keyed digest of a digest of content, fit to stand in a note."""
        return self._sealer.hashes.index(f"content:{digest}")[:_FINGERPRINT_BYTES].hex()

    def open_of_same_person(self, keys: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Return the keys of other open cases of the persons of some cases, a few at most.

        A case whose person has none is left out.
        """
        rows = self._session.rows_among("subjects_of", keys) if keys else ()
        return open_of_same_person(self._session, self._sealer, dict(rows))

    def contents(self, keys: Sequence[str]) -> dict[str, bytes]:
        """Return what was received for the cases among `keys`; one whose seal broke is absent."""
        return read_contents(self._session, self._sealer, keys)

    def save(self, changes: Sequence[Change]) -> None:
        """Store changed cases with their history; raise `StaleCase` where a version moved on."""
        self._save(changes, whole=False)

    def _save(self, changes: Sequence[Change], *, whole: bool) -> None:
        """Store changed cases, the `whole` of each, or as little as its step changes."""
        for wave in _waves(changes):
            brief = not whole and all(one.entry.step in _BRIEF for one in wave)
            if self._save_wave(wave, brief=brief) != len(wave):
                raise self._stale(wave)
        self._note(changes)

    def _save_wave(self, wave: Sequence[Change], *, brief: bool) -> int:
        if brief and self._session.prefers_narrow_updates:
            steps = [step_row(row, self._seal(row)) for row in _rows(wave)]
            return self._session.change_each("save_step", steps)
        saved = [saved_row(row, self._seal(row)) for row in _rows(wave)]
        return self._session.change_each("save_case", saved)

    def _seal(self, row: CaseRow) -> bytes:
        return seal_case(self._sealer, row)

    def _note(self, changes: Sequence[Change]) -> None:
        self._session.change_each("note_history", [history_row(one.entry) for one in changes])

    def _leave_out(self, damages: Sequence[RowDamage]) -> None:
        self._unreadable_rows.note_page("cases", damages)
        self.unreadable.update(one.key for one in damages)

    def _sealed(self, opening: Opening) -> Row:
        """Return key epoch, person index, sealed subject and sealed content."""
        key, subject, sealer = opening.change.case.key, opening.subject, self._sealer
        return (
            sealer.epoch,
            None if subject is None else sealer.hashes.index(subject),
            None if subject is None else seal_subject(sealer, key, subject),
            seal_content(sealer, key, opening.content),
        )

    def _stale(self, changes: Sequence[Change]) -> StaleCase:
        """Name the first case that is not as it was read."""
        stored = self.read([change.case.key for change in changes])
        for change in changes:
            if stored.get(change.case.key) != change.case:
                return StaleCase(change.case.key, change.case.version - 1)
        return StaleCase(changes[0].case.key, changes[0].case.version - 1)


def _instant_of(stored: int) -> datetime | None:
    try:
        return instant(stored)
    except DAMAGED:
        return None


def read_contents(session: Session, sealer: Sealer, keys: Sequence[str]) -> dict[str, bytes]:
    """Return what was received for the cases among `keys`; one whose seal broke is absent."""
    contents: dict[str, bytes] = {}
    for key, sealed in session.rows_among("contents_of", keys) if keys else ():
        with suppress(SealBroken):
            contents[key] = open_content(sealer, key, sealed)
    return contents


def _rows(wave: Sequence[Change]) -> Iterator[CaseRow]:
    return (case_row(one.case) for one in wave)


def _waves(changes: Sequence[Change]) -> Iterator[Sequence[Change]]:
    """Split so that no case stands twice in one statement; nearly always a single wave."""
    if len({change.case.key for change in changes}) == len(changes):
        if changes:
            yield changes
        return
    first: dict[str, Change] = {}
    later = [c for c in changes if first.setdefault(c.case.key, c) is not c]
    yield list(first.values())
    yield from _waves(later)
