"""回传与推送: claim what is due to a peer, send it, settle what the peer received.

Short transactions, never around a call. No answer is no failure but *unknown*: the same message
goes again under the same number, and the peer knows it by that. Claims and settled receipts may be
lost to a power cut, which only repeats them; so a case costs two flushes on its whole way.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.domain.case import Case, Change, State, Step, advance
from gateway.domain.retry_policy import LEASE, Jitter, next_attempt
from gateway.errors import PeerRefused, PeerUnavailable
from gateway.flows.failpoints import Milestone, Reached, pass_by
from gateway.ports import PORTAL, Now
from gateway.ports.ledger import Ledger
from gateway.ports.messages import MessageKind, Owed
from gateway.ports.peers import AgencySystem, Portal
from gateway.ports.store import Store
from schemas.records.receipts import ItemResult, ItemStatus

BATCH: Final = 100
_WORTH_REPEATING: Final = ("service.", "outcome.not-acknowledged", "signature.")

Send = Callable[[Sequence[bytes]], Awaitable[tuple[ItemResult, ...]]]


@dataclass(frozen=True, slots=True)
class Relayed:
    """What became of one batch, in messages."""

    claimed: int = 0
    settled: int = 0
    postponed: int = 0
    parked: int = 0
    settled_messages: tuple[Owed, ...] = ()
    next_at: datetime | None = None  # with nothing to claim now: when there will be something


@dataclass(frozen=True, slots=True)
class _Way:
    """One outlet: who, how, and the names of its steps."""

    peer: str
    send: Send
    step: Step
    claimed: Milestone
    sent: Milestone
    marked: Milestone
    settled: Milestone


async def relay_reports(
    portal: Portal, *, store: Store, now: Now, jitter: Jitter, reached: Reached = pass_by
) -> Relayed:
    """Report decided cases to the national side, at least once each (失业登记审核结果上传).

    Source: 人社厅发〔2020〕3号 art. 7.
    """
    way = _Way(
        PORTAL,
        portal.report,
        Step.REPORT,
        Milestone.REPORT_CLAIMED,
        Milestone.REPORT_SENT,
        Milestone.REPORT_MARKED,
        Milestone.REPORT_SETTLED,
    )
    return await _relay(way, store=store, now=now, jitter=jitter, reached=reached)


async def relay_dispatches(
    agency: str,
    system: AgencySystem,
    *,
    store: Store,
    now: Now,
    jitter: Jitter,
    reached: Reached = pass_by,
) -> Relayed:
    """Push due dispatches (分派单) to an agency's system, at least once each."""
    way = _Way(
        agency,
        system.deliver,
        Step.DELIVER,
        Milestone.DISPATCH_CLAIMED,
        Milestone.DISPATCH_SENT,
        Milestone.DISPATCH_MARKED,
        Milestone.DISPATCH_SETTLED,
    )
    return await _relay(way, store=store, now=now, jitter=jitter, reached=reached)


def complete(message: Owed) -> bytes:
    """Return a message's full body: a dispatch takes its application from the case."""
    if message.kind is not MessageKind.DISPATCH:
        return message.body
    return message.body[:-1] + b',"application":' + (message.content or b"null") + b"}"


async def _relay(way: _Way, *, store: Store, now: Now, jitter: Jitter, reached: Reached) -> Relayed:
    at = now()

    def claim(ledger: Ledger) -> tuple[list[Owed], datetime | None]:
        messages = ledger.claim(way.peer, limit=BATCH, now=at, until=at + LEASE)
        return messages, None if messages else ledger.next_due(way.peer)

    claimed, next_at = await store.transact(claim, durable=False)
    if not claimed:
        return Relayed(next_at=next_at)
    reached(way.claimed)
    try:
        results = await _sent(way, claimed)
    except PeerUnavailable as exc:
        await _postpone(claimed, exc, store=store, now=now, jitter=jitter)
        return Relayed(len(claimed), postponed=len(claimed))
    reached(way.sent)
    return await _settle(way, results, store=store, now=now, jitter=jitter, reached=reached)


async def _sent(way: _Way, messages: Sequence[Owed]) -> list[tuple[Owed, ItemResult | None]]:
    """Send a batch; one that is refused whole is halved until the culprit stands alone.

    A message with no result is one that the peer refuses even alone.
    """
    try:
        results = await way.send([complete(message) for message in messages])
    except PeerRefused:
        if len(messages) == 1:
            return [(messages[0], None)]
        middle = len(messages) // 2
        return await _sent(way, messages[:middle]) + await _sent(way, messages[middle:])
    if len(results) != len(messages):
        raise PeerUnavailable(f"{way.peer}: {len(results)} results for {len(messages)} messages")
    return list(zip(messages, results, strict=True))


async def _settle(
    way: _Way,
    results: Sequence[tuple[Owed, ItemResult | None]],
    *,
    store: Store,
    now: Now,
    jitter: Jitter,
    reached: Reached,
) -> Relayed:
    at = now()
    received = [m for m, r in results if r is not None and r.status is not ItemStatus.REFUSED]
    again = [m for m, r in results if r is not None and _worth_repeating(r)]
    kept = {m.id for m in (*received, *again)}
    refused = [(m, r) for m, r in results if m.id not in kept]

    def work(ledger: Ledger) -> Relayed:
        ours = ledger.settle(received, at)
        settled = tuple(m for m in received if m.id in ours)
        cases = ledger.cases(sorted({m.key for m in settled} | {m.key for m, _ in refused}))
        changes = [
            advance(cases[m.key], way.step, at=at, actor=way.peer)
            for m in settled
            if m.key in cases and _concerns(m, cases[m.key])
        ]
        if again:
            attempts = max(m.attempts for m in again)
            ledger.postpone(again, next_attempt(attempts, now=at, jitter=jitter), "peer.busy")
        for message, result in refused:
            code = result.problem.code if result and result.problem else "peer.refused"
            if ledger.park([message], at, code) and message.key in cases:
                changes.extend(_held(cases[message.key], message, way, code, at=at))
        ledger.save(changes)
        reached(way.marked)
        return Relayed(len(results), len(settled), len(again), len(refused), settled)

    relayed = await store.transact(work, durable=bool(refused))
    reached(way.settled)
    return relayed


def _concerns(message: Owed, case: Case) -> bool:
    """Say whether a settled message moves its case: not after 改派, nor for an older revision."""
    if message.kind is MessageKind.DISPATCH:
        moves = message.number == case.dispatch_no and case.state is State.ACCEPTED
    else:
        moves = message.revision == case.revision and case.state is State.DECIDED
    return moves


def _held(case: Case, message: Owed, way: _Way, code: str, *, at: datetime) -> list[Change]:
    """Hold a case whose current dispatch its agency refuses; a refused report only waits parked."""
    if message.kind is not MessageKind.DISPATCH or not _concerns(message, case):
        return []
    return [
        advance(
            case,
            Step.HOLD,
            at=at,
            actor=way.peer,
            note=code,
            hold_reason="dispatch.refused",
        )
    ]


def _worth_repeating(result: ItemResult) -> bool:
    return result.problem is not None and result.problem.code.startswith(_WORTH_REPEATING)


async def _postpone(
    messages: Sequence[Owed], exc: PeerUnavailable, *, store: Store, now: Now, jitter: Jitter
) -> None:
    at = now()
    until = next_attempt(
        max(message.attempts for message in messages),
        now=at,
        jitter=jitter,
        retry_after_s=exc.retry_after_s,
    )

    def work(ledger: Ledger) -> None:
        ledger.postpone(messages, until, exc.code)

    await store.transact(work, durable=False)
