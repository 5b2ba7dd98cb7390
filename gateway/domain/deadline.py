"""办结时限: until when an agency may still decide, in working days of the Beijing calendar."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from gateway.domain.case import UNDECIDED, Case, Change, Step, advance
from gateway.domain.detail import DUE_KNOWN, Detail
from gateway.domain.province import Allowance, Province
from schemas.reference.calendar import CalendarGap, WorkingCalendar
from schemas.reference.clock import beijing_date
from schemas.reference.divisions import DivisionTree, UnknownDivision


@dataclass(frozen=True, slots=True)
class Due:
    """The last day allowed (Beijing), None while the calendar does not reach it; and the rule."""

    on: date | None
    rule: str


def due(
    accepted_at: datetime,
    policy: str,
    *,
    province: Province,
    calendar: WorkingCalendar,
    above: Sequence[str] = (),
) -> Due:
    """Return the due date of a case accepted at `accepted_at` (an instant, any zone).

    The day of receipt does not count; an allowance of 0 working days means the day of download
    itself, or the next working day when that is none. A policy the province has no rule for is
    held to the province's default. `above` are the divisions from the registration place up: the
    nearest that has a rule of its own for the policy decides, else the province. Beyond the last
    announced year the date is unknown.

    Source: 人社厅发〔2020〕3号 art. 3 (7 days); 人社厅发〔2020〕79号 (3 days); 豫人社办〔2020〕35号
        annex 1 no. 1 (same day); 民法典 art. 201 (the first day does not count).
    """
    return _due(beijing_date(accepted_at), _allowance(policy, above, province), calendar)


class DueDates:
    """`due` for one province and calendar, with caches: a page is of one day and few policies."""

    def __init__(self, province: Province, calendar: WorkingCalendar, tree: DivisionTree) -> None:
        self._province, self._calendar, self._tree = province, calendar, tree
        self._cached_find = lru_cache(maxsize=1024)(self._find)
        self._cached_ruling = lru_cache(maxsize=16_384)(self._ruling)

    def of(self, received_on: date, policy: str, place: str) -> Due:
        """Return the due date of a case of `place` received on a Beijing date; see `due`."""
        has_own = bool(self._province.division_allowances)
        ruling = self._cached_ruling(place, received_on) if has_own else ()
        return self._cached_find(received_on, policy, ruling)

    def _find(self, received_on: date, policy: str, ruling: tuple[str, ...]) -> Due:
        return _due(received_on, _allowance(policy, ruling, self._province), self._calendar)

    def _ruling(self, place: str, on: date) -> tuple[str, ...]:
        """Return the divisions above a place, itself included, that have rules of their own."""
        try:
            above = self._tree.ancestors(place, on)
        except UnknownDivision:
            return ()
        return tuple(one for one in above if one in self._province.division_allowances)


def due_known(case: Case, *, due_dates: DueDates, at: datetime) -> Change | None:
    """Return an open case with the due date that was unknown, once the calendar reaches it.

    The date follows from when the case was accepted, as if the calendar had been there then;
    None where it is known already, or unknown still.
    """
    if case.due_on is not None or case.state not in UNDECIDED:
        return None
    term = due_dates.of(beijing_date(case.accepted_at), case.policy, case.place_division)
    if term.on is None:
        return None
    note = str(Detail(DUE_KNOWN, {"on": term.on.isoformat()}))
    return advance(
        case, Step.NOTE, at=at, actor="calendar", note=note, due_on=term.on, due_rule=term.rule
    )


def overdue(due_on: date | None, now: datetime) -> bool:
    """Say whether `due_on` (Beijing) has passed at `now`; an unknown date is never overdue."""
    return due_on is not None and beijing_date(now) > due_on


def working_days_late(due_on: date, today: date, calendar: WorkingCalendar) -> int | None:
    """Return how many working days `today` is past `due_on`; negative: so many are left.

    None where the calendar does not reach.
    """
    try:
        if today > due_on:
            return calendar.count_working_days(due_on, today)
        return -calendar.count_working_days(today, due_on)
    except CalendarGap:
        return None


def warned_until(today: date, working_days: int, calendar: WorkingCalendar) -> date:
    """Return the last due date that is warned of on `today` (预警), so many working days ahead.

    Where the calendar ends before, what is due until its end is warned of.
    """
    for days in range(working_days, 0, -1):
        try:
            return calendar.add_working_days(today, days)
        except CalendarGap:
            continue
    return today


def _due(received_on: date, allowance: Allowance, calendar: WorkingCalendar) -> Due:
    try:
        return Due(_last_day(received_on, allowance, calendar), _rule_text(allowance))
    except CalendarGap as gap:
        return Due(None, f"{_rule_text(allowance)}；{gap.year} 年工作日历未公布")


def _allowance(policy: str, above: Sequence[str], province: Province) -> Allowance:
    ruled = policy if policy in province.allowances else province.default_policy
    for division in above:
        own = province.division_allowances.get(division, {}).get(ruled)
        if own is not None:
            return own
    return province.allowances[ruled]


def _last_day(received_on: date, allowance: Allowance, calendar: WorkingCalendar) -> date:
    if allowance.working_days == 0:
        return calendar.next_working_day_on_or_after(received_on)
    return calendar.add_working_days(received_on, allowance.working_days)


def _rule_text(allowance: Allowance) -> str:
    if allowance.working_days == 0:
        return f"当日办结（{allowance.source}）"
    return f"{allowance.working_days} 个工作日（{allowance.source}）"
