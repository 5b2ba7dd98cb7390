"""未获确认: stored items that the portal does not confirm, acknowledged again more and more rarely.

Kept in memory: what the portal did not take note of comes again by its feed, in any process; what
it did take note of is stored here, and nothing is lost but the proof.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from gateway.domain.retry_policy import BATCH, Jitter, next_attempt
from gateway.flows.page_result import Acknowledged, StoredItem, UnconfirmedItem
from schemas.reference.clock import Now

_MAX_ITEMS: Final = 1000

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An item that is acknowledged again at `due_at`, after `attempts` in vain.

    `logged` is that its reason was logged since it was tried last.
    """

    item: StoredItem
    attempts: int
    due_at: datetime
    logged: bool = False


class UnconfirmedItems:
    """What waits to be acknowledged again; by a monotonic clock."""

    def __init__(self, monotonic: Now, jitter: Jitter) -> None:
        self._monotonic, self._jitter = monotonic, jitter
        self._waiting: OrderedDict[Key, _Waiting] = OrderedDict()

    def count(self) -> int:
        """Return how many wait."""
        return len(self._waiting)

    def due(self) -> list[StoredItem]:
        """Take what is due, at most a batch: each counts as tried, whatever comes of it."""
        at = self._monotonic()
        due = [key for key, one in self._waiting.items() if one.due_at <= at][:BATCH]
        for key in due:
            one = self._waiting[key]
            attempts = one.attempts + 1
            again = next_attempt(attempts, now=at, jitter=self._jitter)
            self._waiting[key] = replace(one, attempts=attempts, due_at=again, logged=False)
        return [self._waiting[key].item for key in due]

    def note(self, acknowledged: Acknowledged) -> list[UnconfirmedItem]:
        """Note what the portal said; return what it did not confirm and was not logged yet."""
        for item in acknowledged.confirmed:
            self._waiting.pop(_key(item), None)
        return list(self._news(acknowledged.unconfirmed))

    def _news(self, unconfirmed: Iterable[UnconfirmedItem]) -> Iterator[UnconfirmedItem]:
        at = self._monotonic()
        for one in unconfirmed:
            known = self._waiting.get(_key(one.item))
            if known is None:
                again = next_attempt(1, now=at, jitter=self._jitter)
                known = _Waiting(one.item, 1, again)
            if not known.logged:
                yield one
            self._waiting[_key(one.item)] = replace(known, item=one.item, logged=True)
        while len(self._waiting) > _MAX_ITEMS:
            self._waiting.popitem(last=False)


def _key(item: StoredItem) -> Key:
    return item.acknowledgement.key, item.acknowledgement.kind
