"""对账单 of the national side: what its book has of a day, for the area that asks.

A day's statement follows from the book as it stood when the day closed, so it is the same however
often, and whenever, it is asked for. There is none before that.

Assumed: the notices describe no reconciliation (对账); a day closes at midnight in Beijing.
"""

from collections import OrderedDict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Final

from schemas.records.statements import EntryKind, StatementEntry
from schemas.reference.clock import BEIJING, beijing_date
from simulator.errors import RequestRefused
from simulator.exchanges.entries import Application, FeedKind
from simulator.exchanges.statements import DayStatement
from simulator.national.book import Book
from simulator.national.places import is_within

_KEPT: Final = 8
_RESULT_KINDS: Final = {
    "outcome": EntryKind.OUTCOME,
    "registration": EntryKind.REGISTRATION,
}


class Statements:
    """The statements of one book; the latest few are kept while their parts are fetched."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._closed_early: dict[date, datetime] = {}
        self._kept: OrderedDict[tuple[str, date, datetime], DayStatement] = OrderedDict()

    def close(self, day: date) -> datetime:
        """Close a day now, before it has ended, for a joint test; return up to when it counts.

        Raises:
            RequestRefused: The day has not begun.
        """
        now = self._book.now()
        if day > beijing_date(now):
            raise RequestRefused("statement.not-ready")
        if now < _end_of(day):
            self._closed_early[day] = now
        return self._closed_at(day)

    def of(self, area: str, day: date) -> DayStatement:
        """Return the statement of a Beijing day for an area.

        Raises:
            RequestRefused: The day is not closed yet.
        """
        closed_at = self._closed_at(day)
        if closed_at > self._book.now():
            raise RequestRefused("statement.not-ready")
        asked = (area, day, closed_at)
        found = self._kept.get(asked)
        if found is None:
            entries = tuple(self._entries(area, day, closed_at))
            found = self._kept[asked] = DayStatement(day, area, closed_at, entries)
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found

    def _closed_at(self, day: date) -> datetime:
        end = _end_of(day)
        return end if end <= self._book.now() else self._closed_early.get(day, end)

    def _entries(self, area: str, day: date, closed_at: datetime) -> Iterator[StatementEntry]:
        def counts(at: datetime) -> bool:
            return beijing_date(at) == day and at <= closed_at

        short = self._book.tree.normalise(area)
        for one in self._book.applications:
            if one.area == short:
                yield from self._forwarded(one, day, closed_at)
        for result in self._book.results:
            if counts(result.at) and self._is_of(short, result.key, result.outcome.division):
                yield StatementEntry(
                    kind=_RESULT_KINDS[result.kind],
                    key=result.key,
                    revision=result.revision,
                    verdict=result.outcome.verdict,
                    digest=result.digest,
                    at=result.at,
                )
        for ended in self._book.deregistrations():
            if counts(ended.at) and self._is_of(short, ended.record.key, ended.record.division):
                yield StatementEntry(
                    kind=EntryKind.DEREGISTRATION,
                    key=ended.record.key,
                    revision=ended.record.revision,
                    digest=ended.digest,
                    at=ended.at,
                )

    def _forwarded(
        self, one: Application, day: date, closed_at: datetime
    ) -> Iterator[StatementEntry]:
        """Yield the application, and its withdrawal, if they were forwarded on that day."""
        items: tuple[tuple[FeedKind, datetime | None], ...] = (
            ("application", one.forwarded_at),
            ("withdrawal", one.withdrawn_at),
        )
        for kind, at in items:
            if at is None or beijing_date(at) != day or at > closed_at:
                continue
            acknowledged_at = self._book.acknowledged_at(kind, one.number)
            yield StatementEntry(
                kind=EntryKind(kind),
                key=one.number,
                revision=1,
                acknowledged=acknowledged_at is not None and acknowledged_at <= closed_at,
                digest=self._book.forwarded_digest(kind, one.number),
                at=at,
            )

    def _is_of(self, area: str, key: str, division: str | None) -> bool:
        if division is not None:
            return is_within(division, area, self._book.tree)
        application = self._book.applications.find(key)
        return application is not None and application.area == area


def _end_of(day: date) -> datetime:
    """Return the midnight at which a Beijing day ends."""
    return datetime.combine(day + timedelta(days=1), time(), BEIJING)
