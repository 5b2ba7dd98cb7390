"""时间: what tells the time, and the zone in which law and people speak of dates."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

BEIJING: Final = ZoneInfo("Asia/Shanghai")

Now = Callable[[], datetime]
"""The only source of the time, a parameter everywhere: an aware instant in UTC."""


def utc_now() -> datetime:
    """Return the machine's time in UTC: the `Now` of a program that is not told another."""
    return datetime.now(UTC)


def beijing_date(at: datetime) -> date:
    """Return the date in Beijing (UTC+8) at the aware instant `at`."""
    return at.astimezone(BEIJING).date()
