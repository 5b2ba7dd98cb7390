"""留存待查: what was received and cannot be taken over as it is, kept raw for a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class QuarantinedItem:
    """Something received that cannot be taken over as it is.

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


class Quarantine(Protocol):
    """Items kept apart until a person has looked at them."""

    def add(self, items: Sequence[QuarantinedItem]) -> None:
        """Keep items; a repeat changes nothing."""
        ...
