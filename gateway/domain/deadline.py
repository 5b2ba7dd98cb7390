"""办结时限: until when an agency may still decide, in working days of the Beijing calendar."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from gateway.domain.case import UNDECIDED, Case, Change, Step, advance
from gateway.domain.detail import DUE_KNOWN, Detail
from gateway.domain.province import Allowance, Province
from schemas.reference.calendar import CalendarGap, WorkingCalendar
from schemas.reference.clock import beijing_date


@dataclass(frozen=True, slots=True)
class Due:
    """The last day allowed (Beijing), None while the calendar does not reach it; and the rule."""

    on: date | None
    rule: str


def due(
    accepted_at: datetime, policy: str, *, province: Province, calendar: WorkingCalendar
) -> Due:
    """Return the due date of a case accepted at `accepted_at` (an instant, any zone).

    The day of receipt does not count; an allowance of 0 working days means the day of download
    itself, or the next working day when that is none. A policy the province has no rule for is
    held to the province's default. Beyond the last announced year the date is unknown.

    Source: 人社厅发〔2020〕3号 art. 3 (7 days); 人社厅发〔2020〕79号 (3 days); 豫人社办〔2020〕35号
        annex 1 no. 1 (same day); 民法典 art. 201 (the first day does not count).
    """
    return _due(beijing_date(accepted_at), policy, province, calendar)


class DueDates:
    """`due` for one province and calendar, with a cache: a page is of one day and few policies."""

    def __init__(self, province: Province, calendar: WorkingCalendar) -> None:
        self._province, self._calendar = province, calendar
        self._cached_find = lru_cache(maxsize=1024)(self._find)

    def of(self, received_on: date, policy: str) -> Due:
        """Return the due date of a case received on a Beijing date; see `due`."""
        return self._cached_find(received_on, policy)

    def _find(self, received_on: date, policy: str) -> Due:
        return _due(received_on, policy, self._province, self._calendar)


def due_known(
    case: Case, *, province: Province, calendar: WorkingCalendar, at: datetime
) -> Change | None:
    """Return an open case with the due date that was unknown, once the calendar reaches it.

    The date follows from when the case was accepted, as if the calendar had been there then;
    None where it is known already, or unknown still.
    """
    if case.due_on is not None or case.state not in UNDECIDED:
        return None
    term = due(case.accepted_at, case.policy, province=province, calendar=calendar)
    if term.on is None:
        return None
    note = str(Detail(DUE_KNOWN, {"on": term.on.isoformat()}))
    return advance(
        case, Step.NOTE, at=at, actor="calendar", note=note, due_on=term.on, due_rule=term.rule
    )


def overdue(due_on: date | None, now: datetime) -> bool:
    """Say whether `due_on` (Beijing) has passed at `now`; an unknown date is never overdue."""
    return due_on is not None and beijing_date(now) > due_on


def _due(received_on: date, policy: str, province: Province, calendar: WorkingCalendar) -> Due:
    allowance = province.allowances.get(policy) or province.allowances[province.default_policy]
    try:
        return Due(_last_day(received_on, allowance, calendar), _rule_text(allowance))
    except CalendarGap as gap:
        return Due(None, f"{_rule_text(allowance)}；{gap.year} 年工作日历未公布")


def _last_day(received_on: date, allowance: Allowance, calendar: WorkingCalendar) -> date:
    if allowance.working_days == 0:
        return calendar.next_working_day_on_or_after(received_on)
    return calendar.add_working_days(received_on, allowance.working_days)


def _rule_text(allowance: Allowance) -> str:
    if allowance.working_days == 0:
        return f"当日办结（{allowance.source}）"
    return f"{allowance.working_days} 个工作日（{allowance.source}）"
