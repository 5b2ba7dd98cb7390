"""How long one peer is left alone, shared by all loops that call it."""

from gateway.domain.retry_policy import PeerPause
from schemas.reference.clock import Now


class ConnectionPause:
    """The pause of the connection to one peer: a wake-up or a tick does not end it."""

    def __init__(self, now: Now) -> None:
        self._now, self._pause = now, PeerPause()

    def failed(self, retry_after_s: float | None) -> None:
        """Leave the peer alone after a call without a usable answer, for as long as it asks."""
        self._pause = self._pause.failed(self._now(), retry_after_s)

    def remaining_s(self) -> float:
        """Return how long the peer is still left alone, in seconds; 0 when it may be called."""
        return self._pause.remaining(self._now()).total_seconds()
