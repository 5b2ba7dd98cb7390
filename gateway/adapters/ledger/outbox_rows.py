"""待发: rows of the table `outbox` and the messages that they stand for."""

from typing import Final, NamedTuple

from gateway.adapters.ledger.row_shapes import RowShape
from gateway.domain.outbox_rules import MessageKind
from gateway.ports.outbox import ClaimedMessage, ParkedMessage
from storage.session import Row

_KINDS: Final = {kind.value: kind for kind in MessageKind}


class MessageRow(NamedTuple):
    """A row of `outbox` without its body, and the trace of its case."""

    id: int
    fence: int
    kind: str
    peer: str
    case_key: str
    number: str
    revision: int
    attempts: int
    trace_id: str | None


class ParkedRow(NamedTuple):
    """A parked row of `outbox` without its body."""

    id: int
    kind: str
    peer: str
    case_key: str
    number: str
    revision: int
    attempts: int
    error: str | None


MESSAGE: Final = RowShape(MessageRow)
_PARKED: Final = RowShape(ParkedRow)


def as_message(row: MessageRow, *, body: bytes, content: bytes | None) -> ClaimedMessage:
    """Return the message of a row whose columns were checked, with what was opened for it.

    Raises:
        DAMAGED: The row is damaged.
    """
    return ClaimedMessage(
        id=row.id,
        fence=row.fence,
        kind=_KINDS[row.kind],
        peer=row.peer,
        key=row.case_key,
        number=row.number,
        revision=row.revision,
        attempts=row.attempts,
        body=body,
        content=content,
        trace_id=row.trace_id or "",
    )


def as_parked(values: Row) -> ParkedMessage:
    """Return the parked message of a row.

    Raises:
        DAMAGED: The row is damaged.
    """
    row = _PARKED.row(values)
    return ParkedMessage(
        id=row.id,
        kind=_KINDS[row.kind],
        peer=row.peer,
        key=row.case_key,
        number=row.number,
        revision=row.revision,
        attempts=row.attempts,
        error=row.error or "",
    )
