"""What the gateway says about itself: events with allowed facts only, under the message's trace.

A fact is one of `Facts`, so a personal value has no name under which it could be said; the types
refuse any other name. Each fact has a shape that no sentence fits: what a library or a peer
wrote is withheld by `gateway.logs` should it come all the same. An error is handed over as itself,
never as its text.
"""

import logging
import re
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, TypedDict, Unpack

from schemas.calls.traces import fresh_trace, sent_trace

_TRACE: Final[ContextVar[str | None]] = ContextVar("trace", default=None)


UNPROVEN: Final = "unproven"
"""The `key_id` of a caller who has proven none; how many lines it causes a second is limited."""


class Facts(TypedDict, total=False):
    """Everything a log line may say.

    `problem` is a code of the catalogue of problems, whoever said it; `skew_s` is how far a peer's
    clock is ahead of ours, `lag_s` how long the latest of a page was on its way, `way` whether it
    was pulled or pushed. `suppressed` counts the lines about unproven callers that were left out
    before this one. `directory` is a version of the agency directory, `day` a Beijing date.
    `raised` is an error; of it are written its class, as `error`, and the place in our code it came
    through, as `where`.
    """

    application_no: str
    position: int
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
    raised: BaseException
    count: int
    suppressed: int
    held: int
    repeated: int
    settled: int
    postponed: int
    parked: int
    retry_in_s: float
    skew_s: int
    lag_s: int
    way: str
    address: str
    setting: str
    table: str
    version: str
    directory: int
    day: str


_CODE: Final = re.compile(r"(?=.{1,64}\Z)[A-Za-z_][A-Za-z0-9_]*(?:[.:-][A-Za-z0-9_]+)*")
_NAME: Final = re.compile(r"[0-9A-Za-z._-]{1,64}")
_NUMBER: Final = re.compile(r"[!-~]{1,40}")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ADDRESS: Final = re.compile(r"(?:[a-z]+:)?[0-9A-Za-z.:/\[\]_-]{1,128}")
_OF_TEXT: Final[Mapping[str, re.Pattern[str]]] = {
    "application_no": _NUMBER,
    "message_no": _NUMBER,
    "agency": _NAME,
    "peer": _NAME,
    "key_id": _NUMBER,
    "address": _ADDRESS,
    "version": _NAME,
    "day": _DAY,
}
_OURS: Final = ("gateway", "storage", "schemas")
WRITTEN: Final = frozenset(Facts.__annotations__) - {"raised"} | {"error", "where"}
"""The names of facts as lines have them."""


def is_sayable(name: str, value: object) -> bool:
    """Say whether a fact may be written: a number, or text of the shape that its name asks for."""
    if isinstance(value, str):
        return _OF_TEXT.get(name, _CODE).fullmatch(value) is not None
    return isinstance(value, int | float)


def say(logger: logging.Logger, level: int, event: str, **facts: Unpack[Facts]) -> None:
    """Log one event; `event` is a fixed dotted name, never a sentence with values in it."""
    if not logger.isEnabledFor(level):
        return
    # made by hand: finding the calling line, which nobody reads, would cost as much as the rest
    record = logging.LogRecord(logger.name, level, "", 0, event, (), None)
    record.facts = _written(facts)
    record.trace_id = _TRACE.get()
    logger.handle(record)


def _written(facts: Facts) -> Mapping[str, object]:
    """Return facts under the names that lines have."""
    written: dict[str, object] = dict(facts)
    raised = written.pop("raised", None)
    if isinstance(raised, BaseException):
        written["error"] = type(raised).__name__
        if where := raised_in(raised):
            written["where"] = where
    return written


def raised_in(exc: BaseException) -> str:
    """Return module and line of our innermost frame, as `gateway.flows.intake:87`; else ``."""
    frames = traceback.walk_tb(exc.__traceback__)
    places = [(frame.f_globals.get("__name__", ""), line) for frame, line in frames]
    ours = [f"{name}:{line}" for name, line in places if name.partition(".")[0] in _OURS]
    return ours[-1] if ours else ""


def current_trace() -> str | None:
    """Return the trace id of the message in hand, 32 hexadecimal digits, or None."""
    return _TRACE.get()


def begin_trace(sent: Sequence[str] = ()) -> str:
    """Put a message in hand for the rest of the running task; return its trace id.

    `sent` are the `traceparent` lines that came with it. For a request, which has a task of its
    own: there is nothing to take back.
    """
    chosen = sent_trace(sent) or fresh_trace()
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
