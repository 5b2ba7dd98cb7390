"""Whether the feed is read, and whether it stands still (队列停住): nothing new comes."""

from datetime import datetime

from schemas.reference.clock import Now


class FeedStanding:
    """Since when the feed was not read, and since when its head stands; by a monotonic clock.

    The first counts from the start of the process until a download succeeds: what waits at the
    portal meanwhile nobody here knows, only for how long nobody asked in vain.
    """

    def __init__(self, monotonic: Now) -> None:
        self._monotonic = monotonic
        self._since: datetime | None = None
        self._read_at = monotonic()

    def read(self) -> None:
        """Note that a page of the feed was taken over, or that nothing waits."""
        self._read_at = self._monotonic()

    def unread_seconds(self) -> float:
        """Return since when no page was taken over."""
        return (self._monotonic() - self._read_at).total_seconds()

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
