"""待发: when a message that did not get through goes again, and when a peer's circuit is open."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(hours=1)
LEASE = timedelta(seconds=60)
"""How long a claimed message belongs to its claimer; longer than any call's total deadline."""
_DOUBLINGS: Final = 12
_OPENS_AFTER: Final = 5

_WORTH_REPEATING: Final = ("service.", "outcome.not-acknowledged", "signature.")

Jitter = Callable[[], float]
"""Returns a number in [0, 1) that spreads retries; `random.random` outside tests."""


def is_worth_repeating(code: str) -> bool:
    """Say whether a peer that answered an item with this problem may take it another time."""
    return code.startswith(_WORTH_REPEATING)


def next_attempt(
    attempts: int, *, now: datetime, jitter: Jitter, retry_after_s: float | None = None
) -> datetime:
    """Return when the message goes again after `attempts` tries without a usable answer.

    Exponential with full jitter, at least half a second and at most an hour away; a peer's own
    Retry-After is honoured within one second and one hour. There is no last attempt: a report
    is repeated for ever.
    """
    if retry_after_s is not None:
        asked = timedelta(seconds=min(max(retry_after_s, 1.0), LONGEST_WAIT.total_seconds()))
        return now + asked
    ceiling = min(FIRST_WAIT * (1 << min(attempts, _DOUBLINGS)), LONGEST_WAIT)
    return now + max(ceiling * jitter(), FIRST_WAIT / 2)


@dataclass(frozen=True, slots=True)
class Breaker:
    """Whether a peer is called at all (熔断).

    After five failures in a row the circuit is open until `open_until`; then one call is tried.
    """

    failures: int = 0
    open_until: datetime | None = None

    def allows(self, now: datetime) -> bool:
        """Say whether a call may be made now."""
        return self.open_until is None or now >= self.open_until

    def succeeded(self) -> "Breaker":
        """Return the breaker after a usable answer."""
        return Breaker()

    def failed(self, now: datetime, jitter: Jitter) -> "Breaker":
        """Return the breaker after a call without a usable answer."""
        failures = self.failures + 1
        if failures < _OPENS_AFTER:
            return replace(self, failures=failures)
        until = next_attempt(failures - _OPENS_AFTER, now=now, jitter=jitter)
        return Breaker(failures, until)
