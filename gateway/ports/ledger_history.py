"""台账经过: entries about the ledger as a whole."""

from typing import Protocol

from gateway.domain.ledger_entry import LedgerEntry, LedgerStep


class LedgerHistory(Protocol):
    """The history of the ledger, inside one transaction."""

    def add(self, entry: LedgerEntry) -> None:
        """Append an entry."""
        ...

    def has(self, step: LedgerStep) -> bool:
        """Whether there is an entry of a step that was written with the ledger's keys."""
        ...
