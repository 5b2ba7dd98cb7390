"""往来日账: the table `day_book`."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from gateway.adapters.ledger.timestamps import instant, micros
from gateway.domain.statement_line import Line
from schemas.reference.clock import beijing_date
from storage.session import Row, Session


class SqlDayBook:
    """`DayBook` inside one transaction of `session`."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def enter(self, passed: Mapping[Line, datetime]) -> None:
        """Enter messages by their instants there; one entered before stays where it is."""
        self._session.change_each("enter_day_book", _rows(passed))

    def move(self, passed: Mapping[Line, datetime]) -> None:
        """Enter messages by the instants that a statement has, wherever they were before."""
        self._session.change_each("move_in_day_book", _rows(passed))

    def strike(self, lines: Sequence[Line]) -> None:
        """Take out messages that are sent again, to be entered when they are received."""
        if lines:
            self._session.rows_among("strike_from_day_book", list(map(str, lines)))


def day_book_page(
    session: Session, day: date, *, after: str, limit: int
) -> list[tuple[str, datetime]]:
    """Return what passed on a day, by line, after one; each with its instant there."""
    rows = session.rows("day_book_page", day.isoformat(), after, limit)
    return [(line, instant(at)) for line, at in rows]


def first_day(session: Session) -> date | None:
    """Return the first day on which anything passed; None where nothing did."""
    ((day,),) = session.rows("first_in_day_book")
    return None if day is None else date.fromisoformat(day)


def _rows(passed: Mapping[Line, datetime]) -> list[Row]:
    """Return rows in the order of the index: several writers lock them in one order."""
    return sorted(
        (str(line), beijing_date(at).isoformat(), micros(at)) for line, at in passed.items()
    )
