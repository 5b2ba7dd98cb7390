"""待发: when a message that did not get through goes again, and when a peer's circuit is open."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(hours=1)
LEAST_PAUSE = timedelta(seconds=1)
"""Between a call without a usable answer and the next one to the same peer, at least."""
LEASE = timedelta(seconds=60)
"""How long a claimed message belongs to its claimer; longer than any call's total deadline."""
BATCH: Final = 100
"""Messages that go to a peer in one call, at most."""
STORE_RETRY: Final = timedelta(seconds=1)
"""Shortest wait after a fault of our own store, which is near and is tried again all the time."""
_DOUBLINGS: Final = 12
_OPENS_AFTER: Final = 5
_LONGEST_OPEN: Final = timedelta(minutes=1)
_BATCH_RECOVERS_IN: Final = timedelta(minutes=1)
_ALONE_AFTER: Final = BATCH.bit_length()
"""So many halvings bring a batch down to one."""

_WORTH_REPEATING: Final = (
    "service.",
    "outcome.dated-ahead",
    "outcome.not-acknowledged",
    "signature.",
)

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


def store_retry(jitter: Jitter) -> timedelta:
    """Return the wait after a fault of our own store: seconds, however long it has lasted."""
    return STORE_RETRY * (1 + jitter())


def split_attempt(now: datetime) -> datetime:
    """Return when the halves of a batch go that was answered, but not for its messages."""
    return now + LEAST_PAUSE


def goes_alone(attempts: int) -> bool:
    """Say whether a message that is tried for this time goes in a call of its own.

    Whatever batch it was in failed each time, so it may be what they failed at.
    """
    return attempts > _ALONE_AFTER


@dataclass(frozen=True, slots=True)
class PeerPause:
    """Until when a peer is left alone: by every message, new ones too, and every loop."""

    until: datetime | None = None

    def failed(self, now: datetime, retry_after_s: float | None) -> "PeerPause":
        """Return the pause after a call without a usable answer, a second at least.

        What the peer asked for counts within a second and an hour, and never shortens a pause.
        """
        least_s, longest_s = LEAST_PAUSE.total_seconds(), LONGEST_WAIT.total_seconds()
        until = now + timedelta(seconds=min(max(retry_after_s or 0.0, least_s), longest_s))
        still = self.until is not None and self.remaining(now) > until - now
        return self if still else PeerPause(until)

    def remaining(self, now: datetime) -> timedelta:
        """Return how long the peer is still left alone."""
        return timedelta() if self.until is None else max(self.until - now, timedelta())


@dataclass(frozen=True, slots=True)
class BatchSize:
    """How many messages go to a peer in one call: half as many after each one that fails whole.

    One message that the peer, or something on the way, cannot bear is alone after a few calls, and
    its neighbours are through. A minute after the last failure the size doubles, again and again.
    """

    largest: int = BATCH
    reduced_to: int = BATCH
    reduced_at: datetime | None = None

    def limit(self, now: datetime) -> int:
        """Return the number for the next call, 1 to `largest`."""
        if self.reduced_at is None:
            return self.largest
        doublings = max(now - self.reduced_at, timedelta()) // _BATCH_RECOVERS_IN
        return min(self.reduced_to << min(doublings, self.largest.bit_length()), self.largest)

    def failed(self, size: int, now: datetime) -> "BatchSize":
        """Return the size after a call with `size` messages that failed as a whole."""
        return replace(self, reduced_to=max(size // 2, 1), reduced_at=now)


@dataclass(frozen=True, slots=True)
class Breaker:
    """Whether a peer is called at all (熔断).

    After five failures in a row the circuit is open until `open_until`, a minute at most; then one
    call is tried.
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
        return Breaker(failures, min(until, now + _LONGEST_OPEN))
