"""The working calendar, against an independent package and by hand."""

from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.reference.calendar import CalendarGap, WorkingCalendar
from schemas.reference.csv_table import TableUnreadable

CALENDAR = WorkingCalendar.load()
HEADER = "date,kind,name,source\n"
days = st.dates(date(2020, 1, 1), date(2026, 11, 30))


def a_year(folder: Path, year: int, *rows: str) -> Path:
    path = folder / f"{year}.csv"
    path.write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def is_working_day(day: date, calendar: WorkingCalendar = CALENDAR) -> bool:
    return calendar.next_working_day_on_or_after(day) == day


@pytest.mark.parametrize("year", CALENDAR.years)
def test_every_day_is_what_an_independent_package_says(year: int) -> None:
    day = date(year, 1, 1)
    differing = []
    while day.year == year:
        if is_working_day(day) != chinese_calendar.is_workday(day):
            differing.append(day)
        day += timedelta(days=1)
    assert differing == []


def test_the_shipped_years_are_2020_to_2026() -> None:
    assert CALENDAR.years == tuple(range(2020, 2027))


def test_a_make_up_saturday_counts_and_a_holiday_monday_does_not() -> None:
    assert is_working_day(date(2026, 2, 14))
    assert not is_working_day(date(2026, 2, 16))


def test_the_extended_spring_festival_of_2020_ends_on_the_second_of_february() -> None:
    assert CALENDAR.next_working_day_on_or_after(date(2020, 1, 24)) == date(2020, 2, 3)


def test_the_day_of_the_start_does_not_count() -> None:
    assert CALENDAR.add_working_days(date(2026, 11, 20), 1) == date(2026, 11, 23)
    assert CALENDAR.add_working_days(date(2026, 11, 21), 1) == date(2026, 11, 23)
    assert CALENDAR.add_working_days(date(2026, 11, 20), 0) == date(2026, 11, 20)


def test_seven_working_days_over_the_national_holiday_of_2025() -> None:
    # 09-29, 09-30, then 10-09, 10-10, 10-11 (make-up Saturday), 10-13, 10-14
    assert CALENDAR.add_working_days(date(2025, 9, 28), 7) == date(2025, 10, 14)


def test_a_period_runs_over_the_end_of_the_year() -> None:
    assert CALENDAR.add_working_days(date(2025, 12, 31), 1) == date(2026, 1, 4)


@given(start=days, count=st.integers(1, 15))
def test_a_period_holds_exactly_its_working_days(start: date, count: int) -> None:
    end = CALENDAR.add_working_days(start, count)
    inside = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert sum(is_working_day(day) for day in inside) == count
    assert is_working_day(end)


@given(day=days)
def test_the_next_working_day_is_the_nearest_one(day: date) -> None:
    found = CALENDAR.next_working_day_on_or_after(day)
    between = [day + timedelta(days=n) for n in range((found - day).days)]
    assert is_working_day(found)
    assert not any(is_working_day(each) for each in between)


@pytest.mark.parametrize("day", [date(2019, 12, 31), date(2027, 1, 1)])
def test_a_day_of_an_unknown_year_is_an_error(day: date) -> None:
    with pytest.raises(CalendarGap) as raised:
        is_working_day(day)
    assert raised.value.year == day.year


def test_a_period_that_leaves_the_known_years_is_an_error() -> None:
    with pytest.raises(CalendarGap, match="2027"):
        CALENDAR.add_working_days(date(2026, 12, 30), 7)


def test_a_last_day_inside_the_known_years_needs_no_further_year() -> None:
    assert CALENDAR.add_working_days(date(2026, 12, 30), 1) == date(2026, 12, 31)


def test_a_negative_allowance_is_an_error() -> None:
    with pytest.raises(ValueError, match="negative"):
        CALENDAR.add_working_days(date(2026, 1, 5), -1)


def test_an_operators_file_adds_a_year(tmp_path: Path) -> None:
    a_year(tmp_path, 2027, "2027-01-01,off,元旦,国办")
    calendar = WorkingCalendar.load(tmp_path)
    assert calendar.add_working_days(date(2026, 12, 31), 1) == date(2027, 1, 4)
    assert CALENDAR.years[-1] == 2026


def test_an_operators_file_replaces_a_shipped_year_as_a_whole(tmp_path: Path) -> None:
    a_year(tmp_path, 2026, "2026-01-01,off,元旦,国办")
    calendar = WorkingCalendar.load(tmp_path)
    assert is_working_day(date(2026, 1, 2), calendar)
    assert not is_working_day(date(2026, 1, 4), calendar)


@pytest.mark.parametrize(
    "row",
    [
        "2027-01-01,holiday,元旦,国办",
        "20270101x,off,元旦,国办",
        ",off,元旦,国办",
        "2026-01-01,off,元旦,国办",
        "2027-01-01,off,元旦",
        "2027-01-01,off,元旦,国办\n2027-01-01,work,元旦,国办",
    ],
)
def test_a_damaged_row_names_its_file_and_line(tmp_path: Path, row: str) -> None:
    a_year(tmp_path, 2027, row)
    with pytest.raises(TableUnreadable, match=r"2027\.csv line [23]:"):
        WorkingCalendar.load(tmp_path)


def test_a_year_without_a_single_day_is_refused(tmp_path: Path) -> None:
    (tmp_path / "2027.csv").write_text(HEADER, encoding="utf-8")
    with pytest.raises(TableUnreadable, match="no days"):
        WorkingCalendar.load(tmp_path)


@pytest.mark.parametrize("name", ["next.csv", "２０２７.csv"])
def test_a_file_that_names_no_year_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(HEADER, encoding="utf-8")
    with pytest.raises(TableUnreadable, match="YYYY"):
        WorkingCalendar.load(tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableUnreadable, match="not a folder"):
        WorkingCalendar.load(tmp_path / "absent")
