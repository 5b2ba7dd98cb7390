"""Messages of `outbox` as people read them: how sending each of them went."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from gateway.adapters.ledger.observer import LedgerObserver
from gateway.adapters.ledger.outbox_rows import ParkedRow, as_parked
from gateway.adapters.ledger.row_shapes import DAMAGED, RowShape
from gateway.adapters.ledger.timestamps import instant
from gateway.adapters.ledger.unreadable import tell_unreadable, text_of
from gateway.ports.outbox import ParkedMessage
from gateway.ports.unreadable import UnreadableRow
from gateway.ports.views import MessageView
from storage.session import Row, Session


class SentRow(NamedTuple):
    """A row of `outbox` without its body, as people read it."""

    kind: str
    peer: str
    number: str
    revision: int
    attempts: int
    error: str | None
    due_at: int
    parked_at: int | None
    ended_at: int | None
    ended_as: str | None


_SHAPE: Final = RowShape(SentRow)


def read_messages(
    session: Session, observer: LedgerObserver, key: str
) -> list[MessageView | UnreadableRow]:
    """Return the messages about a case, oldest first, with their attempts."""
    return [_message(row, observer) for row in session.rows("messages_of", key)]


def read_parked(
    session: Session,
    observer: LedgerObserver,
    keys: Sequence[str],
    *,
    peer: str | None,
    limit: int,
) -> list[ParkedMessage]:
    """Return the parked messages that can be read: of these cases, or all to `peer`."""
    if peer is not None:
        rows = session.rows("parked_to", peer, limit)
    else:
        rows = session.rows_among("parked_of", keys) if keys else []
    parked: list[ParkedMessage] = []
    for row in map(ParkedRow._make, rows[:limit]):
        try:
            parked.append(as_parked(row))
        except DAMAGED as damage:
            tell_unreadable(observer, "outbox", text_of(row.number), damage)
    return parked


def _message(values: Row, observer: LedgerObserver) -> MessageView | UnreadableRow:
    try:
        return _as_message_view(_SHAPE.row(values))
    except DAMAGED as damage:
        number = text_of(SentRow._make(values).number)
        return tell_unreadable(observer, "outbox", number, damage)


def _as_message_view(row: SentRow) -> MessageView:
    return MessageView(
        kind=row.kind,
        peer=row.peer,
        number=row.number,
        revision=row.revision,
        attempts=row.attempts,
        error=row.error,
        due_at=instant(row.due_at),
        parked_at=None if row.parked_at is None else instant(row.parked_at),
        ended_at=None if row.ended_at is None else instant(row.ended_at),
        ended_as=row.ended_as,
    )
