"""报表读取: what lists and figures of deadlines, periods and persons are made of, page by page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, Protocol, TypeVar

from gateway.domain.case import Case, HistoryEntry, State, Step
from gateway.ports.disclosures import RecordedDisclosure, RecordedRows

T = TypeVar("T")

ReportMark = tuple[int | str, ...]
"""How far a reading has come: opaque, given back as it was got."""


@dataclass(frozen=True, slots=True)
class ReportPage(Generic[T]):
    """Some rows in order, how many could not be read, and where to go on; None at the end."""

    rows: tuple[T, ...]
    unreadable: int
    last: ReportMark | None


@dataclass(frozen=True, slots=True)
class CaseInstant:
    """Something that happened to a case at an instant (UTC)."""

    key: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message about a case, and how sending it went; instants in UTC.

    `error` says why the last attempt failed; it goes again at `due_at`, unless it ended at
    `ended_at` as `ended_as`, or waits since `parked_at` for a person.
    """

    kind: str
    peer: str
    revision: int
    attempts: int
    error: str | None
    due_at: datetime
    parked_at: datetime | None
    ended_at: datetime | None
    ended_as: str | None


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """The applicant of a case for a list of names, masked unless it was asked for in full.

    `mobile` and `unemployed_since` are as the form has them; None where it lacks them or cannot
    be opened (`is_readable` is false then).
    """

    name: str
    certificate: str
    mobile: str | None
    unemployed_since: str | None
    is_readable: bool = True


class Reports(Protocol):
    """Reading for reports: every page by a range of an index, and nothing beside it."""

    def due(
        self,
        state: State,
        *,
        first: date | None,
        last: date | None,
        after: ReportMark | None,
        limit: int,
        agency: str | None = None,
    ) -> ReportPage[Case]:
        """Return cases in a state by due date and key: from `first` to `last`, both inclusive.

        Without a `last` those whose due date is unknown come at the end.
        """
        ...

    def entries(
        self,
        step: Step,
        *,
        since: datetime,
        before: datetime,
        after: ReportMark | None,
        limit: int,
    ) -> ReportPage[HistoryEntry]:
        """Return the entries `accept` or `decide` of a period, by time."""
        ...

    def endings(self, keys: Sequence[str]) -> Mapping[str, Sequence[HistoryEntry]]:
        """Return how cases were decided, withdrawn or returned, each oldest first."""
        ...

    def messages(self, keys: Sequence[str]) -> Mapping[str, Sequence[SentMessage]]:
        """Return the messages about cases, each oldest first."""
        ...

    def refused_uploads(self, *, after: ReportMark | None, limit: int) -> ReportPage[CaseInstant]:
        """Return what the national side refused and nobody has settled, with when it did."""
        ...

    def conflicts(
        self, *, since: datetime, before: datetime, after: ReportMark | None, limit: int
    ) -> ReportPage[CaseInstant]:
        """Return the cases of which an agency sent a record twice with other content, by time."""
        ...

    def persons(self, keys: Sequence[str], *, in_full: bool) -> Mapping[str, ListedPerson]:
        """Return the applicants of cases; `in_full` only after a disclosure was recorded."""
        ...

    def disclosures(self, after: int, *, limit: int) -> RecordedRows:
        """Return the disclosures after a number, by number; a missing one stands unreadable."""
        ...

    def disclosures_between(
        self, *, since: datetime, before: datetime, after: ReportMark | None, limit: int
    ) -> ReportPage[RecordedDisclosure]:
        """Return the disclosures of a period, by time."""
        ...
