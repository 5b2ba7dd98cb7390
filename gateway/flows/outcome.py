"""审核结果: take an agency's outcomes, each with its own answer, and owe them to the portal.

A repeat gets the first receipt, byte for byte; other content under the same key and revision is a
conflict, kept in quarantine. Answered only once it is on disk.

Source: 人社厅发〔2020〕3号 art. 7.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from gateway.domain.case import Case, Change, Step, advance
from gateway.domain.outcome_rules import objection
from gateway.domain.receipts import receipt
from gateway.domain.validation_errors import broken_rules
from gateway.errors import Refused
from gateway.flows.failpoints import Milestone, Reached, pass_by
from gateway.ports import PORTAL, Now
from gateway.ports.inbox import IdempotencyKey, InboxEntry
from gateway.ports.ledger import Ledger
from gateway.ports.outbox import MessageKind, OutboxMessage
from gateway.ports.quarantine import QuarantinedItem
from gateway.ports.store import Store
from schemas.records.outcomes import Outcome
from schemas.records.problems import FieldError
from schemas.records.receipts import ItemStatus
from schemas.records.strict_json import RawItem


@dataclass(frozen=True, slots=True)
class ItemAnswer:
    """The answer to one item: a receipt as its exact bytes, or why it was refused.

    `key` and `revision` are the message's, None and 0 where it could not be read.
    """

    status: ItemStatus
    receipt: bytes | None = None
    key: str | None = None
    revision: int = 0
    refused: Refused | None = None
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class _Reading:
    """One readable outcome and its identity."""

    outcome: Outcome
    content: bytes
    key: IdempotencyKey
    seen: InboxEntry


async def record_outcomes(
    items: Sequence[RawItem],
    *,
    sender: str,
    store: Store,
    now: Now,
    reached: Reached = pass_by,
) -> tuple[ItemAnswer, ...]:
    """Record outcomes from the agency `sender` and return one answer per item, in order.

    Raises:
        StoreUnavailable, MessageReplayed: Nothing was stored.
    """
    at = now()
    readings = [_read(raw, sender, at) for raw in items]
    reached(Milestone.OUTCOME_RECEIVED)

    def work(ledger: Ledger) -> tuple[ItemAnswer, ...]:
        answers: list[ItemAnswer | None] = [
            one if isinstance(one, ItemAnswer) else None for one in readings
        ]
        for turn in _turns(readings):
            for place, answer in _record(ledger, turn, sender, at):
                answers[place] = answer
        reached(Milestone.OUTCOME_WRITTEN)
        return tuple(answer for answer in answers if answer is not None)

    recorded = await store.transact(work)
    reached(Milestone.OUTCOME_STORED)
    return recorded


def _read(raw: RawItem, sender: str, at: datetime) -> _Reading | ItemAnswer:
    if raw.fault is not None:
        return _refused("message.malformed", raw.fault)
    try:
        outcome = Outcome.read(raw.content)
    except ValidationError as exc:
        return _refused("message.invalid", "see errors", _field_errors(exc))
    digest = hashlib.sha256(raw.content).hexdigest()
    key = IdempotencyKey(sender, outcome.key, "outcome", outcome.revision)
    given = receipt(sender, key.key, "outcome", revision=key.revision, digest=digest, at=at)
    return _Reading(outcome, raw.content, key, InboxEntry(digest, given))


Turn = list[tuple[int, _Reading]]


def _turns(readings: Sequence[_Reading | ItemAnswer]) -> Iterator[Turn]:
    """Group readings so that no case comes twice in one turn; a later revision sees the earlier."""
    turn: Turn = []
    for place, one in enumerate(readings):
        if isinstance(one, ItemAnswer):
            continue
        if any(one.key.key == other.key.key for _, other in turn):
            yield turn
            turn = []
        turn.append((place, one))
    if turn:
        yield turn


def _record(ledger: Ledger, turn: Turn, sender: str, at: datetime) -> list[tuple[int, ItemAnswer]]:
    cases = ledger.cases.read(sorted({one.key.key for _, one in turn}))
    maybe_repeats = [one.key for _, one in turn if _may_repeat(one, cases.get(one.key.key))]
    earlier = ledger.inbox.find(maybe_repeats) if maybe_repeats else {}
    answers: list[tuple[int, ItemAnswer]] = []
    taken: list[tuple[_Reading, Change]] = []
    conflicts: list[QuarantinedItem] = []
    for place, one in turn:
        case = cases.get(one.key.key)
        before = earlier.get(one.key)
        if before is not None:
            answers.append((place, _repeated(one, before)))
            if before.digest != one.seen.digest:
                conflicts.append(_conflicting(one, at))
        elif wrong := objection(one.outcome, case, sender):
            answers.append((place, _refused(*wrong)))
        elif case is not None:
            taken.append((one, _decided(case, one, sender, at)))
            answers.append((place, _given(ItemStatus.ACCEPTED, one, one.seen.receipt)))
    ledger.quarantine.add(conflicts)
    if taken:
        ledger.cases.save([change for _, change in taken])
        ledger.inbox.remember({one.key: one.seen for one, _ in taken}, at)
        ledger.outbox.enqueue([_report(one, at) for one, _ in taken])
    return answers


def _may_repeat(one: _Reading, case: Case | None) -> bool:
    """A revision beyond the case's own cannot have been taken before."""
    return case is not None and one.key.revision <= case.revision


def _decided(case: Case, one: _Reading, sender: str, at: datetime) -> Change:
    return advance(
        case,
        Step.DECIDE,
        at=at,
        actor=sender,
        note=f"revision {one.key.revision}",
        revision=one.key.revision,
        hold_reason=None,
    )


def _report(one: _Reading, at: datetime) -> OutboxMessage:
    return OutboxMessage(
        kind=MessageKind.REPORT,
        peer=PORTAL,
        key=one.key.key,
        number=f"{one.key.key}:{one.key.revision}",
        revision=one.key.revision,
        body=one.content,
        due_at=at,
    )


def _repeated(one: _Reading, before: InboxEntry) -> ItemAnswer:
    if before.digest == one.seen.digest:
        return _given(ItemStatus.DUPLICATE, one, before.receipt)
    return _refused("outcome.conflict", _conflict(one))


def _conflicting(one: _Reading, at: datetime) -> QuarantinedItem:
    return QuarantinedItem(
        source=one.key.source,
        key=one.key.key,
        reason="outcome.conflict",
        detail=_conflict(one),
        digest=one.seen.digest,
        content=one.content,
        at=at,
    )


def _conflict(one: _Reading) -> str:
    return f"{one.key.key}: revision {one.key.revision} was taken with other content"


def _given(status: ItemStatus, one: _Reading, receipt: bytes) -> ItemAnswer:
    return ItemAnswer(status, receipt, one.key.key, one.key.revision)


def _refused(code: str, detail: str, errors: tuple[FieldError, ...] = ()) -> ItemAnswer:
    return ItemAnswer(ItemStatus.REFUSED, refused=Refused(code, detail), errors=errors)


def _field_errors(exc: ValidationError) -> tuple[FieldError, ...]:
    return tuple(
        FieldError(
            pointer=one.pointer,
            code=f"field.{one.rule.replace('_', '-')}",
            message=one.message[:300],
        )
        for one in broken_rules(exc)[:20]
    )
