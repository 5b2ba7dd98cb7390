"""办结时限: working days of Beijing's calendar, by policy, never guessed."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from gateway.domain.deadline import (
    Due,
    DueDates,
    due,
    overdue,
    warned_until,
    working_days_late,
)
from gateway.domain.province import Allowance, Province
from schemas.reference.calendar import WorkingCalendar
from schemas.reference.divisions import DivisionTree
from tests.builders.records import a_province

CALENDAR = WorkingCalendar.load()


def at(text: str) -> datetime:
    """Read an instant with its offset."""
    return datetime.fromisoformat(text)


def due_on(accepted_at: str, policy: str = "2020-3", days: tuple[int, int] = (7, 3)) -> date | None:
    return due(
        at(accepted_at), policy, province=a_province(working_days=days), calendar=CALENDAR
    ).on


def test_the_day_of_receipt_does_not_count() -> None:
    assert due_on("2026-03-02T09:30:00+08:00") == date(2026, 3, 11)  # Monday: seven days on


def test_the_newer_policy_allows_three_working_days() -> None:
    assert due_on("2026-03-02T09:30:00+08:00", "2020-79") == date(2026, 3, 5)


def test_a_policy_without_a_rule_is_held_to_the_default() -> None:
    assert due_on("2026-03-02T09:30:00+08:00", "2031-5") == date(2026, 3, 11)


def test_cached_due_dates_are_those_of_their_day_and_policy() -> None:
    province, noon = a_province(), datetime(2026, 3, 2, 4, tzinfo=UTC)
    dates = DueDates(province, CALENDAR, DivisionTree.load())
    cases = [
        (noon + timedelta(days=day), policy) for day in range(9) for policy in ("2020-3", "2020-79")
    ]
    for accepted, policy in (*cases, *cases):
        expected = due(accepted, policy, province=province, calendar=CALENDAR)
        assert dates.of(accepted.date(), policy, "410105") == expected


def test_the_rule_is_said_with_its_source() -> None:
    accepted = at("2026-03-02T09:30:00+08:00")
    found = due(accepted, "2020-79", province=a_province(), calendar=CALENDAR)
    assert found == Due(date(2026, 3, 5), "3 个工作日（人社厅发〔2020〕79号）")


@pytest.mark.parametrize(
    ("accepted_at", "expected"),
    [
        ("2026-03-02T09:30:00+08:00", date(2026, 3, 2)),  # a Monday
        ("2026-03-02T23:59:59+08:00", date(2026, 3, 2)),
        ("2026-03-07T10:00:00+08:00", date(2026, 3, 9)),  # a Saturday: Monday
        ("2026-02-14T10:00:00+08:00", date(2026, 2, 14)),  # a make-up Saturday
        ("2026-02-16T10:00:00+08:00", date(2026, 2, 24)),  # 春节
        ("2026-10-01T08:00:00+08:00", date(2026, 10, 8)),  # 国庆节
    ],
)
def test_henan_decides_on_the_day_of_download(accepted_at: str, expected: date) -> None:
    assert due_on(accepted_at, days=(0, 0)) == expected


def test_same_day_handling_is_said_as_such() -> None:
    accepted = at("2026-03-02T09:30:00+08:00")
    province = a_province(working_days=(0, 0))
    found = due(accepted, "2020-79", province=province, calendar=CALENDAR)
    assert found.rule == "当日办结（人社厅发〔2020〕79号）"


def test_spring_festival_is_skipped_and_its_make_up_saturdays_count() -> None:
    # Friday the 13th; the 14th works, the 15th to the 23rd are off, the 28th (a Saturday) works
    assert due_on("2026-02-13T10:00:00+08:00", "2020-79") == date(2026, 2, 25)
    assert due_on("2026-02-13T10:00:00+08:00", "2020-3") == date(2026, 3, 2)


def test_a_day_begins_at_midnight_in_beijing() -> None:
    assert due_on("2026-03-02T15:59:59Z", "2020-79") == date(2026, 3, 5)
    assert due_on("2026-03-02T16:00:00Z", "2020-79") == date(2026, 3, 6)


def test_the_zone_an_instant_is_written_in_does_not_matter() -> None:
    assert (
        due_on("2026-03-02T16:00:00Z")
        == due_on("2026-03-03T00:00:00+08:00")
        == due_on("2026-03-02T08:00:00-08:00")
    )


@pytest.mark.parametrize("days", [(7, 3), (0, 0)])
def test_beyond_the_last_announced_year_the_date_is_unknown(days: tuple[int, int]) -> None:
    accepted = datetime(CALENDAR.years[-1] + 1, 1, 4, 2, tzinfo=UTC)
    found = due(accepted, "2020-3", province=a_province(working_days=days), calendar=CALENDAR)
    assert found.on is None
    assert f"{CALENDAR.years[-1] + 1} 年工作日历未公布" in found.rule


def test_an_allowance_that_runs_out_of_the_calendar_is_unknown() -> None:
    last = CALENDAR.years[-1]
    accepted = datetime(last, 12, 30, 2, tzinfo=UTC)
    found = due(accepted, "2020-3", province=a_province(), calendar=CALENDAR)
    rule = "7 个工作日（人社厅发〔2020〕3号 第三部分）"
    assert found == Due(None, f"{rule}；{last + 1} 年工作日历未公布")


def test_an_allowance_may_end_on_the_last_working_day_that_is_known() -> None:
    assert due_on("2026-12-28T10:00:00+08:00", "2020-79") == date(2026, 12, 31)


def test_a_case_is_overdue_once_the_due_day_is_over_in_beijing() -> None:
    last_day = date(2026, 3, 5)
    assert not overdue(last_day, at("2026-03-05T15:59:59Z"))
    assert overdue(last_day, at("2026-03-05T16:00:00Z"))


def test_a_case_whose_due_date_is_unknown_is_never_overdue() -> None:
    assert not overdue(None, at("2099-01-01T00:00:00Z"))


def a_province_with_a_stricter_city() -> Province:
    """Return a province of seven and three days, with one day in 郑州市 and none in 金水区."""
    older, newer = (Allowance(policy, 1, "郑州市的规定") for policy in ("2020-3", "2020-79"))
    at_once = Allowance("2020-79", 0, "金水区的规定")
    own = {"410100": {"2020-3": older, "2020-79": newer}, "410105": {"2020-79": at_once}}
    return replace(a_province(), division_allowances=own)


@pytest.mark.parametrize(
    ("policy", "place", "expected"),
    [
        ("2020-3", "410202", date(2026, 3, 11)),  # 开封市 has no rule of its own
        ("2020-3", "410103", date(2026, 3, 3)),  # 二七区 lies in 郑州市
        ("2020-3", "410105", date(2026, 3, 3)),  # 金水区 has none for this policy: its city has
        ("2020-79", "410105", date(2026, 3, 2)),
        ("2020-79", "410105001", date(2026, 3, 2)),  # a street of it
        ("2020-79", "410100", date(2026, 3, 3)),
        ("2031-5", "410105", date(2026, 3, 3)),  # held to the default, which is 2020-3
        ("2020-3", "", date(2026, 3, 11)),  # the application could not be read
        ("2020-3", "999999", date(2026, 3, 11)),  # no such place
    ],
)
def test_the_nearest_division_with_a_rule_for_the_policy_decides(
    policy: str, place: str, expected: date
) -> None:
    dates = DueDates(a_province_with_a_stricter_city(), CALENDAR, DivisionTree.load())
    assert dates.of(date(2026, 3, 2), policy, place).on == expected


def test_the_rule_of_a_division_is_said_with_its_source() -> None:
    province = a_province_with_a_stricter_city()
    accepted = at("2026-03-02T09:30:00+08:00")
    chain = ("410103", "410100", "410000")
    found = due(accepted, "2020-79", province=province, calendar=CALENDAR, above=chain)
    assert found == Due(date(2026, 3, 3), "1 个工作日（郑州市的规定）")


@pytest.mark.parametrize(
    ("due_on", "today", "late"),
    [
        (date(2026, 3, 5), date(2026, 3, 5), 0),
        (date(2026, 3, 5), date(2026, 3, 6), 1),
        (date(2026, 3, 6), date(2026, 3, 8), 0),  # the weekend in between is no working day
        (date(2026, 3, 6), date(2026, 3, 9), 1),
        (date(2026, 9, 30), date(2026, 10, 8), 1),  # 国庆节
        (date(2026, 3, 9), date(2026, 3, 5), -2),  # Friday and Monday are left
        (date(2025, 12, 30), date(2026, 1, 5), 3),  # 31, the make-up Sunday of 4 January, 5
    ],
)
def test_working_days_overdue_are_counted_by_the_calendar(
    due_on: date, today: date, late: int
) -> None:
    assert working_days_late(due_on, today, CALENDAR) == late


def test_beyond_the_calendar_nobody_counts_days_overdue() -> None:
    assert (
        working_days_late(date(2026, 12, 31), date(CALENDAR.years[-1] + 1, 1, 4), CALENDAR) is None
    )


def test_a_warning_reaches_as_many_working_days_ahead_as_the_calendar_does() -> None:
    friday, last_day = date(2026, 3, 6), date(CALENDAR.years[-1], 12, 31)
    assert warned_until(friday, 0, CALENDAR) == friday
    assert warned_until(friday, 1, CALENDAR) == date(2026, 3, 9)
    assert warned_until(last_day, 3, CALENDAR) == last_day
    assert warned_until(date(2026, 12, 30), 3, CALENDAR) == last_day
