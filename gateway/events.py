"""What the gateway says about itself: events with allowed facts only, under the message's trace.

A fact is one of `Facts`, so a personal value has no name under which it could be said; the types
refuse any other name, and `gateway.logs` drops it should it come all the same.
"""

import logging
import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, TypedDict, Unpack

_TRACEPARENT: Final = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_TRACE: Final[ContextVar[str | None]] = ContextVar("trace", default=None)


class Facts(TypedDict, total=False):
    """Everything a log line may say; durations in milliseconds, `error` an error's class.

    `problem` is a code of the catalogue of problems, whoever said it; `skew_s` is how far a peer's
    clock is ahead of ours.
    """

    application_no: str
    message_no: str
    revision: int
    agency: str
    peer: str
    key_id: str
    operation: str
    status: int
    code: str
    outcome: str
    reason: str
    problem: str
    error: str
    where: str
    count: int
    held: int
    repeated: int
    settled: int
    postponed: int
    parked: int
    took_ms: float
    retry_in_s: float
    skew_s: int
    address: str
    setting: str
    version: str


ALLOWED: Final = frozenset(Facts.__annotations__)


def say(logger: logging.Logger, level: int, event: str, **facts: Unpack[Facts]) -> None:
    """Log one event; `event` is a fixed dotted name, never a sentence with values in it."""
    if not logger.isEnabledFor(level):
        return
    # made by hand: finding the calling line, which nobody reads, would cost as much as the rest
    record = logging.LogRecord(logger.name, level, "", 0, event, (), None)
    record.facts = facts
    record.trace_id = _TRACE.get()
    logger.handle(record)


def current_trace() -> str | None:
    """Return the trace id of the message in hand, 32 hexadecimal digits, or None."""
    return _TRACE.get()


def read_trace(traceparent: str | None) -> str:
    """Return the trace id of a W3C `traceparent`, or a fresh one where it is absent or unfit."""
    found = _TRACEPARENT.fullmatch(traceparent) if traceparent else None
    return found[1] if found else fresh_trace()


def fresh_trace() -> str:
    """Return a new trace id; it has to be distinct, not secret."""
    return f"{random.getrandbits(128) or 1:032x}"


def traceparent(trace_id: str) -> str:
    """Return the W3C header that hands `trace_id` on, with a span of our own, sampled."""
    span = random.getrandbits(64) or 1
    return f"00-{trace_id}-{span:016x}-01"


def begin_trace(sent: str | None) -> str:
    """Put a message in hand for the rest of the running task; return its trace id.

    For a request, which has a task of its own: there is nothing to take back.
    """
    chosen = read_trace(sent)
    _TRACE.set(chosen)
    return chosen


@contextmanager
def tracing(trace_id: str | None = None) -> Iterator[str]:
    """Put a message in hand: what is logged and sent meanwhile bears its trace id."""
    chosen = trace_id or fresh_trace()
    token = _TRACE.set(chosen)
    try:
        yield chosen
    finally:
        _TRACE.reset(token)
