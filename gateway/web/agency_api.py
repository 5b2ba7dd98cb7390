"""/agency/v1: what agencies' systems call: take dispatches, return outcomes, ask about a case."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Final

from gateway.domain.dated_rules import DatedRules
from gateway.domain.item_answer import ItemAnswer
from gateway.errors import RequestRefused
from gateway.events import Facts, say
from gateway.flows.deregistration import record_deregistrations
from gateway.flows.dispatch_return import record_returns
from gateway.flows.failpoints import FailpointHook
from gateway.flows.fetch import (
    acknowledge,
    case_view,
    pending_dispatches,
    superseded_dispatches,
)
from gateway.flows.outcome import record_outcomes
from gateway.flows.registration import record_registrations
from gateway.metrics import Metrics
from gateway.web.batch_answers import batch_body
from gateway.web.calls import Answer, SignedCall
from gateway.web.endpoints import SignedEndpoint
from gateway.web.keyring import Role
from gateway.web.long_poll import Notifier, wait_for_event
from gateway.web.ping import answer_ping
from schemas.calls.bodies import MOST_ITEMS, read_batch, read_item
from schemas.calls.queries import whole_number
from schemas.calls.refusals import CallRefused
from schemas.records.receipts import DispatchAcknowledgement, ItemStatus
from schemas.records.strict_json import RawItem
from schemas.reference.clock import Now

LOG: Final = logging.getLogger(__name__)
MAX_WAIT_S: Final = 30
_DEFAULT_LIMIT: Final = 100
_MOST_HOURS: Final = 168
_ROOT: Final = "/agency/v1"
_AGENCIES: Final = frozenset({Role.AGENCY})


class AgencyApi:
    """The operations of the contract that the gateway serves to agencies."""

    def __init__(
        self,
        *,
        rules: DatedRules,
        now: Now,
        notifier: Notifier,
        metrics: Metrics,
        hook: FailpointHook,
    ) -> None:
        self._rules, self._now, self._notifier, self._metrics = rules, now, notifier, metrics
        self._hook = hook

    def endpoints(self) -> tuple[SignedEndpoint, ...]:
        """Return what is served, each operation to agencies only."""
        listed: tuple[tuple[str, str, str, Callable[[SignedCall], Awaitable[Answer]]], ...] = (
            ("fetchDispatches", "GET", "/dispatches", self.fetch_dispatches),
            (
                "acknowledgeDispatches",
                "POST",
                "/dispatches/acknowledgements",
                self.acknowledge_dispatches,
            ),
            ("returnDispatches", "POST", "/dispatches/returns", self.return_dispatches),
            ("submitOutcomes", "POST", "/outcomes", self.submit_outcomes),
            ("submitRegistrations", "POST", "/registrations", self.submit_registrations),
            ("submitDeregistrations", "POST", "/deregistrations", self.submit_deregistrations),
            ("getCase", "GET", "/cases/{key:(?s:.+)}", self.get_case),
            ("ping", "POST", "/ping", self.ping),
        )
        return tuple(
            SignedEndpoint(name, method, f"{_ROOT}{path}", _AGENCIES, handler)
            for name, method, path, handler in listed
        )

    async def fetch_dispatches(self, call: SignedCall) -> Answer:
        """拉取分派单: the caller's unacknowledged dispatches; held open for the first to come."""
        limit = whole_number(call.query, "limit", _DEFAULT_LIMIT, minimum=1, maximum=MOST_ITEMS)
        wait_s = whole_number(call.query, "wait", 0, minimum=0, maximum=MAX_WAIT_S)
        hours = whole_number(call.query, "superseded_hours", 0, minimum=0, maximum=_MOST_HOURS)
        loop = asyncio.get_running_loop()
        until = loop.time() + wait_s
        with self._notifier.subscribe(call.caller) as notified:
            while True:
                notified.clear()
                bodies, more = await pending_dispatches(call.caller, store=call.store, limit=limit)
                left_s = until - loop.time()
                if bodies or left_s <= 0 or self._notifier.closed:
                    over = await self._superseded(call, hours) if hours else None
                    return Answer(_page(bodies, more, over))
                await wait_for_event(notified, left_s)

    async def _superseded(self, call: SignedCall, hours: int) -> bytes:
        within = timedelta(hours=hours)
        found = await superseded_dispatches(
            call.caller, within=within, store=call.store, now=self._now, limit=MOST_ITEMS
        )
        return b",".join(one.wire() for one in found)

    async def acknowledge_dispatches(self, call: SignedCall) -> Answer:
        """分派确认: the caller's system has these dispatches durably stored."""
        read = [_acknowledgement(item) for item in read_batch(call.body, "acknowledgements")]
        batch = [one for one in read if not isinstance(one, ItemAnswer)]
        stored = await acknowledge(call.caller, batch, store=call.store, now=self._now)
        answers = iter(stored)
        return Answer(
            batch_body([one if isinstance(one, ItemAnswer) else next(answers) for one in read])
        )

    async def submit_outcomes(self, call: SignedCall) -> Answer:
        """报送审核结果: answered once the accepted ones are on disk, each item by itself."""
        items, metrics = read_batch(call.body, "outcomes"), self._metrics
        answers = await record_outcomes(
            items, sender=call.caller, store=call.store, now=self._now, hook=self._hook
        )
        facts = self._note(call.caller, answers, partial(metrics.count, metrics.outcomes))
        say(LOG, logging.INFO, "outcomes.recorded", **facts)
        return Answer(batch_body(answers))

    async def submit_registrations(self, call: SignedCall) -> Answer:
        """报送本地受理登记: answered once the accepted ones are on disk, each item by itself."""
        items, metrics = read_batch(call.body, "registrations"), self._metrics
        answers = await record_registrations(
            items,
            sender=call.caller,
            store=call.store,
            rules=self._rules,
            now=self._now,
            hook=self._hook,
        )
        facts = self._note(call.caller, answers, partial(metrics.count, metrics.registrations))
        say(LOG, logging.INFO, "registrations.recorded", **facts)
        return Answer(batch_body(answers))

    async def submit_deregistrations(self, call: SignedCall) -> Answer:
        """报送失业登记注销: answered once the accepted ones are on disk, each item by itself."""
        items, metrics = read_batch(call.body, "deregistrations"), self._metrics
        answers = await record_deregistrations(
            items,
            sender=call.caller,
            store=call.store,
            rules=self._rules,
            now=self._now,
            hook=self._hook,
        )
        facts = self._note(call.caller, answers, partial(metrics.count, metrics.deregistrations))
        say(LOG, logging.INFO, "deregistrations.recorded", **facts)
        return Answer(batch_body(answers))

    async def return_dispatches(self, call: SignedCall) -> Answer:
        """退回分派单: answered once the accepted ones are on disk, each item by itself."""
        items = read_batch(call.body, "returns")
        answers = await record_returns(
            items, sender=call.caller, store=call.store, now=self._now, hook=self._hook
        )
        for one in answers:
            said = one.refused.code if one.refused else one.status
            self._metrics.count(self._metrics.returns, said)
        say(LOG, logging.INFO, "returns.recorded", agency=call.caller, count=len(answers))
        return Answer(batch_body(answers))

    async def get_case(self, call: SignedCall) -> Answer:
        """查询办件: where a case of the caller's stands."""
        key = call.path["key"]
        body = await case_view(key, agency=call.caller, store=call.store)
        if body is None:
            raise RequestRefused("case.unknown", "no such case with this agency")
        return Answer(body)

    async def ping(self, call: SignedCall) -> Answer:
        """连通性测试: the text comes back; signature, clock and reach are proven."""
        return answer_ping(call.body, self._now())

    def _note(
        self, agency: str, answers: Sequence[ItemAnswer], count: Callable[[str], None]
    ) -> Facts:
        """Count every item; return what the log says of the message, in one line."""
        at = self._now()
        for one in answers:
            said = one.refused.code if one.refused else one.status
            count(said)
            if one.key is not None and one.status is ItemStatus.ACCEPTED:
                self._metrics.decided(one.key, one.revision, at)
        facts = Facts(agency=agency, count=len(answers))
        if len(answers) == 1 and answers[0].key is not None:
            facts["application_no"] = answers[0].key
        refused = [one.refused.code for one in answers if one.refused]
        if refused:
            facts["code"] = refused[0]
        return facts


def _acknowledgement(item: RawItem) -> DispatchAcknowledgement | ItemAnswer:
    try:
        return read_item(item, DispatchAcknowledgement.read)
    except CallRefused as exc:
        return ItemAnswer.refusal(exc.code, str(exc), exc.errors)


def _page(bodies: Sequence[bytes], more: bool, superseded: bytes | None) -> bytes:
    over = b"" if superseded is None else b',"superseded":[%b]' % superseded
    said = b"true" if more else b"false"
    return b'{"dispatches":[%b],"more":%b%b}' % (b",".join(bodies), said, over)
