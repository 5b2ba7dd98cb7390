"""/province/v1: what the national side (部端) calls: it pushes what it forwards."""

import logging
from collections import Counter
from typing import Final

from gateway.domain.dated_rules import DatedRules
from gateway.domain.item_answer import ItemAnswer
from gateway.events import say
from gateway.flows.failpoints import FailpointHook
from gateway.flows.pushed_page import record_pushed
from gateway.metrics import Metrics
from gateway.page_notes import IntakeWay, note_page
from gateway.web.batch_answers import batch_body
from gateway.web.calls import Answer, SignedCall
from gateway.web.endpoints import SignedEndpoint
from gateway.web.keyring import Role
from schemas.calls.bodies import read_batch
from schemas.calls.refusals import CallRefused
from schemas.reference.clock import Now

LOG: Final = logging.getLogger(__name__)
_KNOWN: Final = frozenset({Role.AGENCY, Role.PORTAL})
_PUSH: Final = ("pushApplications", "POST", "/province/v1/applications")


class ProvinceApi:
    """The operations of the contract that the gateway serves to the national side.

    `takes_pushes` says that there is a key for pushes (`portal.push_key_file`). Without one the
    operation is not offered, and whoever is known is told so.
    """

    def __init__(
        self,
        *,
        rules: DatedRules,
        now: Now,
        metrics: Metrics,
        hook: FailpointHook,
        takes_pushes: bool,
    ) -> None:
        self._rules, self._now, self._metrics, self._hook = rules, now, metrics, hook
        self._takes_pushes = takes_pushes

    def endpoints(self) -> tuple[SignedEndpoint, ...]:
        """Return what is served, to the national side only; or refused, where it is not offered."""
        if self._takes_pushes:
            return (SignedEndpoint(*_PUSH, frozenset({Role.PORTAL}), self.push_applications),)
        return (SignedEndpoint(*_PUSH, _KNOWN, _not_built),)

    async def push_applications(self, call: SignedCall) -> Answer:
        """转办申请推送: answered once what is accepted is on disk, each item by itself."""
        items = read_batch(call.body, "items")
        result = await record_pushed(
            items, store=call.store, rules=self._rules, now=self._now, hook=self._hook
        )
        note_page(result.rows, IntakeWay.PUSH, metrics=self._metrics, logger=LOG)
        self._note_refusals(result.answers)
        return Answer(batch_body(result.answers))

    def _note_refusals(self, answers: tuple[ItemAnswer, ...]) -> None:
        """Log what was refused, a line a code."""
        refused = Counter(one.refused.code for one in answers if one.refused)
        for code, count in sorted(refused.items()):
            say(LOG, logging.WARNING, "push.refused", code=code, count=count)


async def _not_built(_: SignedCall) -> Answer:
    """Say that the contract has the operation, and this gateway does not."""
    raise CallRefused("operation.not-built")
