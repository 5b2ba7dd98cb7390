"""版本与决定: the tables `table_editions`, `table_fetches` and `table_decisions`."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Final

from gateway.adapters.ledger.observer import LedgerObserver
from gateway.adapters.ledger.row_shapes import DAMAGED
from gateway.adapters.ledger.table_rows import (
    as_adoption,
    as_decisions,
    as_edition,
    as_fetched,
    decision_row,
    deflated,
)
from gateway.adapters.ledger.timestamps import micros
from gateway.domain.case import UNDECIDED
from gateway.domain.division_changes import OpenPlace
from gateway.domain.table_decisions import Adoption, FetchedMark, TableDecision, in_order
from gateway.domain.table_editions import Edition, EditionRef, TableKind
from storage.sealing import Sealer
from storage.session import Session

MOST_PLANNED: Final = 50
"""Adoptions to come of one kind: operators plan a few."""
_ALTERED: Final = 20
"""How many altered decisions are passed over on the way to one that is whole."""
_LAST_DIGIT: Final = "f"
_DIGITS: Final = 64


class SqlTableEditions:
    """`TableEditions` inside one transaction of `session`."""

    __slots__ = ("_observer", "_sealer", "_session")

    def __init__(self, session: Session, sealer: Sealer, observer: LedgerObserver) -> None:
        self._session, self._sealer, self._observer = session, sealer, observer

    def fetched(self, kind: TableKind) -> FetchedMark | None:
        """Return what was fetched last, None where nothing was or the row is damaged."""
        return read_fetched(self._session, kind)

    def note_fetched(self, mark: FetchedMark) -> None:
        """Note what was fetched last, in the place of what was before."""
        kind, digest = mark.edition.kind.value, mark.edition.digest
        since, seen_at = micros(mark.since), micros(mark.seen_at)
        self._session.change("note_table_fetch", kind, digest, since, seen_at)

    def has(self, edition: EditionRef) -> bool:
        """Whether an edition is stored."""
        return edition in find_editions(self._session, edition)

    def add(self, edition: Edition, at: datetime) -> None:
        """Store an edition; one that is there stays as it is."""
        as_of = None if edition.as_of is None else edition.as_of.isoformat()
        kind, digest = edition.ref.kind.value, edition.ref.digest
        body = deflated(edition.body)
        self._session.change("add_table_edition", kind, digest, as_of, micros(at), body)

    def drop(self, edition: EditionRef) -> None:
        """Delete an edition, unless it was decided on."""
        self._session.change("drop_table_edition", edition.kind.value, edition.digest)

    def last_decision(self, kind: TableKind) -> TableDecision | None:
        """Return the last decision on editions of a kind."""
        found = read_decisions(self._session, self._sealer, self._observer, kind, limit=_ALTERED)
        return next(iter(found), None)

    def planned(self, kind: TableKind, since: date) -> Sequence[Adoption]:
        """Return what is in force on a Beijing date, and what comes into force later."""
        return read_planned(self._session, self._sealer, self._observer, kind, since)

    def decide(self, decision: TableDecision) -> bool:
        """Store a decision; say whether its number was free."""
        row = decision_row(decision, self._sealer)
        return bool(self._session.rows("add_table_decision", *row))


def read_fetched(session: Session, kind: TableKind) -> FetchedMark | None:
    """Return what was fetched last of a kind, None where nothing was or the row is damaged."""
    for row in session.rows("table_fetch", kind.value):
        with suppress(*DAMAGED):
            return as_fetched(row)
    return None


def find_editions(session: Session, named: EditionRef) -> list[EditionRef]:
    """Return the stored editions that a reference with a digest cut short can mean, two at most."""
    last = named.digest.ljust(_DIGITS, _LAST_DIGIT)
    rows = session.rows("table_editions_named", named.kind.value, named.digest, last, 2)
    return [EditionRef(TableKind(kind), digest) for kind, digest in rows]


def read_edition(session: Session, edition: EditionRef) -> Edition | None:
    """Return an edition with its rows; None where there is none, or its digest is not of them."""
    for row in session.rows("table_edition", edition.kind.value, edition.digest):
        return as_edition(row)
    return None


def read_decisions(
    session: Session, sealer: Sealer, observer: LedgerObserver, kind: TableKind, *, limit: int
) -> list[TableDecision]:
    """Return the latest decisions on editions of a kind, the last one first."""
    return list(as_decisions(session.rows("table_decisions", kind.value, limit), sealer, observer))


def read_last_on(
    session: Session, sealer: Sealer, observer: LedgerObserver, edition: EditionRef
) -> TableDecision | None:
    """Return the last decision on one edition."""
    rows = session.rows("table_decisions_on", edition.kind.value, edition.digest, _ALTERED)
    return next(as_decisions(rows, sealer, observer), None)


def read_last_adoption(
    session: Session, sealer: Sealer, observer: LedgerObserver, kind: TableKind
) -> TableDecision | None:
    """Return the adoption of a kind that was decided last, whatever its day."""
    rows = session.rows("last_table_adoption", kind.value, _ALTERED)
    return next(as_decisions(rows, sealer, observer), None)


def read_planned(
    session: Session, sealer: Sealer, observer: LedgerObserver, kind: TableKind, since: date
) -> tuple[Adoption, ...]:
    """Return what is in force on a Beijing date, and what comes into force later, by its day."""
    asked = kind.value, since.isoformat()
    begun = session.rows("table_adoptions_before", *asked, _ALTERED)
    later = session.rows("table_adoptions_after", *asked, MOST_PLANNED)
    first = next(as_decisions(begun, sealer, observer), None)
    found = [*([] if first is None else [first]), *as_decisions(later, sealer, observer)]
    return in_order(one for one in map(as_adoption, found) if one is not None)


def count_open_places(session: Session, limit: int) -> list[OpenPlace]:
    """Return where the first `limit` open cases of each state are registered."""
    return [
        OpenPlace(division, hold_reason, int(count))
        for state in UNDECIDED
        for division, hold_reason, count in session.rows("count_open_places", state.value, limit)
    ]
