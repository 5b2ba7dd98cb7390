"""How long one peer is left alone, shared by all loops that call it; by a monotonic clock."""

from gateway.domain.retry_policy import PeerPause
from schemas.reference.clock import Now


class ConnectionPause:
    """The pause of the connection to one peer: a wake-up or a tick does not end it."""

    def __init__(self, monotonic: Now) -> None:
        self._monotonic, self._pause = monotonic, PeerPause()

    def failed(self, retry_after_s: float | None) -> None:
        """Leave the peer alone after a call without a usable answer, for as long as it asks."""
        self._pause = self._pause.failed(self._monotonic(), retry_after_s)

    def remaining_s(self) -> float:
        """Return how long the peer is still left alone, in seconds; 0 when it may be called."""
        return self._pause.remaining(self._monotonic()).total_seconds()
