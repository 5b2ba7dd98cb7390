"""下载队列: what waits for one docked area, oldest first, until it is acknowledged."""

from datetime import datetime
from itertools import islice

from simulator.exchanges.entries import FeedItem, FeedKind
from simulator.exchanges.notifier import Bell


class Feed:
    """The unacknowledged items of one area in the order they were forwarded."""

    __slots__ = ("_items", "_nameless", "arrival")

    def __init__(self) -> None:
        self._items: dict[tuple[FeedKind, str], FeedItem] = {}
        self._nameless = 0
        self.arrival = Bell()

    def put(self, item: FeedItem) -> None:
        """Add an item at the end and wake whoever waits; the same number again replaces it."""
        if item.number is None:
            self._nameless += 1
        self._items[item.kind, item.number or f"\n{self._nameless}"] = item
        self.arrival.ring()

    def page(self, limit: int) -> tuple[list[FeedItem], bool]:
        """Return the `limit` oldest items, and whether there are more."""
        return list(islice(self._items.values(), limit)), len(self._items) > limit

    def find(self, kind: FeedKind, number: str) -> FeedItem | None:
        """Return an item that is still waiting."""
        return self._items.get((kind, number))

    def drop(self, kind: FeedKind, number: str) -> None:
        """Take an acknowledged item out."""
        del self._items[kind, number]

    def delivered(self, items: list[FeedItem], at: datetime) -> None:
        """Count the delivery of `items`; one that has no number goes when it was sent enough."""
        for item in items:
            if item.application is not None and item.kind == "application":
                one = item.application
                one.deliveries += 1
                one.last_delivered_at = at
                one.first_delivered_at = one.first_delivered_at or at
            if item.deliveries_left is not None:
                item.deliveries_left -= 1
        if any(item.deliveries_left == 0 for item in items):
            self._items = {k: v for k, v in self._items.items() if v.deliveries_left != 0}

    def __len__(self) -> int:
        return len(self._items)
