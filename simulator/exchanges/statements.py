"""对账单: that of a day as a whole, and its parts, each with the totals and digest of the day."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Final

from schemas.records.statements import (
    EntryKind,
    Statement,
    StatementCounts,
    StatementEntry,
    statement_digest,
)

STATEMENT: Final = "statement"
"""The record of a part, as published."""
MOST_ENTRIES: Final = 1000
"""Entries of one part, at most (contract 1.0)."""


@dataclass(frozen=True)
class DayStatement:
    """What one side has of a Beijing day for one area, up to `closed_at`."""

    date: date
    division: str
    closed_at: datetime
    entries: tuple[StatementEntry, ...]

    @property
    def parts(self) -> int:
        """How many parts it has: one at least."""
        return max(-(-len(self.entries) // MOST_ENTRIES), 1)

    @cached_property
    def counts(self) -> StatementCounts:
        """The totals of the day."""
        kinds = Counter(one.kind for one in self.entries)
        return StatementCounts(
            applications=kinds[EntryKind.APPLICATION],
            withdrawals=kinds[EntryKind.WITHDRAWAL],
            acknowledged=sum(one.acknowledged is True for one in self.entries),
            outcomes=kinds[EntryKind.OUTCOME],
            registrations=kinds[EntryKind.REGISTRATION],
            deregistrations=kinds[EntryKind.DEREGISTRATION],
        )

    @cached_property
    def digest(self) -> str:
        """The digest over all entries."""
        return statement_digest(self.entries)

    def part(self, number: int) -> Statement | None:
        """Return one part, counted from 1; None beyond the last."""
        if not 1 <= number <= self.parts:
            return None
        start = (number - 1) * MOST_ENTRIES
        return Statement(
            date=self.date,
            division=self.division,
            closed_at=self.closed_at,
            part=number,
            parts=self.parts,
            counts=self.counts,
            digest=self.digest,
            entries=self.entries[start : start + MOST_ENTRIES],
        )
