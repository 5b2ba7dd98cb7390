"""Items of `quarantine` as people read them, without their content."""

from typing import Final, NamedTuple

from gateway.adapters.ledger.observer import LedgerObserver
from gateway.adapters.ledger.row_shapes import DAMAGED, RowShape
from gateway.adapters.ledger.timestamps import instant
from gateway.adapters.ledger.unreadable import tell_unreadable, text_of
from gateway.ports.unreadable import UnreadableRow
from gateway.ports.views import QuarantineRow
from storage.session import Row, Session


class _QuarantineRow(NamedTuple):
    """A row of `quarantine` without its content."""

    id: int
    source: str
    case_key: str | None
    reason: str
    detail: str
    at: int


_SHAPE: Final = RowShape(_QuarantineRow)


def read_quarantined(
    session: Session, observer: LedgerObserver, limit: int
) -> list[QuarantineRow | UnreadableRow]:
    """Return the open items in quarantine, newest first."""
    return [_item(row, observer) for row in session.rows("list_quarantined", limit)]


def _item(values: Row, observer: LedgerObserver) -> QuarantineRow | UnreadableRow:
    try:
        return _as_quarantined(_SHAPE.row(values))
    except DAMAGED as damage:
        stored = _QuarantineRow._make(values)
        key = text_of(stored.case_key or stored.id)
        return tell_unreadable(observer, "quarantine", key, damage)


def _as_quarantined(row: _QuarantineRow) -> QuarantineRow:
    return QuarantineRow(
        id=row.id,
        source=row.source,
        key=row.case_key,
        reason=row.reason,
        detail=row.detail,
        at=instant(row.at),
    )
