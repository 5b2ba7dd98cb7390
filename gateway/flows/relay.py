"""上传与推送: claim what is due to a peer, send it, settle what the peer received.

Short transactions, never around a call. No answer is no failure but *unknown*: the same message
goes again under the same number, and the peer knows it by that. Claims and settled receipts may be
lost to a power cut, which only repeats them; so a case costs two flushes on its whole way.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.domain.case import Case, Change
from gateway.domain.detail import failure_detail
from gateway.domain.outbox_rules import OUTBOX_RULES, Sending, refusal_code
from gateway.domain.receipts import ReceiptFault
from gateway.domain.retry_policy import (
    BATCH,
    LEASE,
    Jitter,
    is_worth_repeating,
    next_attempt,
    split_attempt,
)
from gateway.domain.statement_line import UPLOADED, Line, instant_there
from gateway.errors import PeerUnavailable
from gateway.flows.batch_sending import Send, SentMessages, send_claimed
from gateway.flows.failpoints import Failpoint, FailpointHook, no_hook
from gateway.ports import PORTAL
from gateway.ports.ledger import Ledger
from gateway.ports.outbox import ClaimedMessage
from gateway.ports.peers import AgencySystem, Portal
from gateway.ports.store import Store
from gateway.ports.unreadable import UnreadableCode
from schemas.reference.clock import Now

_BUSY: Final = "peer.busy"
RECEIPT_NOT_BELIEVED: Final = "receipt.not-believed"
"""Why a message goes again whose receipt is not one for it."""
_SENDING_TIME: Final = LEASE / 2
"""After this no other call of a batch begins, so that what it says can still be settled."""


@dataclass(frozen=True, slots=True)
class Relayed:
    """What became of claimed messages, in numbers.

    Unless there is `more` that may be due, `next_at` says when something will be (None: nothing is
    open). With a `failure`, `unanswered` are the messages of the call that got no usable answer.
    `unbelieved` are those whose receipts are not theirs: postponed, as if there had been none.
    """

    claimed: int = 0
    settled: int = 0
    postponed: int = 0
    parked: int = 0
    settled_messages: tuple[ClaimedMessage, ...] = ()
    more: bool = True
    next_at: datetime | None = None
    failure: PeerUnavailable | None = None
    unanswered: tuple[ClaimedMessage, ...] = ()
    unbelieved: tuple[tuple[ClaimedMessage, ReceiptFault], ...] = ()


@dataclass(frozen=True, slots=True)
class _Outlet:
    """Whom messages go to, how, and the failpoints on the way."""

    peer: str
    send: Send
    claimed: Failpoint
    sent: Failpoint
    marked: Failpoint
    settled: Failpoint


@dataclass(frozen=True, slots=True)
class _Flow:
    """What every step of a relay works with."""

    store: Store
    now: Now
    monotonic: Now
    jitter: Jitter
    hook: FailpointHook


async def relay_reports(  # noqa: PLR0913 -- dependencies, and how much to send
    portal: Portal,
    *,
    store: Store,
    now: Now,
    monotonic: Now | None = None,
    jitter: Jitter,
    hook: FailpointHook = no_hook,
    limit: int = BATCH,
) -> Relayed:
    """Report decided cases to the national side, at least once each (失业登记审核结果上传).

    What was registered locally goes the same way, in calls of its own (本地受理登记上传). Of one
    case the oldest goes first, whatever its kind.

    How long sending takes goes by `monotonic`, or by `now` where that never steps.

    Source: 人社厅发〔2020〕3号 art. 7.
    """
    outlet = _Outlet(
        PORTAL,
        portal.upload,
        Failpoint.REPORT_CLAIMED,
        Failpoint.REPORT_SENT,
        Failpoint.REPORT_MARKED,
        Failpoint.REPORT_SETTLED,
    )
    flow = _Flow(store, now, monotonic or now, jitter, hook)
    return await _relay(outlet, flow, limit)


async def relay_dispatches(  # noqa: PLR0913 -- dependencies, and whom to send how much
    agency: str,
    system: AgencySystem,
    *,
    store: Store,
    now: Now,
    monotonic: Now | None = None,
    jitter: Jitter,
    hook: FailpointHook = no_hook,
    limit: int = BATCH,
) -> Relayed:
    """Push due dispatches (分派单) to an agency's system, at least once each.

    How long sending takes goes by `monotonic`, or by `now` where that never steps.
    """
    outlet = _Outlet(
        agency,
        lambda _kind, dispatches: system.deliver(dispatches),
        Failpoint.DISPATCH_CLAIMED,
        Failpoint.DISPATCH_SENT,
        Failpoint.DISPATCH_MARKED,
        Failpoint.DISPATCH_SETTLED,
    )
    flow = _Flow(store, now, monotonic or now, jitter, hook)
    return await _relay(outlet, flow, limit)


async def _relay(outlet: _Outlet, flow: _Flow, limit: int) -> Relayed:
    at, began = flow.now(), flow.monotonic()

    def claim(ledger: Ledger) -> tuple[list[ClaimedMessage], datetime | None]:
        messages = ledger.outbox.claim(outlet.peer, limit=limit, now=at, until=at + LEASE)
        return messages, None if messages else ledger.outbox.next_due(outlet.peer)

    claimed, next_at = await flow.store.transact(claim, durable=False)
    if not claimed:
        return Relayed(more=False, next_at=next_at)
    flow.hook(outlet.claimed)
    sent = await send_claimed(
        outlet.peer, outlet.send, claimed, in_time=lambda: flow.monotonic() - began < _SENDING_TIME
    )
    if sent.answers:
        flow.hook(outlet.sent)
    return await _settle(outlet, sent, flow, is_full=len(claimed) == limit)


async def _settle(outlet: _Outlet, sent: SentMessages, flow: _Flow, *, is_full: bool) -> Relayed:
    """Settle what was answered; after a batch that is not full, look whether more is due."""
    at = flow.now()
    unbelieved = _unbelieved(sent)
    received = [one.message for one in sent.answers if not one.problem and one.fault is None]
    again = [one.message for one in sent.answers if is_worth_repeating(one.problem)]
    refused = _refused(sent)
    postponed = len(again) + len(unbelieved) + len(sent.unanswered) + len(sent.unsent)

    def work(ledger: Ledger) -> Relayed:
        cases = ledger.cases.read(sorted({m.key for m in (*received, *(m for m, _ in refused))}))
        lost = [m for m in received if m.key in ledger.cases.unreadable]
        kept = [m for m in received if m not in lost]
        ours = ledger.outbox.settle(kept, at) if kept else set()
        ledger.day_book.enter(_passed(sent, ours, at))
        settled = tuple(m for m in received if m.id in ours)
        for messages, until, error in _postponements(sent, again, at, flow.jitter):
            ledger.outbox.postpone(messages, until, error)
        parked = _park(ledger, [*refused, *((m, UnreadableCode.DAMAGED) for m in lost)], at)
        ledger.cases.save(list(_changes(cases, outlet.peer, settled, parked, at)))
        next_at = None if is_full else ledger.outbox.next_due(outlet.peer)
        if sent.answers:
            flow.hook(outlet.marked)
        return Relayed(
            len(sent.answers) + len(sent.unanswered) + len(sent.unsent),
            len(settled),
            postponed,
            len(refused) + len(lost),
            settled,
            more=is_full or (next_at is not None and next_at <= at),
            next_at=next_at,
            failure=sent.failure,
            unanswered=sent.unanswered,
            unbelieved=unbelieved,
        )

    relayed = await flow.store.transact(work, durable=bool(refused))
    if sent.answers:
        flow.hook(outlet.settled)
    return relayed


def _refused(sent: SentMessages) -> list[tuple[ClaimedMessage, str]]:
    """Return the messages that the peer refused for good, with the code to park them under."""
    return [
        (one.message, refusal_code(one.problem, one.message.attempts))
        for one in sent.answers
        if one.problem and one.fault is None and not is_worth_repeating(one.problem)
    ]


def _passed(sent: SentMessages, settled: AbstractSet[int], at: datetime) -> Mapping[Line, datetime]:
    """Return what the national side received, by its instants: as its statements will have it."""
    return {
        Line(UPLOADED[one.message.kind], one.message.key, one.message.revision): instant_there(
            one.received_at, at
        )
        for one in sent.answers
        if one.message.id in settled and one.message.kind in UPLOADED
    }


def _unbelieved(sent: SentMessages) -> tuple[tuple[ClaimedMessage, ReceiptFault], ...]:
    return tuple((one.message, one.fault) for one in sent.answers if one.fault is not None)


def _postponements(
    sent: SentMessages, again: Sequence[ClaimedMessage], at: datetime, jitter: Jitter
) -> Iterator[tuple[Sequence[ClaimedMessage], datetime, str]]:
    """Yield which messages go again when, with the code that says why, or a detail of it."""
    doubtful = [message for message, _ in _unbelieved(sent)]
    for messages, code in ((again, _BUSY), (doubtful, RECEIPT_NOT_BELIEVED)):
        if messages:
            attempts = max(message.attempts for message in messages)
            yield messages, next_attempt(attempts, now=at, jitter=jitter), code
    if sent.failure is None:
        if sent.unsent:
            yield sent.unsent, at, _BUSY
        return
    failure, messages = sent.failure, sent.unanswered
    why = str(failure_detail(failure))
    if sent.unsent:
        yield sent.unsent, at, why
    if failure.answered and len(messages) > 1 and failure.retry_after_s is None:
        yield messages, split_attempt(at), why
        return
    attempts = max(message.attempts for message in messages)
    asked = failure.retry_after_s
    yield messages, next_attempt(attempts, now=at, jitter=jitter, retry_after_s=asked), why


def _park(
    ledger: Ledger, refused: Sequence[tuple[ClaimedMessage, str]], at: datetime
) -> list[tuple[ClaimedMessage, str]]:
    """Take messages out of sending; return those that were still ours, with the code."""
    by_code: defaultdict[str, list[ClaimedMessage]] = defaultdict(list)
    for message, code in refused:
        by_code[code].append(message)
    ours: set[int] = set()
    for code, messages in by_code.items():
        ours |= ledger.outbox.park(messages, at, code)
    return [(message, code) for message, code in refused if message.id in ours]


def _changes(
    cases: Mapping[str, Case],
    peer: str,
    settled: Sequence[ClaimedMessage],
    parked: Sequence[tuple[ClaimedMessage, str]],
    at: datetime,
) -> Iterator[Change]:
    """Yield what the peer's answers do to the cases that the messages are about."""
    for message, code in [*((m, None) for m in settled), *parked]:
        case = cases.get(message.key)
        if case is None:
            continue
        rule, sending = OUTBOX_RULES[message.kind], _sending(message, peer, at)
        moved = rule.received(case, sending) if code is None else rule.refused(case, sending, code)
        if moved is not None:
            yield moved


def _sending(message: ClaimedMessage, peer: str, at: datetime) -> Sending:
    return Sending(message.number, message.revision, peer, at)
