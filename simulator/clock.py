"""Time (时间): the simulator is told the time; nothing in it asks the machine by itself."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

BEIJING: Final = ZoneInfo("Asia/Shanghai")

Now = Callable[[], datetime]
"""Tells the present instant, aware, in UTC."""


def real_time() -> datetime:
    """Return the machine's time in UTC."""
    return datetime.now(UTC)


def beijing_date(at: datetime) -> date:
    """Return the date that `at` falls on in Beijing."""
    return at.astimezone(BEIJING).date()
