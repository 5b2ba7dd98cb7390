"""Instants as whole microseconds (UTC) and dates as ISO text: how the tables keep the time."""

from datetime import UTC, date, datetime, timedelta
from typing import Final

from gateway.ports.views import UNKNOWN_DUE

LATEST: Final = datetime.max.replace(tzinfo=UTC)
"""Stands for an instant beyond every date, which no program of ours has stored."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECONDS_A_SECOND: Final = 1_000_000


def micros(at: datetime) -> int:
    """Return an aware instant as microseconds since 1970-01-01T00:00:00Z."""
    since = at - _EPOCH
    return (since.days * 86_400 + since.seconds) * _MICROSECONDS_A_SECOND + since.microseconds


def instant(stored: int) -> datetime:
    """Return the instant that `micros` stored, in UTC."""
    seconds, microseconds = divmod(stored, _MICROSECONDS_A_SECOND)
    return _EPOCH + timedelta(0, seconds, microseconds)


def iso_day(day: date | None) -> str:
    """Return a due date as it is stored."""
    return UNKNOWN_DUE if day is None else day.isoformat()


def as_day(stored: str) -> date | None:
    """Return the due date that `iso_day` stored."""
    return None if stored == UNKNOWN_DUE else date.fromisoformat(stored)
