"""回传与推送: claim what is due to a peer, send it, settle what the peer received.

Short transactions, never around a call. No answer is no failure but *unknown*: the same message
goes again under the same number, and the peer knows it by that. Claims and settled receipts may be
lost to a power cut, which only repeats them; so a case costs two flushes on its whole way.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.domain.case import Case, Change
from gateway.domain.item_answer import known_problem
from gateway.domain.outbox_rules import OUTBOX_RULES, Sending
from gateway.domain.retry_policy import LEASE, Jitter, is_worth_repeating, next_attempt
from gateway.errors import PeerFailure, PeerRefused, PeerUnavailable
from gateway.flows.failpoints import Failpoint, FailpointHook, no_hook
from gateway.ports import PORTAL
from gateway.ports.ledger import Ledger
from gateway.ports.outbox import ClaimedMessage
from gateway.ports.peers import AgencySystem, Portal
from gateway.ports.store import Store
from gateway.ports.unreadable import UnreadableCode
from schemas.records.receipts import ItemResult, ItemStatus
from schemas.reference.clock import Now

BATCH: Final = 100
_REFUSED_WHOLE: Final = "peer.refused"
_BUSY: Final = "peer.busy"

Send = Callable[[Sequence[bytes]], Awaitable[tuple[ItemResult, ...]]]
Results = Sequence[tuple[ClaimedMessage, ItemResult | None]]
"""What the peer said of each message; None of one that it refuses even alone."""


@dataclass(frozen=True, slots=True)
class Relayed:
    """What became of one batch, in messages."""

    claimed: int = 0
    settled: int = 0
    postponed: int = 0
    parked: int = 0
    settled_messages: tuple[ClaimedMessage, ...] = ()
    next_at: datetime | None = None  # with nothing to claim now: when there will be something


@dataclass(frozen=True, slots=True)
class _Outlet:
    """Whom messages go to, how, and the failpoints on the way."""

    peer: str
    send: Send
    claimed: Failpoint
    sent: Failpoint
    marked: Failpoint
    settled: Failpoint


async def relay_reports(
    portal: Portal, *, store: Store, now: Now, jitter: Jitter, hook: FailpointHook = no_hook
) -> Relayed:
    """Report decided cases to the national side, at least once each (失业登记审核结果上传).

    Source: 人社厅发〔2020〕3号 art. 7.
    """
    outlet = _Outlet(
        PORTAL,
        portal.report,
        Failpoint.REPORT_CLAIMED,
        Failpoint.REPORT_SENT,
        Failpoint.REPORT_MARKED,
        Failpoint.REPORT_SETTLED,
    )
    return await _relay(outlet, store=store, now=now, jitter=jitter, hook=hook)


async def relay_dispatches(
    agency: str,
    system: AgencySystem,
    *,
    store: Store,
    now: Now,
    jitter: Jitter,
    hook: FailpointHook = no_hook,
) -> Relayed:
    """Push due dispatches (分派单) to an agency's system, at least once each."""
    outlet = _Outlet(
        agency,
        system.deliver,
        Failpoint.DISPATCH_CLAIMED,
        Failpoint.DISPATCH_SENT,
        Failpoint.DISPATCH_MARKED,
        Failpoint.DISPATCH_SETTLED,
    )
    return await _relay(outlet, store=store, now=now, jitter=jitter, hook=hook)


async def _relay(
    outlet: _Outlet, *, store: Store, now: Now, jitter: Jitter, hook: FailpointHook
) -> Relayed:
    at = now()

    def claim(ledger: Ledger) -> tuple[list[ClaimedMessage], datetime | None]:
        messages = ledger.outbox.claim(outlet.peer, limit=BATCH, now=at, until=at + LEASE)
        return messages, None if messages else ledger.outbox.next_due(outlet.peer)

    claimed, next_at = await store.transact(claim, durable=False)
    if not claimed:
        return Relayed(next_at=next_at)
    hook(outlet.claimed)
    try:
        results = await _sent(outlet, claimed)
    except PeerUnavailable as exc:
        await _postpone(claimed, exc, store=store, now=now, jitter=jitter)
        return Relayed(len(claimed), postponed=len(claimed))
    hook(outlet.sent)
    return await _settle(outlet, results, store=store, now=now, jitter=jitter, hook=hook)


async def _sent(outlet: _Outlet, messages: Sequence[ClaimedMessage]) -> Results:
    """Send a batch; one that is refused whole is halved until the culprit stands alone."""
    bodies = [OUTBOX_RULES[one.kind].complete(one.body, one.content) for one in messages]
    try:
        results = await outlet.send(bodies)
    except PeerRefused:
        if len(messages) == 1:
            return [(messages[0], None)]
        middle = len(messages) // 2
        halves = messages[:middle], messages[middle:]
        return [one for half in halves for one in await _sent(outlet, half)]
    if len(results) != len(messages):
        raise PeerUnavailable(outlet.peer, PeerFailure.UNFIT)
    return list(zip(messages, results, strict=True))


async def _settle(
    outlet: _Outlet,
    results: Results,
    *,
    store: Store,
    now: Now,
    jitter: Jitter,
    hook: FailpointHook,
) -> Relayed:
    at = now()
    received = [m for m, r in results if r is not None and r.status is not ItemStatus.REFUSED]
    again = [m for m, r in results if is_worth_repeating(_problem_code(r))]
    kept = {m.id for m in (*received, *again)}
    refused = [(m, _problem_code(r) or _REFUSED_WHOLE) for m, r in results if m.id not in kept]

    def work(ledger: Ledger) -> Relayed:
        cases = ledger.cases.read(sorted({m.key for m in (*received, *(m for m, _ in refused))}))
        lost = [m for m in received if m.key in ledger.cases.unreadable]
        ours = ledger.outbox.settle([m for m in received if m not in lost], at)
        settled = tuple(m for m in received if m.id in ours)
        if again:
            attempts = max(m.attempts for m in again)
            ledger.outbox.postpone(again, next_attempt(attempts, now=at, jitter=jitter), _BUSY)
        parked = _park(ledger, [*refused, *((m, UnreadableCode.DAMAGED) for m in lost)], at)
        ledger.cases.save(list(_changes(cases, outlet.peer, settled, parked, at)))
        hook(outlet.marked)
        return Relayed(len(results), len(settled), len(again), len(refused) + len(lost), settled)

    relayed = await store.transact(work, durable=bool(refused))
    hook(outlet.settled)
    return relayed


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


def _problem_code(result: ItemResult | None) -> str:
    if result is None or result.problem is None:
        return ""
    return known_problem(result.problem.code)


async def _postpone(
    messages: Sequence[ClaimedMessage],
    exc: PeerUnavailable,
    *,
    store: Store,
    now: Now,
    jitter: Jitter,
) -> None:
    until = next_attempt(
        max(message.attempts for message in messages),
        now=now(),
        jitter=jitter,
        retry_after_s=exc.retry_after_s,
    )

    def work(ledger: Ledger) -> None:
        ledger.outbox.postpone(messages, until, exc.code)

    await store.transact(work, durable=False)
