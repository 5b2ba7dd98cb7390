"""Log lines (日志): one JSON object a line, allow-listed facts, never a personal value.

What libraries log is not written, only that they said something: their texts may quote anything.
"""

import json
import logging
import re
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, TextIO, TypedDict, Unpack

_OURS: Final = "simulator"
_CODE: Final = re.compile(r"(?=.{1,64}\Z)[A-Za-z_][A-Za-z0-9_]*(?:[.:-][A-Za-z0-9_]+)*")
_OF_TEXT: Final[Mapping[str, re.Pattern[str]]] = {
    "agency": re.compile(r"[0-9A-Za-z-]{1,20}"),
    "area": re.compile(r"[0-9]{6,12}"),
    "rule": re.compile(r"(?:/[A-Za-z0-9$_-]{1,64}){0,16}"),
}
WITHHELD: Final = "withheld"
"""Written in the place of a fact that could be anybody's text."""


class Facts(TypedDict, total=False):
    """Everything a log line may say: codes of ours, and an error as itself, never as its text.

    `rule` is the JSON Pointer into a published schema of what a body breaks.
    """

    operation: str
    code: str
    record: str
    rule: str
    agency: str
    area: str
    loop: str
    raised: BaseException


_WRITTEN: Final = frozenset(Facts.__annotations__) - {"raised"} | {"error", "where"}


def say(logger: logging.Logger, level: int, event: str, **facts: Unpack[Facts]) -> None:
    """Log one event; `event` is a fixed dotted name, never a sentence with values in it."""
    logger.log(level, event, extra={"facts": _written(facts)})


class JsonLines(logging.Formatter):
    """Writes time (UTC), level, logger, event, and the facts that may be logged."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        facts = getattr(record, "facts", None)
        ours = record.name.partition(".")[0] == _OURS and isinstance(facts, Mapping)
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": str(record.msg) if ours else f"library.{record.name}",
        }
        if ours and isinstance(facts, Mapping):
            line |= {name: _fit(name, facts[name]) for name in facts if name in _WRITTEN}
        if record.exc_info is not None and record.exc_info[1] is not None:
            line |= _kind_and_place(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def log_to_stderr(level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Send the simulator's log to `stream` (stderr); called by programs, never on import."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(_OURS).setLevel(level)


def _written(facts: Facts) -> dict[str, object]:
    """Return facts under the names that lines have."""
    written: dict[str, object] = dict(facts)
    raised = written.pop("raised", None)
    return written | _kind_and_place(raised) if isinstance(raised, BaseException) else written


def _kind_and_place(exc: BaseException) -> dict[str, object]:
    """Return class and innermost place of an error; its own text may quote values."""
    found: dict[str, object] = {"error": type(exc).__name__}
    places = list(traceback.walk_tb(exc.__traceback__))
    if places:
        frame, line = places[-1]
        found["where"] = f"{frame.f_globals.get('__name__', '')}:{line}"
    return found


def _fit(name: str, value: object) -> object:
    fits = isinstance(value, str) and _OF_TEXT.get(name, _CODE).fullmatch(value)
    return value if fits else WITHHELD
