"""报送队列: records that an agency hands in of its own accord, until the gateway's last word."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from schemas.records.base import WireModel
from schemas.records.canonical_form import is_digest_of
from schemas.records.receipts import ItemResult, ItemStatus, Receipt

RETRYABLE: Final = frozenset(
    {"service.unavailable", "service.busy", "service.fault", "outcome.dated-ahead"}
)
"""Problems of the moment, not of the record: it goes again."""
HandInKind = Literal["registration", "deregistration"]


@dataclass(slots=True)
class HandedIn:
    """A record here: its bytes as they go, and what the gateway said."""

    kind: HandInKind
    key: str
    revision: int
    record: WireModel = field(repr=False)
    content: bytes = field(repr=False)
    sent: int = 0
    answer: ItemStatus | None = None
    answer_code: str | None = None
    answered_at: datetime | None = None


class HandInQueue:
    """Records of one kind in the order in which they go; each goes until it is answered."""

    def __init__(self) -> None:
        self.records: list[HandedIn] = []
        """All there ever were, answered or not."""
        self.unbelieved_receipts = 0
        """How many receipts the gateway gave that are not for the record sent."""
        self._to_send: deque[HandedIn] = deque()

    def add(self, one: HandedIn) -> HandedIn:
        """Enter a record; it waits to be handed in."""
        self.records.append(one)
        self._to_send.append(one)
        return one

    def due(self, limit: int) -> list[HandedIn]:
        """Take out up to `limit` records; they are being sent."""
        return [self._to_send.popleft() for _ in range(min(limit, len(self._to_send)))]

    def put_back(self, batch: Sequence[HandedIn]) -> None:
        """Keep records for another try, in their order, because they got no answer."""
        self._to_send.extendleft(reversed(batch))

    def settle(self, one: HandedIn, result: ItemResult, at: datetime) -> bool:
        """Note the gateway's answer to one record; False if it has to go again.

        A receipt that is not for the record is none: whether the gateway has it is unknown.
        """
        code = None if result.problem is None else result.problem.code
        if code in RETRYABLE:
            return False
        identity = (one.kind, one.key, one.revision)
        if result.receipt and not is_for(result.receipt, identity, one.record, one.content):
            self.unbelieved_receipts += 1
            return False
        one.answer, one.answer_code, one.answered_at = result.status, code, at
        return True

    def waiting(self) -> int:
        """Return how many records have no final answer yet."""
        return sum(one.answer is None for one in self.records)


def is_for(given: Receipt, identity: tuple[str, str, int], record: WireModel, sent: bytes) -> bool:
    """Say whether a receipt is for what was sent: `identity` is its kind, key and revision."""
    said = (given.kind, given.key, given.revision)
    return said == identity and is_digest_of(given.digest, record, sent)
