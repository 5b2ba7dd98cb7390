"""已收: which messages were seen before, and what was answered then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol


class IdempotencyKey(NamedTuple):
    """What makes a message the same message, for the life of the case."""

    source: str
    key: str
    kind: str
    revision: int


@dataclass(frozen=True, slots=True)
class InboxEntry:
    """A message seen: the digest of what it says, and the receipt given for it, byte for byte.

    `digest` is as the program of that time made it: `canonical_form.is_digest_of` knows them all.
    """

    digest: str
    receipt: bytes

    @property
    def is_readable(self) -> bool:
        """Whether the first receipt can be given again; not so where its row is damaged."""
        return bool(self.receipt)


class Inbox(Protocol):
    """Messages seen; an entry lives as long as its case."""

    def record(
        self, seen: Mapping[IdempotencyKey, InboxEntry], at: datetime
    ) -> dict[IdempotencyKey, InboxEntry]:
        """Store what was seen for the first time; return what was there already, as it was."""
        ...

    def find(self, keys: Sequence[IdempotencyKey]) -> dict[IdempotencyKey, InboxEntry]:
        """Return those of `keys` that were seen before."""
        ...
