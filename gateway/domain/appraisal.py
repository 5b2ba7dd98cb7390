"""考核: the four faults that the ministry reports on, judged case by case.

对接滞后, 响应逾期, 反馈数据不准, 更新不及时. What the notice names it does not define: each rule
here says what it takes for the fault.

Source: 人社厅发〔2020〕3号 第八部分; 豫人社办〔2020〕35号 第七部分; 湘人社函〔2020〕23号 第五部分.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final

from gateway.domain.case import UNDECIDED, Case, HistoryEntry
from gateway.domain.decision import Decision
from schemas.reference.clock import BEIJING, beijing_date


class AppraisalFigure(StrEnum):
    """What is counted of a period, each case once."""

    RECEIVED = "received"  # 接收转办申请
    DOCKED_LATE = "docked-late"  # 对接滞后
    ANSWERED_LATE = "answered-late"  # 响应逾期
    FEEDBACK_WRONG = "feedback-wrong"  # 反馈不准
    UPDATED_LATE = "updated-late"  # 更新不及时


class Cause(StrEnum):
    """Why a case counts."""

    FORWARDED = "forwarded"
    STORED_LATE = "stored-late"
    ANSWERED_AFTER = "answered-after"
    STILL_OPEN = "still-open"
    VERDICT_CHANGED = "verdict-changed"
    UPLOAD_REFUSED = "upload-refused"
    CONTENT_CONFLICT = "content-conflict"
    REPORTED_LATE = "reported-late"
    NOT_REPORTED = "not-reported"


@dataclass(frozen=True, slots=True)
class Period:
    """Beijing dates, both inclusive."""

    first: date
    last: date

    @property
    def since(self) -> datetime:
        """The first instant."""
        return datetime.combine(self.first, time(), BEIJING)

    @property
    def before(self) -> datetime:
        """The first instant after it."""
        return datetime.combine(self.last + timedelta(days=1), time(), BEIJING)

    def holds(self, at: datetime) -> bool:
        """Say whether an instant lies in it."""
        return self.since <= at < self.before


@dataclass(frozen=True, slots=True)
class Limits:
    """From when on it is late.

    Assumed: one hour from the person's submission to our storing it, round the clock
    Assumed: one hour from the agency's decision to the receipt of the national side
    """

    docking: timedelta = timedelta(hours=1)
    update: timedelta = timedelta(hours=1)


def docked_late(case: Case, limits: Limits) -> bool:
    """Say whether a forwarded application was stored too late after it was submitted.

    One that came unreadable has no known time of submission, and is not late.
    """
    return case.accepted_at - case.submitted_at > limits.docking


def answered_late(case: Case, endings: Sequence[HistoryEntry], today: date) -> Cause | None:
    """Return how a case was, or is, not answered until its due date; None where it is in time.

    A forwarded case is answered when the result, the withdrawal or the return reaches the gateway,
    one accepted locally when it was decided: it is heard of only then. One without a due date is
    never late.

    Assumed: that the arrival counts, not the date that the agency writes into the result
    """
    if case.due_on is None:
        return None
    answered_on = _answered_on(case, endings)
    if answered_on is None:
        return Cause.STILL_OPEN if case.state in UNDECIDED and today > case.due_on else None
    return Cause.ANSWERED_AFTER if answered_on > case.due_on else None


def _answered_on(case: Case, endings: Sequence[HistoryEntry]) -> date | None:
    if not endings:
        return None
    first = endings[0]
    decision = Decision.read(first) if case.is_local else None
    decided_at = None if decision is None else decision.decided_at
    return beijing_date(decided_at or first.at)


def changed_verdicts(decisions: Sequence[Decision]) -> Iterator[Decision]:
    """Yield the decisions of one case, in order, that say otherwise than the one before.

    What is not recorded with its verdict is passed by.
    """
    known = [one for one in decisions if one.is_recorded]
    for earlier, later in pairwise(known):
        if earlier.verdict != later.verdict:
            yield later


def updated_late(
    decision: Decision, received_at: datetime | None, limits: Limits, now: datetime
) -> Cause | None:
    """Return how a decision reached the national side too late; None where it did in time.

    `received_at` is when the national side had it, None where it has not yet.
    """
    if decision.decided_at is None:
        return None
    if (received_at or now) - decision.decided_at <= limits.update:
        return None
    return Cause.NOT_REPORTED if received_at is None else Cause.REPORTED_LATE


FAULTS: Final = tuple(one for one in AppraisalFigure if one is not AppraisalFigure.RECEIVED)
"""The four faults, in the order of the notice."""
