"""下载队列: what waits for one docked area, oldest first, until it is acknowledged."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from simulator.exchanges.entries import FeedItem, FeedKind
from simulator.exchanges.notifier import Notifier


class Feed:
    """The unacknowledged items of one area, in the order in which they were forwarded."""

    __slots__ = ("_items", "arrival")

    def __init__(self) -> None:
        self._items: dict[tuple[FeedKind, str], FeedItem] = {}
        self.arrival = Notifier()

    def put(self, item: FeedItem) -> None:
        """Add an item at the end and wake every poll; the same number again replaces the item."""
        self._items[item.kind, item.number or f"\n{item.position}"] = item
        self.arrival.notify()

    def page(self, limit: int) -> tuple[list[FeedItem], bool]:
        """Return the `limit` oldest items, and whether there are more."""
        return list(islice(self._items.values(), limit)), len(self._items) > limit

    def pushable(self, limit: int, most_pushes: int) -> list[FeedItem]:
        """Return the `limit` oldest items that may still be pushed."""
        return list(islice(self._pushable(most_pushes), limit))

    def count_pushable(self, most_pushes: int) -> int:
        """Return how many items may still be pushed."""
        return sum(1 for _ in self._pushable(most_pushes))

    def _pushable(self, most_pushes: int) -> Iterator[FeedItem]:
        return (
            item
            for item in self._items.values()
            if item.push_refused is None and item.pushes < most_pushes
        )

    def find(self, kind: FeedKind, number: str) -> FeedItem | None:
        """Return an item that is still waiting."""
        return self._items.get((kind, number))

    def drop(self, kind: FeedKind, number: str) -> None:
        """Take an acknowledged item out."""
        del self._items[kind, number]

    def drop_at(self, position: int) -> FeedItem | None:
        """Take out what stands at a position, and return it; None where it is gone."""
        found = next((key for key, one in self._items.items() if one.position == position), None)
        return None if found is None else self._items.pop(found)

    def mark_delivered(self, items: list[FeedItem], at: datetime) -> None:
        """Count the delivery of `items`; one without a number goes after its last delivery."""
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
