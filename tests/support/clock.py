"""The clock of tests: it stands, or goes with the machine's, and is set forward by the test."""

from datetime import datetime, timedelta

from schemas.reference.clock import Now
from tests.builders.records import MORNING


class SettableClock:
    """A `Now` that a test moves; it stands at an instant, or goes on where `start` is a clock."""

    def __init__(self, start: datetime | Now = MORNING) -> None:
        self._start = start
        self.ahead = timedelta()
        """How far it was set forward."""

    def __call__(self) -> datetime:
        """Return the time."""
        started = self._start if isinstance(self._start, datetime) else self._start()
        return started + self.ahead

    def forward(self, **by: float) -> datetime:
        """Move on by a `timedelta` and return the new time."""
        self.ahead += timedelta(**by)
        return self()
