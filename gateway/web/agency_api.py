"""/agency/v1: what agencies' systems call: take dispatches, return outcomes, ask about a case."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from gateway.domain.item_answer import ItemAnswer
from gateway.errors import RequestRefused
from gateway.events import Facts, current_trace, say
from gateway.flows.failpoints import FailpointHook
from gateway.flows.fetch import acknowledge, case_view, pending_dispatches
from gateway.flows.outcome import record_outcomes
from gateway.metrics import Metrics
from gateway.web.calls import Answer, SignedCall
from gateway.web.endpoints import SignedEndpoint
from gateway.web.keyring import Role
from gateway.web.long_poll import Notifier, wait_for_event
from gateway.web.problems import problem
from schemas.records.dispatches import Ping, Pong
from schemas.records.receipts import DispatchAcknowledgementBatch, ItemStatus
from schemas.records.strict_json import RawItem, parse, read_page
from schemas.records.version import CONTRACT_VERSION
from schemas.reference.clock import Now

LOG: Final = logging.getLogger(__name__)
MAX_ITEMS: Final = 200
MAX_WAIT_S: Final = 30
_DEFAULT_LIMIT: Final = 100
_ROOT: Final = "/agency/v1"
_AGENCIES: Final = frozenset({Role.AGENCY})


class AgencyApi:
    """The operations of the contract that the gateway serves to agencies."""

    def __init__(
        self, *, now: Now, notifier: Notifier, metrics: Metrics, hook: FailpointHook
    ) -> None:
        self._now, self._notifier, self._metrics = now, notifier, metrics
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
            ("submitOutcomes", "POST", "/outcomes", self.submit_outcomes),
            ("getCase", "GET", "/cases/{key:(?s:.+)}", self.get_case),
            ("ping", "POST", "/ping", self.ping),
        )
        return tuple(
            SignedEndpoint(name, method, f"{_ROOT}{path}", _AGENCIES, handler)
            for name, method, path, handler in listed
        )

    async def fetch_dispatches(self, call: SignedCall) -> Answer:
        """领取分派单: the caller's unacknowledged dispatches; held open for the first to come."""
        limit = _whole(call.query, "limit", _DEFAULT_LIMIT, 1, MAX_ITEMS)
        wait_s = _whole(call.query, "wait", 0, 0, MAX_WAIT_S)
        loop = asyncio.get_running_loop()
        until = loop.time() + wait_s
        with self._notifier.subscribe(call.caller) as notified:
            while True:
                notified.clear()
                bodies, more = await pending_dispatches(call.caller, store=call.store, limit=limit)
                left_s = until - loop.time()
                if bodies or left_s <= 0 or self._notifier.closed:
                    return Answer(_page(bodies, more))
                await wait_for_event(notified, left_s)

    async def acknowledge_dispatches(self, call: SignedCall) -> Answer:
        """分派确认: the caller's system has these dispatches durably stored."""
        parse(call.body)
        batch = DispatchAcknowledgementBatch.read(call.body).acknowledgements
        answers = await acknowledge(call.caller, batch, store=call.store, now=self._now)
        return Answer(_results(answers))

    async def submit_outcomes(self, call: SignedCall) -> Answer:
        """报送审核结果: answered once the accepted ones are on disk, each item by itself."""
        rest, items = read_page(call.body, "outcomes")
        _check_batch(rest, items)
        answers = await record_outcomes(
            items, sender=call.caller, store=call.store, now=self._now, hook=self._hook
        )
        self._note(call.caller, answers)
        return Answer(_results(answers))

    async def get_case(self, call: SignedCall) -> Answer:
        """查询办件: where a case of the caller's stands."""
        key = call.path["key"]
        body = await case_view(key, agency=call.caller, store=call.store)
        if body is None:
            raise RequestRefused("case.unknown", "no such case with this agency")
        return Answer(body)

    async def ping(self, call: SignedCall) -> Answer:
        """连通性测试: the text comes back; signature, clock and reach are proven."""
        parse(call.body)
        echo = Ping.read(call.body).echo
        return Answer(Pong(echo=echo, at=self._now(), contract=CONTRACT_VERSION).wire())

    def _note(self, agency: str, answers: Sequence[ItemAnswer]) -> None:
        """Count every item; one log line a message."""
        at = self._now()
        for one in answers:
            said = one.refused.code if one.refused else one.status
            self._metrics.count(self._metrics.outcomes, said)
            if one.key is not None and one.status is ItemStatus.ACCEPTED:
                self._metrics.decided(one.key, one.revision, at)
        facts = Facts(agency=agency, count=len(answers))
        if len(answers) == 1 and answers[0].key is not None:
            facts["application_no"] = answers[0].key
        refused = [one.refused.code for one in answers if one.refused]
        if refused:
            facts["code"] = refused[0]
        say(LOG, logging.INFO, "outcomes.recorded", **facts)


def _whole(query: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = query.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and low <= int(text) <= high):
        raise RequestRefused("query.invalid", f"{name} is {low} to {high}")
    return int(text)


def _check_batch(rest: Mapping[str, object], items: Sequence[RawItem]) -> None:
    if len(items) > MAX_ITEMS:
        raise RequestRefused("message.too-large", f"more than {MAX_ITEMS} outcomes")
    if rest or not items:
        raise RequestRefused("message.invalid", "1 to 200 outcomes and nothing else")


def _page(bodies: Sequence[bytes], more: bool) -> bytes:
    return b'{"dispatches":[%b],"more":%b}' % (b",".join(bodies), b"true" if more else b"false")


def _results(answers: Sequence[ItemAnswer]) -> bytes:
    return b'{"results":[%b]}' % b",".join(map(_result, answers))


def _result(one: ItemAnswer) -> bytes:
    status = one.status.encode()
    if one.refused is None:
        return b'{"status":"%b","receipt":%b}' % (status, one.receipt or b"null")
    body = problem(one.refused.code, one.refused.detail, current_trace(), one.errors).wire()
    return b'{"status":"%b","problem":%b}' % (status, body)
