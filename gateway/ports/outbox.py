"""待发: messages to peers, each claimed under a lease, sent, and settled by its claimer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from gateway.domain.outbox_rules import MessageKind


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """A message to send to a peer. `number` is its identity there: the same at every repeat.

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
class ClaimedMessage:
    """A message to send now. `fence` grows with each claim: only the latest may settle."""

    id: int
    fence: int
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
class ParkedMessage:
    """A refused message that waits for a person; `error` is the code of the refusal."""

    id: int
    kind: MessageKind
    peer: str
    key: str
    number: str
    revision: int
    attempts: int
    error: str


@dataclass(frozen=True, slots=True)
class SentRecord:
    """The newest record of one kind about a case that went, or goes, to the national side."""

    kind: MessageKind
    revision: int
    body: bytes


class SentMessage(NamedTuple):
    """A message to the national side, by what it is known by."""

    kind: MessageKind
    key: str
    revision: int

    @property
    def number(self) -> str:
        """The number it bears."""
        return upload_number(self.key, self.revision)


def upload_number(key: str, revision: int) -> str:
    """Return the number of a record to the national side about a case."""
    return f"{key}:{revision}"


class Outbox(Protocol):
    """Messages to send; one is open until it is settled, cancelled, or parked for a person."""

    def enqueue(self, messages: Sequence[OutboxMessage]) -> None:
        """Add messages; one already there under the same kind, peer and number stays as it is."""
        ...

    def claim(
        self, peer: str, *, limit: int, now: datetime, until: datetime
    ) -> list[ClaimedMessage]:
        """Lease the messages due to `peer`, oldest first, one a case, for this claimer alone.

        `attempts` counts this one.
        """
        ...

    def next_due(self, peer: str) -> datetime | None:
        """Return when the next open message to `peer` can be claimed, or None."""
        ...

    def pending_dispatches(self, agency: str, *, limit: int) -> list[ClaimedMessage]:
        """Return the oldest open dispatches of an agency that fetches; nothing is leased."""
        ...

    def open_dispatches(self, agency: str, numbers: Sequence[str]) -> dict[str, ClaimedMessage]:
        """Return the open dispatches to `agency` with these numbers, by number.

        One that cannot be opened has an empty body.
        """
        ...

    def dispatches_to(self, agency: str, keys: Sequence[str]) -> set[str]:
        """Return the numbers of the dispatches of these cases to `agency`, open or ended."""
        ...

    def newest_uploads(self, keys: Sequence[str]) -> Mapping[str, tuple[SentRecord, ...]]:
        """Return the newest record of each kind to the national side about some cases.

        Sent or not; one that cannot be opened has no body. A case without any is left out.
        """
        ...

    def settle(self, messages: Sequence[ClaimedMessage], at: datetime) -> set[int]:
        """Mark as received by the peer; return the ids that were still this claimer's."""
        ...

    def postpone(self, messages: Sequence[ClaimedMessage], until: datetime, error: str) -> None:
        """Hand claimed messages back, to go again at `until`; `error` is a code, or a detail."""
        ...

    def park(self, messages: Sequence[ClaimedMessage], at: datetime, error: str) -> set[int]:
        """Take messages out of sending after a refusal, for a person; return as `settle`."""
        ...

    def cancel(self, keys: Sequence[str], kind: MessageKind, at: datetime) -> None:
        """End the cases' unsettled messages of this kind, parked ones too (改派, 撤回)."""
        ...

    def parked(self, keys: Sequence[str], *, peer: str | None, limit: int) -> list[ParkedMessage]:
        """Return the parked messages of these cases, or with a `peer` all to it, oldest first."""
        ...

    def send_again(self, sent: Sequence[SentMessage], at: datetime) -> set[SentMessage]:
        """Let messages to the national side go again from `at` on, received or parked ones.

        Under the same number; returns which do. One that is open goes by itself.
        """
        ...

    def unpark(self, messages: Sequence[ParkedMessage], at: datetime) -> set[int]:
        """Let parked messages go again from `at` on, under the same number; return whose ids do.

        Their attempts count anew, unless one of them got no answer. Whoever claimed one is fenced.
        """
        ...
