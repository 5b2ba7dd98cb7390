"""What becomes of an error that a request ended with: counted, logged without values, answered."""

import logging
from dataclasses import dataclass
from typing import Final

from gateway.errors import MessageReplayed
from gateway.events import UNPROVEN, say
from gateway.metrics import Metrics
from gateway.web.calls import Answer
from gateway.web.problems import FAULT, SIGNATURE, answer_of, problem_for

LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ErrorAnswers:
    """Turns errors into problem bodies (问题说明)."""

    metrics: Metrics

    def answer(
        self, exc: Exception, *, endpoint: str, trace_id: str, key_id: str | None = None
    ) -> Answer:
        """Return the answer to a request of `endpoint`; `key_id` is the key that signed it."""
        body = problem_for(exc, trace_id)
        self._count(exc, body.code)
        if body.code == FAULT:
            say(
                LOG,
                logging.ERROR,
                "request.failed",
                operation=endpoint,
                key_id=key_id or UNPROVEN,
                raised=exc,
            )
        else:
            say(
                LOG,
                logging.WARNING,
                "request.refused",
                operation=endpoint,
                code=body.code,
                status=body.status,
                key_id=key_id or UNPROVEN,
            )
        return answer_of(body)

    def _count(self, exc: Exception, code: str) -> None:
        if isinstance(exc, MessageReplayed):
            self.metrics.count(self.metrics.replay_refused)
        if code.startswith(SIGNATURE):
            self.metrics.count(self.metrics.signature_refused, code.removeprefix(SIGNATURE))
