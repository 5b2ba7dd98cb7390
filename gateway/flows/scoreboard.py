"""考核统计: the cases behind each figure of a period, read page by page; nothing is changed.

A figure is the number of the cases found here, so that a list of them and the figure cannot differ.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Final

from gateway.domain.appraisal import (
    AppraisalFigure,
    Cause,
    Limits,
    Period,
    answered_late,
    changed_verdicts,
    docked_late,
    updated_late,
)
from gateway.domain.case import Case, State
from gateway.domain.decision import Decision
from gateway.domain.outbox_rules import MessageKind
from gateway.flows.report_pages import (
    Coverage,
    Reading,
    accepted_page,
    conflict_page,
    decided_page,
    due_page,
    read_pages,
    refused_page,
)
from gateway.ports import PORTAL
from gateway.ports.reports import SentMessage
from gateway.ports.store import Reader
from schemas.reference.clock import beijing_date

_UPLOADS: Final = frozenset({MessageKind.REPORT, MessageKind.REGISTRATION})
_SETTLED: Final = "settled"


@dataclass(frozen=True, slots=True)
class Appraised:
    """A case that counts for a figure, and why; `at` is when what counts happened, or was due."""

    figure: AppraisalFigure
    case: Case
    cause: Cause
    at: datetime | date


@dataclass(frozen=True, slots=True)
class AppraisalTerms:
    """Of which period, from when on it is late, and what time it is (UTC)."""

    period: Period
    limits: Limits
    now: datetime


async def appraise(
    store: Reader, terms: AppraisalTerms, coverage: Coverage
) -> AsyncIterator[Appraised]:
    """Yield the cases that count for the figures of a period, each once a figure.

    `coverage` tells afterwards what could not be judged.

    Raises:
        StoreUnavailable: The ledger cannot be read now.
    """
    period = terms.period
    async for page in read_pages(store, partial(accepted_page, period=period), coverage):
        for one in _received(page, terms.limits):
            yield one
    for state in State:
        view = partial(
            due_page, state=state, first=period.first, last=period.last, with_endings=True
        )
        async for page in read_pages(store, view, coverage):
            for one in _answered_late(page, beijing_date(terms.now)):
                yield one
    seen: set[tuple[AppraisalFigure, str]] = set()
    async for one in _feedback(store, terms, coverage):
        mark = (one.figure, one.case.key)
        if mark not in seen:
            seen.add(mark)
            yield one


async def _feedback(
    store: Reader, terms: AppraisalTerms, coverage: Coverage
) -> AsyncIterator[Appraised]:
    """Yield what was fed back wrong or late; a case may come more than once."""
    async for page in read_pages(store, partial(decided_page, period=terms.period), coverage):
        coverage.unrecorded += sum(not one.is_recorded for one in page.decisions)
        for one in _of_decisions(page, terms):
            yield one
    async for page in read_pages(store, refused_page, coverage):
        for one in _of_instants(page, Cause.UPLOAD_REFUSED, terms.period):
            yield one
    async for page in read_pages(store, partial(conflict_page, period=terms.period), coverage):
        for one in _of_instants(page, Cause.CONTENT_CONFLICT, terms.period):
            yield one


def _received(page: Reading, limits: Limits) -> Iterator[Appraised]:
    for case in page.cases.values():
        if case.is_local:
            continue
        yield Appraised(AppraisalFigure.RECEIVED, case, Cause.FORWARDED, case.accepted_at)
        if docked_late(case, limits):
            yield Appraised(AppraisalFigure.DOCKED_LATE, case, Cause.STORED_LATE, case.accepted_at)


def _answered_late(page: Reading, today: date) -> Iterator[Appraised]:
    for case in page.cases.values():
        cause = answered_late(case, page.endings.get(case.key, ()), today)
        if cause is not None and case.due_on is not None:
            yield Appraised(AppraisalFigure.ANSWERED_LATE, case, cause, case.due_on)


def _of_decisions(page: Reading, terms: AppraisalTerms) -> Iterator[Appraised]:
    for key, entries in page.endings.items():
        decisions = [one for entry in entries if (one := Decision.read(entry)) is not None]
        for changed in changed_verdicts(decisions):
            if terms.period.holds(changed.taken_at) and key in page.cases:
                case, at = page.cases[key], changed.taken_at
                yield Appraised(AppraisalFigure.FEEDBACK_WRONG, case, Cause.VERDICT_CHANGED, at)
    for decision in page.decisions:
        late = _updated_late(decision, page, terms)
        if late is not None and decision.decided_at and decision.key in page.cases:
            case = page.cases[decision.key]
            yield Appraised(AppraisalFigure.UPDATED_LATE, case, late, decision.decided_at)


def _updated_late(decision: Decision, page: Reading, terms: AppraisalTerms) -> Cause | None:
    """Return how the report of a decision was late; one that was cancelled is not waited for."""
    message = next(
        (
            one
            for one in page.messages.get(decision.key, ())
            if _is_upload(one) and one.revision == decision.revision
        ),
        None,
    )
    if message is None or message.ended_as not in {None, _SETTLED}:
        return None
    return updated_late(decision, message.ended_at, terms.limits, terms.now)


def _is_upload(message: SentMessage) -> bool:
    return message.peer == PORTAL and message.kind in _UPLOADS


def _of_instants(page: Reading, cause: Cause, period: Period) -> Iterator[Appraised]:
    for one in page.instants:
        if period.holds(one.at) and one.key in page.cases:
            yield Appraised(AppraisalFigure.FEEDBACK_WRONG, page.cases[one.key], cause, one.at)
