"""/operator/v1: what systems of the province's operators ask for: the acts that commands do, too.

Who acts is the person that the message names, in the system whose key signed it.
"""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from gateway.domain.case import Case
from gateway.domain.dated_rules import DatedRules
from gateway.domain.detail import Detail
from gateway.domain.directory import Agency
from gateway.domain.portal_return import WantedReturn, is_known
from gateway.events import say
from gateway.flows.annotate import annotate_cases
from gateway.flows.assign import assign_cases
from gateway.flows.failpoints import FailpointHook
from gateway.flows.hold import hold_cases
from gateway.flows.operator_acts import CaseAct
from gateway.flows.portal_return import return_cases
from gateway.flows.release import CaseRelease, release_held
from gateway.flows.resend import ResendRequest, ResentMessage, preview_resend, resend
from gateway.metrics import Metrics
from gateway.ports import PORTAL
from gateway.web.calls import Answer, SignedCall
from gateway.web.endpoints import SignedEndpoint
from gateway.web.keyring import Role
from gateway.web.ping import answer_ping
from schemas.calls.bodies import read_record
from schemas.calls.refusals import CallRefused
from schemas.records.application_returns import APPLICATION_RETURN_REASON
from schemas.records.field_errors import field_error
from schemas.records.operator_acts import (
    ActAnswer,
    ActCode,
    ActEntry,
    AnnotateAct,
    AssignAct,
    HoldAct,
    ReleaseAct,
    ResendAct,
    ResendAnswer,
    ResendEntry,
    ReturnAct,
)
from schemas.reference.clock import Now, beijing_date

LOG: Final = logging.getLogger(__name__)
_ROOT: Final = "/operator/v1"
_OPERATORS: Final = frozenset({Role.OPERATOR})


class OperatorApi:
    """The operations of the contract that the gateway serves to its operators' systems."""

    def __init__(
        self, *, rules: DatedRules, now: Now, metrics: Metrics, hook: FailpointHook
    ) -> None:
        self._rules, self._now, self._metrics, self._hook = rules, now, metrics, hook

    def endpoints(self) -> tuple[SignedEndpoint, ...]:
        """Return what is served, to systems of operators only."""
        listed: tuple[tuple[str, str, Callable[[SignedCall], Awaitable[Answer]]], ...] = (
            ("assignCases", "/assignments", self.assign_cases),
            ("holdCases", "/holds", self.hold_cases),
            ("releaseCases", "/releases", self.release_cases),
            ("annotateCases", "/annotations", self.annotate_cases),
            ("returnCases", "/returns", self.return_cases),
            ("resendMessages", "/resends", self.resend_messages),
            ("operator.ping", "/ping", self.ping),
        )
        return tuple(
            SignedEndpoint(name, "POST", f"{_ROOT}{path}", _OPERATORS, handler)
            for name, path, handler in listed
        )

    async def assign_cases(self, call: SignedCall) -> Answer:
        """改派: answered once the cases are with the other agency, on disk."""
        asked = read_record(call.body, AssignAct.read)
        acts = await assign_cases(
            asked.keys,
            agency=self._agency(asked.to),
            reason=asked.reason,
            operator=_actor(call, asked.operator),
            store=call.store,
            rules=self._rules,
            now=self._now,
            hook=self._hook,
        )
        return self._acted(call, "assignCases", map(_act, acts))

    async def hold_cases(self, call: SignedCall) -> Answer:
        """挂起: answered once the cases are held, on disk."""
        asked = read_record(call.body, HoldAct.read)
        acts = await hold_cases(
            asked.keys,
            reason=asked.reason,
            operator=_actor(call, asked.operator),
            store=call.store,
            now=self._now,
            hook=self._hook,
        )
        return self._acted(call, "holdCases", map(_act, acts))

    async def release_cases(self, call: SignedCall) -> Answer:
        """释放挂起: answered once the cases go on, on disk."""
        asked = read_record(call.body, ReleaseAct.read)
        done = await release_held(
            asked.keys,
            operator=_actor(call, asked.operator),
            store=call.store,
            rules=self._rules,
            now=self._now,
            hook=self._hook,
        )
        return self._acted(call, "releaseCases", map(_release, done))

    async def return_cases(self, call: SignedCall) -> Answer:
        """退回部端: answered once the cases are held for the national side, on disk."""
        asked = read_record(call.body, ReturnAct.read)
        rules = self._rules.on(beijing_date(self._now()))
        if asked.belongs_to is not None and not is_known(asked.belongs_to, rules.tree):
            error = field_error("/belongs_to", "value_error", "区划表中没有此代码")
            raise CallRefused("message.invalid", errors=(error,))
        actor = _actor(call, asked.operator)
        reason = rules.tables.name(APPLICATION_RETURN_REASON.table, asked.reason)
        acts = await return_cases(
            asked.keys,
            wanted=WantedReturn(asked.reason, asked.belongs_to, actor, asked.operator),
            text=asked.note or reason or asked.reason,
            store=call.store,
            rules=rules,
            now=self._now,
            hook=self._hook,
        )
        return self._acted(call, "returnCases", map(_act, acts))

    async def annotate_cases(self, call: SignedCall) -> Answer:
        """备注: answered once the text stands in the histories, on disk."""
        asked = read_record(call.body, AnnotateAct.read)
        acts = await annotate_cases(
            asked.keys,
            text=asked.text,
            operator=_actor(call, asked.operator),
            store=call.store,
            now=self._now,
            hook=self._hook,
        )
        return self._acted(call, "annotateCases", map(_act, acts))

    async def resend_messages(self, call: SignedCall) -> Answer:
        """重发: answered once the messages are due again, on disk; or what would be, by preview."""
        asked = read_record(call.body, ResendAct.read)
        if asked.peer not in {None, PORTAL}:
            self._check_peer(asked.peer or "")
        request = ResendRequest(asked.keys or (), asked.peer, asked.per_minute)
        if asked.preview:
            at = self._now()
            found = await call.store.read(lambda views: preview_resend(views, request, at=at))
            return Answer(_resent(found))
        found = await resend(
            request,
            operator=_actor(call, asked.operator),
            store=call.store,
            now=self._now,
            hook=self._hook,
        )
        self._count(
            call, "resendMessages", ["resent" if one.sent_again else "unwanted" for one in found]
        )
        return Answer(_resent(found))

    async def ping(self, call: SignedCall) -> Answer:
        """连通性测试: the text comes back; signature, clock and reach are proven."""
        return answer_ping(call.body, self._now())

    def _agency(self, code: str) -> Agency:
        today = beijing_date(self._now())
        found = self._rules.on(today).directory.on(today).get(code)
        if found is None or found.delivery is None:  # nobody would get the dispatch
            raise CallRefused("agency.unknown", errors=(field_error("/to", "enum"),))
        return found

    def _check_peer(self, code: str) -> None:
        """Refuse a peer of no list: neither of the directory of today nor of the settings."""
        today = beijing_date(self._now())
        if self._rules.on(today).directory.name_of(code, today) is None:
            raise CallRefused("agency.unknown", errors=(field_error("/peer", "enum"),))

    def _acted(self, call: SignedCall, operation: str, entries: Iterable[ActEntry]) -> Answer:
        results = tuple(entries)
        self._count(call, operation, [one.result.value for one in results])
        return Answer(ActAnswer(results=results).wire())

    def _count(self, call: SignedCall, operation: str, results: list[str]) -> None:
        for result, count in Counter(results).items():
            self._metrics.count(self._metrics.operator_acts, operation, result, by=count)
        say(
            LOG,
            logging.INFO,
            "operator.acted",
            peer=call.caller,
            operation=operation,
            count=len(results),
        )


def _actor(call: SignedCall, person: str) -> str:
    return f"{person}@{call.caller}"


def _act(one: CaseAct) -> ActEntry:
    return _entry(one.key, ActCode(one.result), one.change.case if one.change else one.before)


def _entry(key: str, result: ActCode, case: Case | None) -> ActEntry:
    if case is None:
        return ActEntry(key=key, result=result)
    return ActEntry(
        key=key,
        result=result,
        agency_code=case.agency,
        dispatch_no=case.dispatch_no,
        held_for=case.hold_reason,
    )


def _release(one: CaseRelease) -> ActEntry:
    result = ActCode(one.result)
    return ActEntry(key=one.key, result=result, agency_code=one.agency, held_for=one.reason)


def _resent(found: Iterable[ResentMessage]) -> bytes:
    return ResendAnswer(messages=tuple(map(_resend_entry, found))).wire()


def _resend_entry(one: ResentMessage) -> ResendEntry:
    message = one.message
    why = Detail.read(message.error)
    return ResendEntry(
        key=message.key,
        kind=message.kind,
        peer=message.peer,
        message_no=message.number,
        revision=message.revision,
        problem=None if why is None else why.code,
        sent_again=one.sent_again,
    )
