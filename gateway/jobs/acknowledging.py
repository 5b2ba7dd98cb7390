"""Acknowledging pages: one number that the portal cannot bear must not hold up the others.

An acknowledgement that fails makes its page come again. Where it fails as a whole a second time, it
is sent in halves until the culprit stands alone; that one is tried by itself from then on.
"""

import logging
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.domain.retry_policy import LEAST_PAUSE, Jitter, next_attempt
from gateway.errors import PeerRefused, PeerUnavailable
from gateway.events import Facts, say
from gateway.jobs.turn_failures import failure_facts
from gateway.ports.peers import Portal
from schemas.records.receipts import AcknowledgedItem, Acknowledgement, ItemResult
from schemas.reference.clock import Now

LOG: Final = logging.getLogger(__name__)
_FAILURES_AT_ONCE: Final = 16
"""So many without a success between them, and it is the portal that fails, not its messages."""
_MAX_ALONE: Final = 1000

Batch = Sequence[AcknowledgedItem]
Results = dict[tuple[str, str], ItemResult]
"""What the portal said, by the key of the receipt and kind."""
Rest = Callable[[float], Awaitable[None]]
"""Waits so many seconds, or until the gateway drains."""


@dataclass(frozen=True, slots=True)
class _Alone:
    """An acknowledgement that fails in a call of its own, and when it is tried again."""

    attempts: int
    due_at: datetime


class Acknowledger:
    """Acknowledges what is stored, in one call while that works, else in smaller ones."""

    def __init__(self, portal: Portal, *, monotonic: Now, jitter: Jitter, rest: Rest) -> None:
        self._portal, self._jitter, self._rest = portal, jitter, rest
        self._monotonic = monotonic
        self._alone: OrderedDict[str, _Alone] = OrderedDict()
        self._splits = False

    def failing_alone(self) -> int:
        """Return how many fail in calls of their own."""
        return len(self._alone)

    async def acknowledge(self, stored: Batch) -> tuple[ItemResult | None, ...]:
        """Acknowledge `stored`, and return what the portal says of each, in order.

        What fails alone while others get through is logged and left: None stands for it.

        Raises:
            PeerUnavailable, PeerRefused: Nothing says that it is one of them: the page comes again.
        """
        results: Results = {}
        together = [one for one in stored if one.key not in self._alone]
        if together:
            await self._together(together, results)
        for one in stored:
            known = self._alone.get(one.key)
            if known is not None and known.due_at <= self._monotonic():
                await self._once_more(one, results)
        return tuple(results.get((one.key, one.kind)) for one in stored)

    async def _call(self, batch: Batch, results: Results) -> None:
        answered = await self._portal.acknowledge(batch)
        for one, result in zip(batch, answered, strict=True):
            if result is not None:
                results[one.key, one.kind] = result

    async def _together(self, stored: Batch, results: Results) -> None:
        batches, failures = deque([stored]), 0
        while batches:
            batch = batches.popleft()
            try:
                await self._call(batch, results)
            except (PeerRefused, PeerUnavailable) as exc:
                failures += 1
                if not self._may_split(exc) or failures > _FAILURES_AT_ONCE:
                    raise
                if len(batch) == 1:
                    self._leave_alone(batch[0], exc)
                else:
                    middle = len(batch) // 2
                    batches.extendleft((batch[middle:], batch[:middle]))
                await self._rest(LEAST_PAUSE.total_seconds())
            else:
                failures = 0
        self._splits = False

    def _may_split(self, exc: PeerRefused | PeerUnavailable) -> bool:
        """Say whether the failure can lie in the message: it came in an answer, not only once."""
        if isinstance(exc, PeerRefused):
            return True
        if not exc.answered or exc.retry_after_s is not None:
            return False
        splits, self._splits = self._splits, True
        return splits

    async def _once_more(self, one: AcknowledgedItem, results: Results) -> None:
        try:
            await self._call([one], results)
        except (PeerRefused, PeerUnavailable) as exc:
            self._leave_alone(one, exc)
        else:
            del self._alone[one.key]

    def _leave_alone(self, one: AcknowledgedItem, exc: PeerRefused | PeerUnavailable) -> None:
        """Try it by itself from now on, more and more rarely, and say so."""
        known = self._alone.pop(one.key, None)
        attempts = 1 if known is None else known.attempts + 1
        due_at = next_attempt(attempts, now=self._monotonic(), jitter=self._jitter)
        self._alone[one.key] = _Alone(attempts, due_at)
        if len(self._alone) > _MAX_ALONE:
            self._alone.popitem(last=False)
        facts = failure_facts(exc) | acknowledged_facts(one)
        facts["count"] = attempts
        say(LOG, logging.WARNING, "acknowledgement.failed-alone", **facts)


def acknowledged_facts(one: AcknowledgedItem) -> Facts:
    """Return which item an acknowledgement is for, for the log."""
    if isinstance(one, Acknowledgement):
        return Facts(application_no=one.application_no)
    return Facts(position=one.position)
