"""Whether the feed stands still (队列停住): something waits at its head, and nothing new comes."""

from datetime import datetime

from schemas.reference.clock import Now


class FeedStanding:
    """Since when the head of the feed stands; by a monotonic clock."""

    def __init__(self, monotonic: Now) -> None:
        self._monotonic = monotonic
        self._since: datetime | None = None

    def stands(self) -> None:
        """Note a page that brought nothing new, or that could not be read at all."""
        if self._since is None:
            self._since = self._monotonic()

    def moves(self) -> None:
        """Note a page that brought something new, or that nothing waits."""
        self._since = None

    def seconds(self) -> float:
        """Return for how long it has stood; 0 while it moves."""
        return 0.0 if self._since is None else (self._monotonic() - self._since).total_seconds()
