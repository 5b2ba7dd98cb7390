"""An error that nobody foresaw ends a turn of a loop: it is counted and logged, the loop goes on.

Only the class of the error and the place in our code are logged: its text may quote anything.
"""

import logging
import traceback
from typing import Final

from gateway.events import say
from gateway.metrics import Metrics

_OURS: Final = ("gateway", "storage", "schemas")


def note_turn_failure(
    exc: Exception, *, loop: str, metrics: Metrics, logger: logging.Logger
) -> None:
    """Count and log an error that ended a turn of `loop`; never its text."""
    metrics.count(metrics.turn_failures, loop)
    say(
        logger,
        logging.ERROR,
        "turn.failed",
        reason=loop,
        error=type(exc).__name__,
        where=raised_in(exc),
    )


def raised_in(exc: BaseException) -> str:
    """Return module and line of our innermost frame, as `gateway.flows.intake:87`; else ``."""
    frames = traceback.walk_tb(exc.__traceback__)
    places = [(frame.f_globals.get("__name__", ""), line) for frame, line in frames]
    ours = [f"{name}:{line}" for name, line in places if name.partition(".")[0] in _OURS]
    return ours[-1] if ours else ""
