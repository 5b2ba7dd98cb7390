"""差异: the table `discrepancies`."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Final, NamedTuple

from gateway.adapters.ledger.row_shapes import RowShape
from gateway.adapters.ledger.timestamps import instant, micros
from gateway.domain.discrepancies import (
    ClosedAs,
    Discrepancy,
    DiscrepancyKind,
    DiscrepancyState,
    RecordedDiscrepancy,
    Remedy,
    found_again,
)
from gateway.domain.statement_line import Line
from storage.session import Row, Session


class DiscrepancyRow(NamedTuple):
    """A row of `discrepancies`."""

    id: int
    day: str
    line: str
    kind: str
    remedy: str
    state: str
    run: int
    found_at: int
    changed_at: int
    closed_at: int | None
    closed_as: str | None
    closed_by: str | None


_SHAPE: Final = RowShape(DiscrepancyRow)


class SqlDiscrepancies:
    """`Discrepancies` inside one transaction of `session`."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def record(
        self, day: date, run: int, found: Sequence[Discrepancy], at: datetime
    ) -> list[Discrepancy]:
        """Enter what a run found; return what is new, or goes on anew."""
        earlier = {(one.line, one.kind): one for one in self.among(day, found)}
        new = [one for one in found if (one.line, one.kind) not in earlier]
        self._session.change_each("add_discrepancy", [_new_row(day, run, one, at) for one in new])
        again = list(_again(found, earlier, run, at))
        self.change([recorded for recorded, _ in again])
        return [*new, *(one for _, one in again if one is not None)]

    def among(self, day: date, found: Sequence[Discrepancy]) -> list[RecordedDiscrepancy]:
        """Return what is recorded under the lines of `found`."""
        lines = sorted({str(one.line) for one in found})
        if not lines:
            return []
        return as_recorded(self._session.rows_among("discrepancies_among", lines, day.isoformat()))

    def in_state(
        self, state: DiscrepancyState, *, after: int, limit: int
    ) -> list[RecordedDiscrepancy]:
        """Return open differences in one state by number, after one."""
        return discrepancies_in_state(self._session, state, after=after, limit=limit)

    def find(self, number: int) -> RecordedDiscrepancy | None:
        """Return one difference."""
        found = as_recorded(self._session.rows("discrepancy_for_update", number))
        return found[0] if found else None

    def change(self, changed: Sequence[RecordedDiscrepancy]) -> None:
        """Save what became of differences."""
        for one in changed:
            closed_at = None if one.closed_at is None else micros(one.closed_at)
            closed_as = None if one.closed_as is None else one.closed_as.value
            self._session.change(
                "change_discrepancy",
                *(one.remedy.value, one.state.value, one.run, micros(one.changed_at)),
                *(closed_at, closed_as, one.closed_by, one.id),
            )

    def close_stated(self, lines: Sequence[str], at: datetime) -> None:
        """Close what was missing there, under any day, and is stated now under these lines."""
        if lines:
            closed = (micros(at), ClosedAs.STATED.value, micros(at))
            self._session.rows_among("close_stated", lines, *closed)

    def close_gone(self, day: date, run: int, at: datetime) -> None:
        """Close what runs of a day before this one found and this one does not."""
        closed = (micros(at), ClosedAs.GONE.value, micros(at))
        self._session.rows("close_gone", *closed, day.isoformat(), run)


def discrepancies_in_state(
    session: Session, state: DiscrepancyState, *, after: int, limit: int
) -> list[RecordedDiscrepancy]:
    """Return open differences in one state by number, after one."""
    return as_recorded(session.rows("discrepancies_in_state", state.value, after, limit))


def discrepancies_of_day(
    session: Session, day: date, run: int, limit: int
) -> list[RecordedDiscrepancy]:
    """Return what was found in a run of a day or later."""
    return as_recorded(session.rows("discrepancies_of_day", day.isoformat(), run, limit))


def count_discrepancies(session: Session) -> dict[tuple[str, str], int]:
    """Return how many differences are open, by kind and state."""
    return {(kind, state): int(n) for kind, state, n in session.rows("count_discrepancies")}


def as_recorded(rows: Sequence[Row]) -> list[RecordedDiscrepancy]:
    """Return the differences of rows.

    Raises:
        DAMAGED: A row is damaged.
    """
    return [_recorded(_SHAPE.row(values)) for values in rows]


def _recorded(row: DiscrepancyRow) -> RecordedDiscrepancy:
    return RecordedDiscrepancy(
        id=row.id,
        day=date.fromisoformat(row.day),
        line=Line.read(row.line),
        kind=DiscrepancyKind(row.kind),
        remedy=Remedy(row.remedy),
        state=DiscrepancyState(row.state),
        run=row.run,
        found_at=instant(row.found_at),
        changed_at=instant(row.changed_at),
        closed_at=None if row.closed_at is None else instant(row.closed_at),
        closed_as=None if row.closed_as is None else ClosedAs(row.closed_as),
        closed_by=row.closed_by,
    )


def _new_row(day: date, run: int, one: Discrepancy, at: datetime) -> Row:
    found = (str(one.line), one.kind.value, one.remedy.value, one.state.value)
    return (day.isoformat(), *found, run, micros(at), micros(at))


def _again(
    found: Sequence[Discrepancy],
    earlier: dict[tuple[Line, DiscrepancyKind], RecordedDiscrepancy],
    run: int,
    at: datetime,
) -> Iterator[tuple[RecordedDiscrepancy, Discrepancy | None]]:
    """Yield what was found before, as it stands now; with the difference where it goes on anew."""
    for one in found:
        before = earlier.get((one.line, one.kind))
        if before is None:
            continue
        further = found_again(before, one)
        if further is None:
            yield replace(before, run=run), None
            continue
        remedy, state = further
        anew = replace(one, remedy=remedy, pending=state is DiscrepancyState.PENDING)
        yield (
            replace(
                before,
                remedy=remedy,
                state=state,
                run=run,
                changed_at=at,
                closed_at=None,
                closed_as=None,
                closed_by=None,
            ),
            anew,
        )
