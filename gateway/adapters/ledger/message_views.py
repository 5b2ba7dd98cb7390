"""Messages of `outbox` as people read them: how sending each of them went."""

from typing import Final, NamedTuple

from gateway.adapters.ledger.row_shapes import RowShape
from gateway.adapters.ledger.timestamps import instant
from gateway.ports.views import MessageView
from storage.session import Row


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


def as_message_view(values: Row) -> MessageView:
    """Return the message of a row; raises one of `DAMAGED` where it cannot be read."""
    row = _SHAPE.row(values)
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
