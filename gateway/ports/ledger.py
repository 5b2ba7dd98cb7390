"""台账: what one transaction can do."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from gateway.domain.case import Case, Change
from gateway.ports.messages import (
    InboxKey,
    Message,
    MessageKind,
    Nonce,
    Opening,
    Owed,
    Remembered,
    SetAside,
)


class Ledger(Protocol):
    """台账 inside one transaction: what is read here is locked until the transaction ends."""

    def spend(self, nonce: Nonce) -> None:
        """Use up a nonce; raise `MessageReplayed` when it was used before."""
        ...

    def remember(
        self, seen: Mapping[InboxKey, Remembered], at: datetime
    ) -> dict[InboxKey, Remembered]:
        """Store what was seen for the first time; return what was there already, as it was."""
        ...

    def remembered(self, keys: Sequence[InboxKey]) -> dict[InboxKey, Remembered]:
        """Return those of `keys` that were seen before."""
        ...

    def cases(self, keys: Sequence[str]) -> dict[str, Case]:
        """Return the cases there are among `keys`, locked against other writers."""
        ...

    def open(self, openings: Sequence[Opening]) -> None:
        """Open cases; their keys are new (the inbox said so, in this transaction)."""
        ...

    def refill(self, opening: Opening) -> None:
        """Save a change to a case held as unreadable together with its now readable content."""
        ...

    def save(self, changes: Sequence[Change]) -> None:
        """Store changed cases with their history; raise `StaleCase` where a version moved on."""
        ...

    def enqueue(self, messages: Sequence[Message]) -> None:
        """Owe messages; one already owed under the same kind, peer and number stays as it is."""
        ...

    def claim(self, peer: str, *, limit: int, now: datetime, until: datetime) -> list[Owed]:
        """Lease the messages due to `peer`, oldest first, one a case, for this claimer alone."""
        ...

    def next_due(self, peer: str) -> datetime | None:
        """Return when the next open message to `peer` can be claimed, or None."""
        ...

    def awaiting(self, agency: str, *, limit: int) -> list[Owed]:
        """Return the oldest unsettled dispatches of an agency that fetches; nothing is leased."""
        ...

    def owed(self, peer: str, numbers: Sequence[str]) -> dict[str, Owed]:
        """Return the unsettled messages to `peer` with these numbers (without body)."""
        ...

    def settle(self, messages: Sequence[Owed], at: datetime) -> set[int]:
        """Mark as received by the peer; return the ids that were still this claimer's."""
        ...

    def postpone(self, messages: Sequence[Owed], until: datetime, error: str) -> None:
        """Hand claimed messages back, to go again at `until`; `error` is a code."""
        ...

    def park(self, messages: Sequence[Owed], at: datetime, error: str) -> set[int]:
        """Take messages out of sending after a refusal, for a person; return as `settle`."""
        ...

    def cancel(self, key: str, kind: MessageKind, at: datetime) -> None:
        """Stop owing a case's unsettled messages of this kind (改派, 撤回)."""
        ...

    def set_aside(self, items: Sequence[SetAside]) -> None:
        """Keep what cannot be taken over; a repeat changes nothing."""
        ...
