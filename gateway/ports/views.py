"""Reading: lists, one case, its history, the figures; what a person or a metric may see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from gateway.domain.case import Case, HistoryEntry


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One line of the work list: a case, the person masked.

    `same_person` are the keys of other open cases of the same certificate number (同一人), a few
    at most, while this one is open itself: derived, never stored, so it ends
    with the withdrawal or the decision of either.
    """

    case: Case
    person: str
    certificate: str
    same_person: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkFilter:
    """Which cases a list shows; None means any."""

    agency: str | None = None
    states: tuple[str, ...] = ()
    key: str | None = None


@dataclass(frozen=True, slots=True)
class PageMark:
    """Where a keyset page ended: the due date (None sorts last) and the key of its last row."""

    due_on: date | None
    key: str


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits in the outbox for one peer."""

    peer: str
    kind: str
    depth: int
    oldest: datetime | None
    parked: int


@dataclass(frozen=True, slots=True)
class FlowFigures:
    """Counts for metrics and pages: cases by state, held by reason, quarantined by reason.

    Open cases by due date: `overdue` before today, `due_today`, and `due_unknown` beyond the last
    announced working calendar.
    """

    states: Mapping[str, int]
    held: Mapping[str, int]
    quarantined: Mapping[str, int]
    backlog: tuple[Backlog, ...]
    overdue: int
    due_today: int = 0
    due_unknown: int = 0


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    """One item in quarantine, without its content."""

    id: int
    source: str
    key: str | None
    reason: str
    detail: str
    at: datetime


class Views(Protocol):
    """Reading only, from one consistent snapshot; never blocks the writer."""

    def worklist(self, chosen: WorkFilter, *, after: PageMark | None, limit: int) -> list[WorkRow]:
        """Return cases by due date (unknown last), then key; keyset, never offset."""
        ...

    def case(self, key: str) -> WorkRow | None:
        """Return one case, or None."""
        ...

    def history(self, key: str) -> list[HistoryEntry]:
        """Return a case's history, oldest first."""
        ...

    def contents(self, keys: Sequence[str]) -> Mapping[str, bytes]:
        """Return what was received for the cases among `keys`; one whose seal broke is absent.

        Personal data in the clear: what is shown of them is masked first.
        """
        ...

    def figures(self, today: date) -> FlowFigures:
        """Return the counts; `today` is the Beijing date that decides what is overdue."""
        ...

    def quarantined(self, *, limit: int) -> list[QuarantineRow]:
        """Return the open items in quarantine, newest first."""
        ...
