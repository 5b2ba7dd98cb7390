"""统计: what is counted in the ledger, for metrics and pages."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import NamedTuple

from gateway.adapters.ledger.directory import unpublished_since
from gateway.adapters.ledger.discrepancies import count_discrepancies
from gateway.adapters.ledger.row_shapes import DAMAGED
from gateway.adapters.ledger.timestamps import instant
from gateway.ports.views import UNKNOWN_DUE, Backlog, FlowFigures
from storage.session import Session


class _BacklogRow(NamedTuple):
    """What is open in `outbox` for one peer and kind."""

    peer: str
    kind: str
    depth: int
    oldest: int | None
    parked: int


def count_open_by_agency(session: Session) -> dict[str, int]:
    """Return how many cases each agency has that it has not decided."""
    return dict(_pairs(session, "count_open_by_agency"))


def count_flow(session: Session, today: date, warned_until: date) -> FlowFigures:
    """Return the counts; both are Beijing dates, see `Views.figures`."""
    return FlowFigures(
        states=_count_states(session),
        held=dict(_pairs(session, "count_held")),
        quarantined=dict(_pairs(session, "count_quarantined")),
        backlog=tuple(_as_backlog(_BacklogRow(*row)) for row in session.rows("backlog")),
        overdue=_count(session, "count_overdue", today.isoformat()),
        due_today=_count(session, "count_due_on", today.isoformat()),
        due_unknown=_count(session, "count_due_on", UNKNOWN_DUE),
        notices_overdue=_count(session, "count_notices", today.isoformat()),
        directory_unpublished=unpublished_since(session, today),
        due_soon=_count(session, "count_due_soon", today.isoformat(), warned_until.isoformat()),
        discrepancies=count_discrepancies(session),
    )


def _count_states(session: Session) -> dict[str, int]:
    """Return how many cases are in each state where there are any."""
    counted = (*_pairs(session, "count_open"), *_pairs(session, "count_closed"))
    return {state: int(number) for state, number in counted if number}


def count_rows_by_epoch(session: Session) -> Mapping[int, int]:
    """Return how many rows are sealed under the keys of each epoch; under 0, in clear."""
    rows = session.rows("rows_by_epoch")
    return {int.from_bytes(prefix or b"", "big"): number for prefix, number in rows}


def find_epochs_in_use(session: Session) -> frozenset[int]:
    """Return the epochs whose keys were used and not retired."""
    return frozenset(epoch for (epoch,) in session.rows("epochs_in_use"))


def find_newest_epoch(session: Session) -> int:
    """Return the epoch of the newest content, 0 where there is none."""
    return max((int(epoch) for (epoch,) in session.rows("newest_epoch")), default=0)


def count_key_uses(session: Session) -> Mapping[int, int]:
    """Return how many uses of each data key are reserved."""
    return dict(session.rows("key_uses"))


def _count(session: Session, name: str, *days: str) -> int:
    ((count,),) = session.rows(name, *days)
    return int(count)


def _pairs(session: Session, name: str) -> Iterator[tuple[str, int]]:
    return ((key or "", count) for key, count in session.rows(name))


def _as_backlog(row: _BacklogRow) -> Backlog:
    return Backlog(row.peer, row.kind, int(row.depth), _since(row.oldest), int(row.parked))


def _since(stored: int | None) -> datetime | None:
    """Return since when the oldest message waits; unknown where that is beyond every date."""
    if stored is None:
        return None
    try:
        return instant(stored)
    except DAMAGED:
        return None
