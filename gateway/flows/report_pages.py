"""报表的页: what one page of a report needs of the ledger, read in one snapshot of it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Final, Protocol

from gateway.domain.appraisal import Period
from gateway.domain.case import Case, HistoryEntry, State, Step
from gateway.domain.decision import Decision
from gateway.ports.reports import CaseInstant, ReportMark, ReportPage, SentMessage
from gateway.ports.store import Reader
from gateway.ports.views import Views

PAGE: Final = 500
_FIRST_REVISION: Final = 1


@dataclass(slots=True)
class Coverage:
    """What could not be told: rows that cannot be read, decisions noted without their verdict."""

    unreadable: int = 0
    unrecorded: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """A page of entries, instants or cases, with the cases that they are about."""

    last: ReportMark | None
    unreadable: int
    cases: Mapping[str, Case]
    decisions: Sequence[Decision] = ()
    instants: Sequence[CaseInstant] = ()
    endings: Mapping[str, Sequence[HistoryEntry]] = field(default_factory=dict)
    messages: Mapping[str, Sequence[SentMessage]] = field(default_factory=dict)


class PageView(Protocol):
    """Reads the page after a mark."""

    def __call__(self, views: Views, *, after: ReportMark | None) -> Reading:
        """Return the page."""
        ...


async def read_pages(store: Reader, view: PageView, coverage: Coverage) -> AsyncIterator[Reading]:
    """Yield page after page, each from a snapshot of its own, so that no writer waits.

    Raises:
        StoreUnavailable: The ledger cannot be read now.
    """
    after: ReportMark | None = None
    while True:
        page = await store.read(partial(view, after=after))
        coverage.unreadable += page.unreadable
        yield page
        if page.last is None:
            return
        after = page.last


def accepted_page(views: Views, *, period: Period, after: ReportMark | None) -> Reading:
    """Read the cases that began in a period."""
    page = views.reports.entries(
        Step.ACCEPT, since=period.since, before=period.before, after=after, limit=PAGE
    )
    cases = views.cases([one.key for one in page.rows])
    return Reading(page.last, page.unreadable + len(page.rows) - len(cases), cases)


def decided_page(views: Views, *, period: Period, after: ReportMark | None) -> Reading:
    """Read the decisions taken in a period, their reports, and what came before corrections."""
    page = views.reports.entries(
        Step.DECIDE, since=period.since, before=period.before, after=after, limit=PAGE
    )
    decisions = [one for entry in page.rows if (one := Decision.read(entry)) is not None]
    keys = sorted({entry.key for entry in page.rows})
    again = sorted({one.key for one in decisions if one.revision > _FIRST_REVISION})
    return Reading(
        page.last,
        page.unreadable,
        views.cases(keys),
        decisions=decisions,
        endings=views.reports.endings(again),
        messages=views.reports.messages(keys),
    )


def due_page(  # noqa: PLR0913 -- which cases, and how much of each
    views: Views,
    *,
    state: State,
    first: date | None,
    last: date | None,
    after: ReportMark | None,
    agency: str | None = None,
    with_endings: bool = False,
    with_messages: bool = False,
) -> Reading:
    """Read cases in a state by due date, with how they ended or their messages where wanted."""
    page = views.reports.due(state, first=first, last=last, after=after, limit=PAGE, agency=agency)
    keys = [one.key for one in page.rows]
    return Reading(
        page.last,
        page.unreadable,
        {one.key: one for one in page.rows},
        endings=views.reports.endings(keys) if with_endings else {},
        messages=views.reports.messages(keys) if with_messages else {},
    )


def refused_page(views: Views, *, after: ReportMark | None) -> Reading:
    """Read what the national side refused and nobody has settled."""
    return _of_instants(views, views.reports.refused_uploads(after=after, limit=PAGE))


def conflict_page(views: Views, *, period: Period, after: ReportMark | None) -> Reading:
    """Read what agencies sent twice with other content in a period."""
    page = views.reports.conflicts(
        since=period.since, before=period.before, after=after, limit=PAGE
    )
    return _of_instants(views, page)


def _of_instants(views: Views, page: ReportPage[CaseInstant]) -> Reading:
    keys = sorted({one.key for one in page.rows})
    return Reading(page.last, page.unreadable, views.cases(keys), instants=page.rows)
