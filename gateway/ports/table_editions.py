"""版本与决定: editions of the tables that were fetched, and what operators decided on them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from gateway.domain.table_decisions import Adoption, FetchedMark, TableDecision
from gateway.domain.table_editions import Edition, EditionRef, TableKind


class TableEditions(Protocol):
    """Editions and decisions, inside one transaction."""

    def fetched(self, kind: TableKind) -> FetchedMark | None:
        """Return what was fetched last, None where nothing was."""
        ...

    def note_fetched(self, mark: FetchedMark) -> None:
        """Note what was fetched last, in the place of what was before."""
        ...

    def has(self, edition: EditionRef) -> bool:
        """Whether an edition is stored; that of the program is not."""
        ...

    def add(self, edition: Edition, at: datetime) -> None:
        """Store an edition; one that is there stays as it is."""
        ...

    def drop(self, edition: EditionRef) -> None:
        """Delete an edition, unless it was decided on."""
        ...

    def last_decision(self, kind: TableKind) -> TableDecision | None:
        """Return the last decision on editions of a kind."""
        ...

    def planned(self, kind: TableKind, since: date) -> Sequence[Adoption]:
        """Return what is in force on a Beijing date, and what comes into force later."""
        ...

    def decide(self, decision: TableDecision) -> bool:
        """Store a decision; say whether its number was free, so that nobody decided meanwhile."""
        ...
