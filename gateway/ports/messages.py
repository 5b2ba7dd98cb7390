"""What passes through the ledger: messages seen, messages owed, cases to open, things set aside."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.domain.case import Change


@dataclass(frozen=True, slots=True)
class InboxKey:
    """What makes a message the same message, for the life of the case."""

    source: str
    key: str
    kind: str
    revision: int


@dataclass(frozen=True, slots=True)
class Remembered:
    """A message seen: the SHA-256 of its content, and the receipt given for it, byte for byte."""

    digest: str
    receipt: bytes


@dataclass(frozen=True, slots=True)
class Opening:
    """A case to open: its first change, its content as canonical JSON, and whom it is about.

    `content` is what was received; `subject` the certificate number, None when unreadable. Both
    are stored encrypted, the subject as a keyed blind index besides.
    """

    change: Change
    content: bytes
    subject: str | None


class MessageKind(StrEnum):
    """What the outbox sends."""

    DISPATCH = "dispatch"  # 分派单, to an agency
    REPORT = "report"  # 审核结果, to the national side


@dataclass(frozen=True, slots=True)
class Message:
    """待发: a message owed to a peer. `number` is its identity there: the same at every repeat.

    `body` is JSON: the outcome of a report; of a dispatch everything but the application, which
    is taken from the case when it is sent.
    """

    kind: MessageKind
    peer: str
    key: str
    number: str
    revision: int
    body: bytes
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Owed:
    """A message to send now. `epoch` fences: only its latest claimer may settle it."""

    id: int
    epoch: int
    kind: MessageKind
    peer: str
    key: str
    number: str
    revision: int
    attempts: int
    body: bytes
    content: bytes | None  # the application as received; only of a dispatch
    trace_id: str


@dataclass(frozen=True, slots=True)
class SetAside:
    """Something received that cannot be taken over as it is, kept raw for a person to look at.

    The same content from the same source for the same reason is kept once. `detail` names rules,
    never values.
    """

    source: str
    key: str | None
    reason: str
    detail: str
    digest: str
    content: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Nonce:
    """A signature's nonce: good once per key, remembered until it could not be used anyway."""

    key_id: str
    value: str
    until: datetime
