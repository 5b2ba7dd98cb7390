"""An observer of the ledger that remembers what it was told."""

from dataclasses import dataclass, field

from gateway.ports.unreadable import UnreadableRow


@dataclass(slots=True)
class RecordingObserver:
    """`LedgerObserver` for a test."""

    rows: list[UnreadableRow] = field(default_factory=list)
    unknown: list[int] = field(default_factory=list)
    full: list[tuple[str, int]] = field(default_factory=list)

    def unreadable(self, row: UnreadableRow) -> None:
        """See `LedgerObserver`."""
        self.rows.append(row)

    def commit_unknown(self, count: int) -> None:
        """See `LedgerObserver`."""
        self.unknown.append(count)

    def quarantine_full(self, source: str, count: int) -> None:
        """See `LedgerObserver`."""
        self.full.append((source, count))
