"""Sending claimed messages: a batch that fails as a whole must not hold its messages back.

A batch that the peer refuses is halved at once until the culprit stands alone. One that got no
usable answer goes again in smaller ones (`BatchSize`); a message that never got through goes alone.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.domain.item_answer import known_problem
from gateway.domain.outbox_rules import OUTBOX_RULES, MessageKind
from gateway.domain.receipts import ReceiptFault
from gateway.domain.retry_policy import goes_alone
from gateway.errors import PeerFailure, PeerRefused, PeerUnavailable
from gateway.ports.outbox import ClaimedMessage
from schemas.records.receipts import ItemResult

REFUSED_WHOLE: Final = PeerRefused.code

Send = Callable[[MessageKind, Sequence[bytes]], Awaitable[tuple[ItemResult, ...]]]
"""Sends records of one kind, and returns one result each, in order."""


@dataclass(frozen=True, slots=True)
class MessageAnswer:
    """What the peer said of one message; `problem` is empty when it was received.

    With a `fault` the receipt is not believed: whether the peer has the message is unknown.
    `received_at` is when the peer received it first, as its receipt says.
    """

    message: ClaimedMessage
    problem: str = ""
    fault: ReceiptFault | None = None
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SentMessages:
    """What became of claimed messages: answered, sent without an answer, or not sent at all."""

    answers: tuple[MessageAnswer, ...] = ()
    unanswered: tuple[ClaimedMessage, ...] = ()
    unsent: tuple[ClaimedMessage, ...] = ()
    failure: PeerUnavailable | None = None


async def send_claimed(
    peer: str, send: Send, claimed: Sequence[ClaimedMessage], *, in_time: Callable[[], bool]
) -> SentMessages:
    """Send messages until all are answered, a call fails, or it is no longer `in_time`."""
    answers: list[MessageAnswer] = []
    batches = deque(_batches(claimed))
    while batches and in_time():
        batch = batches.popleft()
        try:
            answers.extend(await _send(peer, send, batch))
        except PeerRefused as refused:
            if len(batch) == 1:
                answers.append(MessageAnswer(batch[0], refused.problem or REFUSED_WHOLE))
                continue
            middle = len(batch) // 2
            batches.extendleft((batch[middle:], batch[:middle]))
        except PeerUnavailable as exc:
            return SentMessages(tuple(answers), tuple(batch), _all(batches), exc)
    return SentMessages(tuple(answers), unsent=_all(batches))


def _batches(claimed: Sequence[ClaimedMessage]) -> list[Sequence[ClaimedMessage]]:
    """Return what goes in one call each: messages of one kind, oldest kind first, then the rest."""
    together: dict[MessageKind, list[ClaimedMessage]] = {}
    for message in claimed:
        if not goes_alone(message.attempts):
            together.setdefault(message.kind, []).append(message)
    alone = ([message] for message in claimed if goes_alone(message.attempts))
    return [*together.values(), *alone]


async def _send(peer: str, send: Send, batch: Sequence[ClaimedMessage]) -> list[MessageAnswer]:
    bodies = [OUTBOX_RULES[one.kind].complete(one.body, one.content) for one in batch]
    results = await send(batch[0].kind, bodies)
    if len(results) != len(batch):
        raise PeerUnavailable(peer, PeerFailure.UNFIT)
    return [
        _answer(message, body, result)
        for message, body, result in zip(batch, bodies, results, strict=True)
    ]


def _answer(message: ClaimedMessage, sent: bytes, result: ItemResult) -> MessageAnswer:
    if result.receipt is None:
        said = "" if result.problem is None else result.problem.code
        return MessageAnswer(message, known_problem(said) or REFUSED_WHOLE)
    expected = OUTBOX_RULES[message.kind].expected
    receipt = expected(message.key, message.number, message.revision, sent)
    given = result.receipt
    return MessageAnswer(message, fault=receipt.fault(given), received_at=given.received_at)


def _all(batches: deque[Sequence[ClaimedMessage]]) -> tuple[ClaimedMessage, ...]:
    return tuple(message for batch in batches for message in batch)
