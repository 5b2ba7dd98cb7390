"""对账日程: every day is compared once it is over, missed ones are caught up, the oldest first."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from gateway.domain.reconciling_days import DAYS_BACK, days_due, is_late, last_day, next_try

HALF_PAST_ONE = time(1, 30)
MARCH_5 = datetime(2026, 3, 4, 17, 30, tzinfo=UTC)  # 01:30 in Beijing
BEGAN = date(2026, 3, 1)


def due(
    known: dict[date, datetime | None], at: datetime = MARCH_5, began: date | None = BEGAN
) -> list[int]:
    """Return the days of March that are due."""
    return [day.day for day in days_due(known, at, daily_at=HALF_PAST_ONE, began=began)]


def test_the_day_before_is_due_from_the_set_time_on() -> None:
    assert last_day(MARCH_5, HALF_PAST_ONE) == date(2026, 3, 4)
    assert last_day(MARCH_5 - timedelta(seconds=1), HALF_PAST_ONE) == date(2026, 3, 3)


def test_days_that_were_missed_are_caught_up_the_oldest_first() -> None:
    assert due({date(2026, 3, 2): None}) == [3, 4]


def test_a_month_is_caught_up_at_most() -> None:
    began = date(2025, 1, 1)
    found = days_due({began: None}, MARCH_5, daily_at=HALF_PAST_ONE, began=began)
    assert (len(found), found[-1]) == (DAYS_BACK, date(2026, 3, 4))


def test_a_new_ledger_begins_with_its_first_whole_day() -> None:
    assert due({}) == [2, 3, 4]
    assert due({}, began=date(2026, 3, 4)) == []
    assert due({}, began=None) == []
    by_command: dict[date, datetime | None] = {date(2026, 2, 1): None}
    assert due(by_command) == [2, 3, 4]


def test_a_day_that_waits_holds_up_no_later_one_and_comes_again_in_time() -> None:
    known = {
        date(2026, 3, 2): None,
        date(2026, 3, 3): MARCH_5 + timedelta(minutes=15),
    }
    assert due(known) == [4]
    assert due(known, MARCH_5 + timedelta(minutes=15)) == [3, 4]


@pytest.mark.parametrize(
    ("attempts", "minutes"), [(0, 15), (1, 15), (2, 30), (4, 120), (5, 240), (10_000, 240)]
)
def test_pauses_grow_and_have_a_bound(attempts: int, minutes: int) -> None:
    assert next_try(attempts, MARCH_5) - MARCH_5 == timedelta(minutes=minutes)


def test_a_day_is_late_six_hours_after_its_time() -> None:
    limit = MARCH_5 + timedelta(hours=6)
    assert not is_late(date(2026, 3, 4), limit, HALF_PAST_ONE)
    assert is_late(date(2026, 3, 4), limit + timedelta(seconds=1), HALF_PAST_ONE)
