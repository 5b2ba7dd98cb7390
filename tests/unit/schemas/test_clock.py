"""时间: one clock, and the Beijing date of an instant."""

from datetime import UTC, date, datetime, timedelta

from schemas.reference.clock import BEIJING, beijing_date, utc_now


def test_the_day_changes_in_beijing_eight_hours_before_it_does_in_utc() -> None:
    last = datetime(2026, 3, 1, 15, 59, 59, tzinfo=UTC)

    assert beijing_date(last) == date(2026, 3, 1)
    assert beijing_date(last + timedelta(seconds=1)) == date(2026, 3, 2)
    assert beijing_date(datetime(2026, 3, 2, tzinfo=BEIJING)) == date(2026, 3, 2)


def test_the_machines_time_is_aware_and_in_utc() -> None:
    assert utc_now().utcoffset() == timedelta(0)
