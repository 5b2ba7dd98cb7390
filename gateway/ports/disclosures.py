"""脱敏解除记录: who had personal data shown in full, when, why, and of how many persons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.ports.unreadable import UnreadableRow


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One act that shows personal data in full, entered before anything is shown.

    `act` says by what, as a code; `reason` is what the operator wrote: it may name persons, so it
    is sealed and never logged. `at` is in UTC.
    """

    at: datetime
    actor: str
    act: str
    persons: int
    reason: str


@dataclass(frozen=True, slots=True)
class RecordedDisclosure:
    """A disclosure as it stands in the ledger, under its number; numbers leave no gap."""

    seq: int
    disclosure: Disclosure


class Disclosures(Protocol):
    """The disclosures, inside one transaction."""

    def add(self, disclosure: Disclosure) -> int:
        """Append an entry and return its number."""
        ...


RecordedRows = Sequence[RecordedDisclosure | UnreadableRow]
"""Entries in order; one that was altered, or is gone, stands as a row that cannot be read."""
