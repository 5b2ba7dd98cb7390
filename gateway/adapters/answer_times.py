"""Times in answers: the wait that a peer asks for, and how far its clock is ahead of ours."""

from collections.abc import Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final

MAX_RETRY_AFTER_S: Final = 3600.0


def read_retry_after(written: str, now: datetime) -> float | None:
    """Return the wait in seconds that `written` asks for, 0 to an hour; None where it says none.

    It is a number of seconds or an HTTP date. The text may come from anybody: a date beyond what
    can be reckoned with asks for nothing.
    """
    asked = written.strip()
    if asked.isascii() and asked.isdigit():
        return min(float(asked[:9]), MAX_RETRY_AFTER_S)
    wait_s = seconds_until(asked, now)
    return None if wait_s is None else min(max(wait_s, 0.0), MAX_RETRY_AFTER_S)


def seconds_until(http_date: str, now: datetime) -> float | None:
    """Return how far an HTTP date lies ahead of `now`, in seconds; None where it is none."""
    try:
        return (parsedate_to_datetime(http_date) - now).total_seconds()
    except (ArithmeticError, LookupError, TypeError, ValueError):  # no date, no zone, no such day
        return None


def read_skew(dates: Sequence[str], now: datetime, before: float | None) -> float | None:
    """Return how far the clock behind one Date is ahead of ours, in seconds; else `before`."""
    skew_s = seconds_until(dates[0], now) if len(dates) == 1 else None
    return before if skew_s is None else skew_s
