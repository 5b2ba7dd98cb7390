"""对账查阅: both sides of a day, and how comparing them went; reading only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from gateway.domain.discrepancies import DiscrepancyState, RecordedDiscrepancy
from gateway.domain.outbox_rules import MessageKind
from gateway.ports.reconciliations import Reconciliation
from schemas.records.statements import StatementEntry


@dataclass(frozen=True, slots=True)
class ReceivedRecord:
    """What is remembered of a forwarded item; `digest` is empty where its row is unreadable."""

    digest: str
    at: datetime


@dataclass(frozen=True, slots=True)
class UploadRecord:
    """A record that went, or goes, to the national side; without a body it is unreadable."""

    kind: MessageKind
    revision: int
    body: bytes
    is_parked: bool
    is_settled: bool


class ReconcilingViews(Protocol):
    """Reading for reconciliation, from one consistent snapshot."""

    def of(self, day: date) -> Reconciliation | None:
        """Return how far a day is; None where it was never begun."""
        ...

    def since(self, day: date) -> list[Reconciliation]:
        """Return how far the days from one on are, in order, those that were begun."""
        ...

    def newest_done(self) -> tuple[date, datetime] | None:
        """Return the latest day that is compared to its end, and since when."""
        ...

    def first_day(self) -> date | None:
        """Return the first day on which anything passed; None where nothing did."""
        ...

    def statement(
        self, day: date, *, after: str, limit: int
    ) -> list[tuple[str, tuple[StatementEntry, ...]]]:
        """Return lines of the statement in hand with their entries, after one."""
        ...

    def day_book(self, day: date, *, after: str, limit: int) -> list[tuple[str, datetime]]:
        """Return what passed on a day by our book, by line, after one."""
        ...

    def received(self, keys: Sequence[str]) -> Mapping[tuple[str, str], ReceivedRecord]:
        """Return what is remembered under some application numbers, by kind and number."""
        ...

    def uploads(self, keys: Sequence[str]) -> Mapping[str, tuple[UploadRecord, ...]]:
        """Return every record to the national side about some cases."""
        ...

    def in_state(
        self, state: DiscrepancyState, *, after: int, limit: int
    ) -> list[RecordedDiscrepancy]:
        """Return open differences in one state by number, after one."""
        ...

    def of_day(self, day: date, *, run: int, limit: int) -> list[RecordedDiscrepancy]:
        """Return the differences of a day that this run or a later one found."""
        ...

    def counts(self) -> Mapping[tuple[str, str], int]:
        """Return how many differences are open, by kind and state."""
        ...
