"""Reading: lists, one case, its history, the figures; what a person or a metric may see."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, Protocol, Self

from gateway.domain.case import Case, HistoryEntry
from gateway.domain.ledger_entry import LedgerEntry
from gateway.ports.audit import AuditPage
from gateway.ports.directory_views import DirectoryViews
from gateway.ports.notices import NoticeDue
from gateway.ports.outbox import ParkedMessage
from gateway.ports.reconciling_views import ReconcilingViews
from gateway.ports.reports import Reports
from gateway.ports.superseded import Superseded
from gateway.ports.table_views import TableViews
from gateway.ports.unreadable import UnreadableRow

UNKNOWN_DUE: Final = "~"
"""Stands in a list's order for a due date that is not known: it comes after every date."""


@dataclass(frozen=True, slots=True)
class PageMark:
    """Where a keyset page ended: the due date and the key of its last row, as the list has them.

    `due` is an ISO date, `UNKNOWN_DUE`, or whatever stands in the column of a damaged row.
    """

    due: str
    key: str

    @classmethod
    def of(cls, due_on: date | None, key: str) -> Self:
        """Return the mark of a case."""
        return cls(UNKNOWN_DUE if due_on is None else due_on.isoformat(), key)


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

    @property
    def mark(self) -> PageMark:
        """Its place in the list."""
        return PageMark.of(self.case.due_on, self.case.key)


@dataclass(frozen=True, slots=True)
class UnreadableCase:
    """A line of the work list whose case is there, but cannot be read.

    `agency` is whom the case is with, by that column alone; None where it names nobody.
    """

    row: UnreadableRow
    mark: PageMark
    agency: str | None


@dataclass(frozen=True, slots=True)
class WorkFilter:
    """Which cases a list shows; None means any."""

    agency: str | None = None
    states: tuple[str, ...] = ()
    key: str | None = None


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
    announced working calendar; `due_soon` from today until the last day that is warned of, both
    included. `notices_overdue` counts people who should have been told by now
    that their registration ended; `discrepancies` those open with the national side, by kind and
    state. `directory_unpublished` is since when the oldest version of the
    agency directory waits to be published.
    """

    states: Mapping[str, int]
    held: Mapping[str, int]
    quarantined: Mapping[str, int]
    backlog: tuple[Backlog, ...]
    overdue: int
    due_today: int = 0
    due_unknown: int = 0
    notices_overdue: int = 0
    directory_unpublished: datetime | None = None
    due_soon: int = 0
    discrepancies: Mapping[tuple[str, str], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    """One item in quarantine, without its content."""

    id: int
    source: str
    key: str | None
    reason: str
    detail: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message about a case, and how sending it went.

    `attempts` counts what was tried; `error` says why the last one failed: a code, or a detail. It
    goes again at `due_at`, unless it is `parked_at` for a person, or `ended_at` as `ended_as`.
    """

    kind: str
    peer: str
    number: str
    revision: int
    attempts: int
    error: str | None
    due_at: datetime
    parked_at: datetime | None
    ended_at: datetime | None
    ended_as: str | None


@dataclass(frozen=True, slots=True)
class MaskedDifference:
    """A member in which two contents differ, both values masked; None where a side lacks it."""

    pointer: str
    first: str | None
    other: str | None


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """Other content that came under the number of a case, and where it differs from the first.

    `differing` is None where either cannot be opened any more, and empty where the spelling alone
    differs.
    """

    source: str
    reason: str
    detail: str
    at: datetime
    differing: tuple[MaskedDifference, ...] | None


class Views(TableViews, DirectoryViews, Protocol):
    """Reading only, from one consistent snapshot; never blocks the writer."""

    @property
    def reports(self) -> Reports:
        """What lists and figures of deadlines, periods and persons are made of."""
        ...

    @property
    def reconciling(self) -> ReconcilingViews:
        """What is read to compare a day with the national side."""
        ...

    def worklist(
        self, chosen: WorkFilter, *, after: PageMark | None, limit: int
    ) -> list[WorkRow | UnreadableCase]:
        """Return cases by due date (unknown last), then key; keyset, never offset."""
        ...

    def case(self, key: str) -> WorkRow | UnreadableCase | None:
        """Return one case, or None."""
        ...

    def cases(self, keys: Sequence[str]) -> Mapping[str, Case]:
        """Return the cases there are among `keys`; one that cannot be read is left out."""
        ...

    def history(self, key: str) -> list[HistoryEntry | UnreadableRow]:
        """Return a case's history, oldest first."""
        ...

    def texts(self, key: str) -> Mapping[int, str]:
        """Return what was written with entries of a case's history, by entry, numbers masked.

        It may name persons: it is shown to operators, never logged. What does not open is absent.
        """
        ...

    def conflicts(self, key: str) -> list[ConflictRow]:
        """Return what came under the number of a case with other content, a few at most."""
        ...

    def contents(self, keys: Sequence[str]) -> Mapping[str, bytes]:
        """Return what was received for the cases among `keys`; one whose seal broke is absent.

        Personal data in the clear: what is shown of them is masked first.
        """
        ...

    def audit(self, after: str, *, limit: int) -> AuditPage:
        """Examine the cases after a key, with their histories; the first page is after ''."""
        ...

    def ledger_history(self) -> list[LedgerEntry | UnreadableRow]:
        """Return what happened to the ledger as a whole, oldest first; an altered row by number."""
        ...

    def messages(self, key: str) -> list[MessageView | UnreadableRow]:
        """Return the messages about a case, oldest first, with their attempts."""
        ...

    def superseded(self, agency: str, *, since: datetime, limit: int) -> list[Superseded]:
        """Return the latest dispatches to `agency` that are over since then, undecided."""
        ...

    def parked(self, keys: Sequence[str], *, peer: str | None, limit: int) -> list[ParkedMessage]:
        """Return the parked messages of these cases, or with a `peer` all to it, oldest first."""
        ...

    def notices_due(
        self, *, before: date | None, after: NoticeDue | None, limit: int
    ) -> list[NoticeDue]:
        """Return notices that are due by their last day, those unknown last; keyset.

        With `before`, only those whose last day is before that Beijing date.
        """
        ...

    def newest_nonce(self, key_id: str) -> datetime | None:
        """Return until when the nonce that a key used last was good; None where none is kept.

        Nonces are kept for minutes: it tells of calls that were accepted lately, and no others.
        """
        ...

    def open_by_agency(self) -> Mapping[str, int]:
        """Return how many cases each agency has that it has not decided; none where it has none."""
        ...

    def figures(self, today: date, warned_until: date | None = None) -> FlowFigures:
        """Return the counts; `today` is the Beijing date that decides what is overdue.

        `warned_until` is the last due date that is warned of (预警), without it that of today.
        """
        ...

    def rows_by_epoch(self) -> Mapping[int, int]:
        """Return how many rows are sealed under the keys of each epoch; under 0, in clear."""
        ...

    def epochs_in_use(self) -> AbstractSet[int]:
        """Return the epochs whose keys were used and not retired."""
        ...

    def newest_epoch(self) -> int:
        """Return the epoch of the newest content, 0 where there is none."""
        ...

    def key_uses(self) -> Mapping[int, int]:
        """Return how many uses of each data key are reserved."""
        ...

    def quarantined(self, *, limit: int) -> list[QuarantineRow | UnreadableRow]:
        """Return the open items in quarantine, newest first."""
        ...
