"""Logs: JSON lines in UTC with allowed facts only; a personal value has no way in.

Texts that libraries log are not written, only that they said something: they may quote anything.
A fact without the shape of its name is withheld for the same reason.
"""

import logging
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Final, TextIO

import orjson

from gateway.events import UNPROVEN, WRITTEN, is_sayable, raised_in

OURS: Final = "gateway"
WITHHELD: Final = "withheld"
"""Written in the place of a fact that could be anybody's text."""
UNPROVEN_PER_S: Final = 10
_LIBRARY: Final = "library."
_BUFFER_BYTES: Final = 1 << 16


class JsonLines(logging.Formatter):
    """One record, one line: at, level, event, trace_id, and the facts."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": _event(record),
        }
        trace_id = getattr(record, "trace_id", None)
        if trace_id is not None:
            line["trace_id"] = trace_id
        facts = getattr(record, "facts", None)
        if isinstance(facts, Mapping):
            line.update((name, _fit(name, facts[name])) for name in facts if name in WRITTEN)
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = type(record.exc_info[1]).__name__
            line["where"] = raised_in(record.exc_info[1])
        return orjson.dumps(line).decode("utf-8")


class Lines(logging.StreamHandler[TextIO]):
    """Writes lines in batches: a system call for each would cost more than the line itself.

    A warning goes out at once with all before it; the rest within half a second, when `flush_logs`
    is called, and at the end of the process. A killed process may lose its last quiet lines.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line; send it off only where it matters."""
        try:
            self.stream.write(self.format(record) + "\n")
            if record.levelno >= logging.WARNING:
                self.flush()
        except (OSError, ValueError):  # nobody reads any more; the work goes on
            self.handleError(record)


@dataclass(slots=True)
class _Bucket:
    """A token bucket (令牌桶) for the lines of one kind."""

    tokens: float
    filled_s: float
    suppressed: int = 0


class LineLimit(logging.Filter):
    """Lets so many lines a second of each kind through that anybody can cause; counts the rest.

    Such are the lines about callers who have proven no key, and those of libraries, to which any
    bytes on a connection may give rise. That must neither fill the disk nor bury the lines that
    matter. A kind is an event with its code, both from closed lists: nobody can make up a new one.
    """

    def __init__(
        self, per_s: int = UNPROVEN_PER_S, clock_s: Callable[[], float] = monotonic
    ) -> None:
        super().__init__()
        self._per_s, self._clock_s = per_s, clock_s
        self._buckets: dict[str, _Bucket] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether the line is written; one that is bears the count of those before it."""
        kind = _kind_for_anybody(record)
        if kind is None:
            return True
        bucket = self._filled(kind)
        if bucket.tokens < 1:
            bucket.suppressed += 1
            return False
        bucket.tokens -= 1
        if bucket.suppressed:
            facts = getattr(record, "facts", None) or {}
            record.__dict__["facts"] = {**facts, "suppressed": bucket.suppressed}
            bucket.suppressed = 0
        return True

    def _filled(self, kind: str) -> _Bucket:
        now = self._clock_s()
        bucket = self._buckets.setdefault(kind, _Bucket(self._per_s, now))
        gained = (now - bucket.filled_s) * self._per_s
        bucket.tokens, bucket.filled_s = min(bucket.tokens + gained, self._per_s), now
        return bucket


def _kind_for_anybody(record: logging.LogRecord) -> str | None:
    """Return the kind of a line that anybody can cause, None for every other line."""
    event, facts = _event(record), getattr(record, "facts", None)
    if event.startswith(_LIBRARY):
        return event
    if not isinstance(facts, Mapping) or facts.get("key_id") != UNPROVEN:
        return None
    return f"{event} {facts.get('code', '')}"


def write_logs(level: str, stream: TextIO | None = None) -> logging.Handler:
    """Send everything logged in this process to `stream` (stderr) as JSON lines."""
    handler = Lines(stream or _buffered_stderr())
    handler.setFormatter(JsonLines())
    handler.addFilter(LineLimit())
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False  # never written
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(OURS).setLevel(level.upper())
    return handler


def flush_logs() -> None:
    """Send off what was logged."""
    for handler in logging.getLogger().handlers:
        with suppress(OSError, ValueError):  # nobody reads any more; the work goes on
            handler.flush()


def _buffered_stderr() -> TextIO:
    return open(sys.stderr.fileno(), "w", buffering=_BUFFER_BYTES, encoding="utf-8", closefd=False)


def _event(record: logging.LogRecord) -> str:
    """Return our event's name, or which library spoke: its text may quote anything."""
    ours = record.name == OURS or record.name.startswith(f"{OURS}.")
    return str(record.msg) if ours and hasattr(record, "facts") else f"{_LIBRARY}{record.name}"


def _fit(name: str, value: object) -> object:
    return value if is_sayable(name, value) else WITHHELD
