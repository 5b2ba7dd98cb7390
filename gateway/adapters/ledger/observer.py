"""Whom the ledger tells what an operator has to know; called in any thread, never with values."""

from typing import Protocol

from gateway.ports.unreadable import UnreadableRow


class LedgerObserver(Protocol):
    """Counts and logs what happens to rows, wherever they are read or written."""

    def unreadable(self, row: UnreadableRow) -> None:
        """Note that a row was found unreadable."""
        ...

    def quarantine_full(self, source: str, count: int) -> None:
        """Note that so many items of a source were not kept: its room is used up."""
        ...

    def commit_unknown(self, count: int) -> None:
        """Note so many units of work of which nobody knows whether they are stored."""
        ...


class NoObserver:
    """Tells nobody: for a ledger that is opened to look at, not to work in."""

    def unreadable(self, row: UnreadableRow) -> None:
        """See `LedgerObserver`."""

    def quarantine_full(self, source: str, count: int) -> None:
        """See `LedgerObserver`."""

    def commit_unknown(self, count: int) -> None:
        """See `LedgerObserver`."""
