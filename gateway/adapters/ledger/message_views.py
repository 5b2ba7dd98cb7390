"""Messages of `outbox` as people read them: how sending each of them went."""

from typing import Final, NamedTuple

from gateway.adapters.ledger.observer import LedgerObserver
from gateway.adapters.ledger.row_shapes import DAMAGED, RowShape
from gateway.adapters.ledger.timestamps import instant
from gateway.adapters.ledger.unreadable import tell_unreadable, text_of
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
