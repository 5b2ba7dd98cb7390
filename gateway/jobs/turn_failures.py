"""An error that nobody foresaw ends a turn of a loop: it is counted and logged, the loop goes on.

Only the class of the error and the place in our code are logged: its text may quote anything.
"""

import logging
import traceback
from typing import Final

from gateway.errors import GatewayError, PeerRefused, PeerUnavailable
from gateway.events import Facts, say
from gateway.metrics import Metrics
from storage.errors import StorageError

_OURS: Final = ("gateway", "storage", "schemas")


def note_turn_failure(
    exc: Exception, *, loop: str, metrics: Metrics, logger: logging.Logger, peer: str = ""
) -> None:
    """Count and log an error that ended a turn of `loop`, at work with `peer`; never its text."""
    metrics.count(metrics.turn_failures, loop)
    facts = Facts(reason=loop, error=type(exc).__name__, where=raised_in(exc))
    if peer:
        facts["peer"] = peer
    say(logger, logging.ERROR, "turn.failed", **facts)


def failure_facts(exc: GatewayError | StorageError) -> Facts:
    """Return what a log says of an expected error: codes of ours and numbers, never a text."""
    facts = Facts(code=str(exc.code))
    if isinstance(exc, PeerUnavailable):
        facts["reason"] = exc.failure
        if exc.skew_s is not None:
            facts["skew_s"] = round(exc.skew_s)
    if isinstance(exc, PeerUnavailable | PeerRefused):
        facts["peer"] = exc.peer
        if exc.status:
            facts["status"] = exc.status
        if exc.problem:
            facts["problem"] = exc.problem
    return facts


def raised_in(exc: BaseException) -> str:
    """Return module and line of our innermost frame, as `gateway.flows.intake:87`; else ``."""
    frames = traceback.walk_tb(exc.__traceback__)
    places = [(frame.f_globals.get("__name__", ""), line) for frame, line in frames]
    ours = [f"{name}:{line}" for name, line in places if name.partition(".")[0] in _OURS]
    return ours[-1] if ours else ""
