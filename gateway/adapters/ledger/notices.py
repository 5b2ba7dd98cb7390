"""待告知: the table `notices_due`."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from gateway.ports.notices import NoticeDue
from gateway.ports.views import UNKNOWN_DUE
from storage.session import Session

_AFTER_ALL_DAYS: Final = "\x7f"
"""Comes after every day and after the one that stands for unknown."""


class SqlNotices:
    """`Notices` inside one transaction of `session`."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def record(self, due: Sequence[NoticeDue]) -> None:
        """Enter notices that are due, in the place of earlier ones of the same registrations."""
        rows = [(one.key, one.agency, one.ground, _stored(one.due_on)) for one in due]
        self._session.change_each("record_notice", rows)

    def close(self, keys: Sequence[str]) -> None:
        """Take out those that are given, or need not be given; the others stay."""
        if keys:
            self._session.rows_among("close_notices", keys)


def list_notices(
    session: Session, *, before: date | None, after: NoticeDue | None, limit: int
) -> list[NoticeDue]:
    """Return notices that are due by their last day, those unknown last; keyset, never offset."""
    mark = ("", "") if after is None else (_stored(after.due_on), after.key)
    end = _AFTER_ALL_DAYS if before is None else before.isoformat()
    return [
        NoticeDue(key, agency, ground, None if due_on == UNKNOWN_DUE else _day(due_on))
        for key, agency, ground, due_on in session.rows("list_notices", *mark, end, limit)
    ]


def _stored(day: date | None) -> str:
    return UNKNOWN_DUE if day is None else day.isoformat()


def _day(stored: str) -> date | None:
    """Return the day of a row; a damaged one is shown without."""
    try:
        return date.fromisoformat(stored)
    except ValueError:
        return None
