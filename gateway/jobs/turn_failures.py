"""An error that nobody foresaw ends a turn of a loop: it is counted and logged, the loop goes on.

Only the class of the error and the place in our code are logged: its text may quote anything.
"""

import logging

from gateway.errors import GatewayError, PeerRefused, PeerUnavailable
from gateway.events import Facts, say
from gateway.metrics import Metrics
from storage.errors import StorageError


def note_turn_failure(
    exc: Exception, *, loop: str, metrics: Metrics, logger: logging.Logger, peer: str = ""
) -> None:
    """Count and log an error that ended a turn of `loop`, at work with `peer`; never its text."""
    metrics.count(metrics.turn_failures, loop)
    facts = Facts(reason=loop, raised=exc)
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
        if exc.operation:
            facts["operation"] = exc.operation
        if exc.status:
            facts["status"] = exc.status
        if exc.problem:
            facts["problem"] = exc.problem
    return facts
