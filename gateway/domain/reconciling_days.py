"""对账日程: which days are to be compared, when again, and since when one is late."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Final

from schemas.reference.clock import BEIJING

DAYS_BACK: Final = 31
"""Days that are caught up, at most; an earlier one is compared by command."""
_ONE_DAY: Final = timedelta(days=1)
_SOONEST: Final = timedelta(minutes=15)
_LATEST: Final = timedelta(hours=4)
_LATE_AFTER: Final = timedelta(hours=6)
_MOST_DOUBLINGS: Final = 8


def days_due(
    known: Mapping[date, datetime | None], at: datetime, *, daily_at: time, began: date | None
) -> list[date]:
    """Return the days to compare at `at`, the oldest first.

    Args:
        known: The days that were begun: when one that is not done is taken up again, else None.
        at: Now.
        daily_at: From when on the day before is compared, Beijing time.
        began: The first day on which anything passed; None where nothing did.

    The first is the first whole day: what passed before the ledger was there is not its own. Of a
    gateway that was down the days since are caught up, a month at most.
    """
    if began is None:
        return []
    last = last_day(at, daily_at)
    first = max(began + _ONE_DAY, last - (DAYS_BACK - 1) * _ONE_DAY)
    days = [first + number * _ONE_DAY for number in range((last - first).days + 1)]
    return [day for day in days if _is_due(known, day, at)]


def last_day(at: datetime, daily_at: time) -> date:
    """Return the latest Beijing date that is to be compared by `at`."""
    now = at.astimezone(BEIJING)
    return now.date() - (1 if now.time() >= daily_at else 2) * _ONE_DAY


def next_try(attempts: int, at: datetime) -> datetime:
    """Return when a day is taken up again after so many `attempts` in vain."""
    doublings = min(max(attempts - 1, 0), _MOST_DOUBLINGS)
    return at + min(_SOONEST * (1 << doublings), _LATEST)


def is_late(day: date, at: datetime, daily_at: time) -> bool:
    """Say whether a day that is not done should have been long ago: somebody has to look."""
    return at > datetime.combine(day + _ONE_DAY, daily_at, BEIJING) + _LATE_AFTER


def _is_due(known: Mapping[date, datetime | None], day: date, at: datetime) -> bool:
    if day not in known:
        return True
    again = known[day]
    return again is not None and again <= at
