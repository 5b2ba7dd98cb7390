"""留存待查: what was received and cannot be accepted as it is, kept raw for a person."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

LEDGER: Final = "ledger"
"""The source of what was found unreadable in the ledger itself."""


@dataclass(frozen=True, slots=True)
class QuarantinedItem:
    """Something received that cannot be accepted as it is.

    The same content from the same source for the same reason is kept once. `digest` is SHA-256 of
    `content`, hexadecimal; of a row of the ledger, of its place. `detail` names rules, never
    values.
    """

    source: str
    key: str | None
    reason: str
    detail: str
    digest: str
    content: bytes
    at: datetime


class Quarantine(Protocol):
    """Items kept apart until a person has looked at them.

    A source has room for so many open items, so that none fills the disk or takes the others' room.
    """

    def add(self, items: Sequence[QuarantinedItem]) -> AbstractSet[str]:
        """Keep items, a repeat changes nothing; return the digests of what there is no room for.

        Whoever hands an item in without room for it must not say that it is stored.
        """
        ...

    def keep(self, items: Sequence[QuarantinedItem]) -> None:
        """Keep items whatever room there is: what would be lost if it were not kept here."""
        ...

    def first_kept(
        self, source: str, digests: Sequence[str], reason: str
    ) -> Mapping[str, datetime]:
        """Return when those of `digests` that were kept for this reason were kept first (UTC)."""
        ...
