"""How the tables stand: what is in force, what is planned, and what waits for a decision."""

from datetime import date

from gateway.adapters.ledger.observer import LedgerObserver
from gateway.adapters.ledger.table_editions import (
    read_decisions,
    read_fetched,
    read_last_adoption,
    read_last_on,
    read_planned,
)
from gateway.domain.table_decisions import TableDecision, waiting_proposal
from gateway.domain.table_editions import TableKind
from gateway.ports.table_views import TableStanding
from storage.sealing import Sealer
from storage.session import Session


class TableViews:
    """What `Views` says of editions and decisions."""

    __slots__ = ("_observer", "_sealer", "_session")

    def __init__(self, session: Session, sealer: Sealer, observer: LedgerObserver) -> None:
        self._session, self._sealer, self._observer = session, sealer, observer

    def standing(self, kind: TableKind, since: date) -> TableStanding:
        """Return how the tables of a kind stand on a Beijing date and later."""
        terms = self._session, self._sealer, self._observer
        fetched = read_fetched(self._session, kind)
        adopted = read_last_adoption(*terms, kind)
        last = None if fetched is None else read_last_on(*terms, fetched.edition)
        adopted_edition = None if adopted is None else adopted.edition
        planned = read_planned(*terms, kind, since)
        return TableStanding(
            kind,
            planned,
            fetched,
            waiting_proposal(fetched, last, adopted_edition, planned),
            next((one.no for one in self.decisions(kind, 1)), 0),
        )

    def decisions(self, kind: TableKind, limit: int) -> list[TableDecision]:
        """Return the latest decisions on editions of a kind, the last one first."""
        return read_decisions(self._session, self._sealer, self._observer, kind, limit=limit)
