"""对账: how far each day is compared, the statement in hand, and what differs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Protocol

from gateway.domain.discrepancies import (
    Discrepancy,
    DiscrepancyState,
    RecordedDiscrepancy,
)
from schemas.records.statements import Statement, StatementEntry

NOT_READY: Final = "statement.not-ready"
"""Why a day waits whose statement is not there yet."""
NOT_BUILT: Final = "operation.not-built"
"""Why no day is compared where the national side offers no statements."""


class Phase(StrEnum):
    """How far a day is."""

    FETCHING = "fetching"
    COMPARING = "comparing"
    CLEARING = "clearing"  # what was fetched is let go of
    DONE = "done"
    REFUSED = "refused"  # the statement was not used; why is a code, and it is begun anew


FINISHED: Final = frozenset({Phase.DONE, Phase.REFUSED})


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """How far the comparison of one Beijing day is.

    `run` counts how often the day was begun, `attempts` those in vain since the last success.
    `header` is the first part without its entries, None before it came; `parts` are kept of the
    statement; `mark` is the last line compared; `theirs` and `ours` count the lines compared.
    `reason` says why there is no usable statement: a code. A day that is not done is taken up
    again at `due_at`.
    """

    day: date
    phase: Phase
    run: int
    header: Statement | None
    parts: int
    mark: str
    theirs: int
    ours: int
    reason: str | None
    attempts: int
    begun_at: datetime
    changed_at: datetime
    due_at: datetime


class Reconciliations(Protocol):
    """How far the days are, and the statement in hand."""

    def of(self, day: date) -> Reconciliation | None:
        """Return how far a day is; None where it was never begun."""
        ...

    def save(self, one: Reconciliation) -> None:
        """Save how far a day is."""
        ...

    def kept(self, day: date, lines: Sequence[str]) -> Mapping[str, tuple[StatementEntry, ...]]:
        """Return what is kept under some lines of the statement in hand; raise `SealBroken`."""
        ...

    def keep(self, day: date, lines: Mapping[str, tuple[StatementEntry, ...]]) -> None:
        """Keep lines of the statement in hand, in the place of what was kept of them."""
        ...

    def drop(self, day: date, *, limit: int) -> int:
        """Let go of some lines of the statement in hand; return how many."""
        ...


class Discrepancies(Protocol):
    """What differs: one row for a day, a line and a kind."""

    def record(
        self, day: date, run: int, found: Sequence[Discrepancy], at: datetime
    ) -> list[Discrepancy]:
        """Enter what a run found; return what is new, or goes on anew."""
        ...

    def among(self, day: date, found: Sequence[Discrepancy]) -> list[RecordedDiscrepancy]:
        """Return what is recorded under the lines of `found`."""
        ...

    def in_state(
        self, state: DiscrepancyState, *, after: int, limit: int
    ) -> list[RecordedDiscrepancy]:
        """Return open differences in one state by number, after one."""
        ...

    def find(self, number: int) -> RecordedDiscrepancy | None:
        """Return one difference."""
        ...

    def change(self, changed: Sequence[RecordedDiscrepancy]) -> None:
        """Save what became of differences."""
        ...

    def close_stated(self, lines: Sequence[str], at: datetime) -> None:
        """Close what was missing there, under any day, and is stated now under these lines."""
        ...

    def close_gone(self, day: date, run: int, at: datetime) -> None:
        """Close what runs of a day before this one found and this one does not."""
        ...
