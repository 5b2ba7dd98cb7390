"""批量报送: what every batch of records from an agency goes through, item by item.

An item is read, then either repeats a message that is known or brings something new. A repeat
gets the first receipt, byte for byte; other content under a known key and revision is a conflict,
quarantined for a person.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from gateway.domain.detail import DIFFERS, PLACE_IN_PAGE, Detail, write_details
from gateway.domain.item_answer import ItemAnswer
from gateway.domain.outbox_rules import MessageKind
from gateway.domain.receipts import ReceiptKind, receipt
from gateway.flows.failpoints import Failpoint, FailpointHook
from gateway.ports import PORTAL
from gateway.ports.inbox import IdempotencyKey, InboxEntry
from gateway.ports.ledger import Ledger
from gateway.ports.outbox import OutboxMessage, upload_number
from gateway.ports.quarantine import QuarantinedItem
from gateway.ports.store import Store
from schemas.calls import bodies
from schemas.calls.refusals import CallRefused
from schemas.records.base import WireModel
from schemas.records.canonical_form import bytes_digest, content_digest, is_digest_of
from schemas.records.receipts import ItemStatus
from schemas.records.strict_json import RawItem
from schemas.reference.clock import Now

Record = TypeVar("Record", bound=WireModel)


@dataclass(frozen=True, slots=True)
class BatchItem(Generic[Record]):
    """One readable record of a batch, its identity, and the receipt it gets when it is new.

    `content` is the very bytes received, `position` their place in the batch, counted from 1;
    `entry` bears the digest of what the record says.
    """

    record: Record
    content: bytes
    position: int
    key: IdempotencyKey
    entry: InboxEntry

    def answer(self, status: ItemStatus, receipt: bytes) -> ItemAnswer:
        """Return the answer that bears `receipt`."""
        return ItemAnswer(status, receipt, self.key.key, self.key.revision)


Turn = list[tuple[int, BatchItem[Record]]]
"""Items of different cases, each with its place in the batch."""


@dataclass(frozen=True, slots=True)
class RecordKind(Generic[Record]):
    """What is handed in: how it is read, what identifies it, and the failpoints on its way.

    `identity` gives the key and the revision of a record.
    """

    kind: ReceiptKind
    read: Callable[[bytes], Record]
    identity: Callable[[Record], tuple[str, int]]
    received: Failpoint
    written: Failpoint
    stored: Failpoint


RecordTurn = Callable[[Ledger, Turn[Record], datetime], list[tuple[int, ItemAnswer]]]
"""Records what may be recorded of a turn; returns the answers by their places in the batch."""


async def record_batch(  # noqa: PLR0913 -- dependencies, and whose records of which kind
    items: Sequence[RawItem],
    handed_in: RecordKind[Record],
    record: RecordTurn[Record],
    *,
    sender: str,
    store: Store,
    now: Now,
    hook: FailpointHook,
) -> tuple[ItemAnswer, ...]:
    """Record a batch from the agency `sender` in one transaction; one answer per item, in order.

    Raises:
        StoreUnavailable, MessageReplayed: Nothing was stored.
    """
    at = now()
    read = [_read_item(raw, handed_in, sender, at) for raw in items]
    hook(handed_in.received)

    def work(ledger: Ledger) -> tuple[ItemAnswer, ...]:
        recorded = [one for turn in _turns(read) for one in record(ledger, turn, at)]
        hook(handed_in.written)
        return _answers_in_order(read, recorded)

    answers = await store.transact(work)
    hook(handed_in.stored)
    return answers


def _read_item(
    raw: RawItem, handed_in: RecordKind[Record], sender: str, at: datetime
) -> BatchItem[Record] | ItemAnswer:
    """Return what an item says, or the refusal of one that cannot be read.

    `sender` comes from the signature.
    """
    try:
        record = bodies.read_item(raw, handed_in.read)
    except CallRefused as exc:
        return ItemAnswer.refusal(exc.code, str(exc), exc.errors)
    digest, kind = content_digest(record), handed_in.kind
    number, revision = handed_in.identity(record)
    key = IdempotencyKey(sender, number, kind, revision)
    given = receipt(sender, number, kind, revision=revision, digest=digest, at=at)
    return BatchItem(record, raw.content, raw.position, key, InboxEntry(digest, given))


def answer_repeats(
    ledger: Ledger, turn: Turn[Record], at: datetime
) -> tuple[list[tuple[int, ItemAnswer]], Turn[Record]]:
    """Answer what is known by its key and revision; return the answers, and the items that are new.

    Other content under a known key and revision is kept for a person.
    """
    known = ledger.inbox.find([one.key for _, one in turn])
    repeated = [(place, one, known[one.key]) for place, one in turn if one.key in known]
    conflicts = (item for _, one, entry in repeated for item in conflicting(one, entry, at))
    ledger.quarantine.add(list(conflicts))
    answers = [(place, answer_repeat(one, entry)) for place, one, entry in repeated]
    return answers, [(place, one) for place, one in turn if one.key not in known]


def upload(one: BatchItem[Record], kind: MessageKind, at: datetime) -> OutboxMessage:
    """Return the message that hands an item to the national side, as it was received."""
    return OutboxMessage(
        kind=kind,
        peer=PORTAL,
        key=one.key.key,
        number=upload_number(one.key.key, one.key.revision),
        revision=one.key.revision,
        body=one.content,
        due_at=at,
    )


def _turns(items: Sequence[BatchItem[Record] | ItemAnswer]) -> Iterator[Turn[Record]]:
    """Group items so that no case comes twice in one turn; a later revision sees the earlier."""
    turn: Turn[Record] = []
    for place, one in enumerate(items):
        if isinstance(one, ItemAnswer):
            continue
        if any(one.key.key == other.key.key for _, other in turn):
            yield turn
            turn = []
        turn.append((place, one))
    if turn:
        yield turn


def _answers_in_order(
    items: Sequence[BatchItem[Record] | ItemAnswer], recorded: Iterable[tuple[int, ItemAnswer]]
) -> tuple[ItemAnswer, ...]:
    """Return one answer per item: the refusals of reading, and what was `recorded` of the rest."""
    answers = dict(recorded)
    return tuple(
        one if isinstance(one, ItemAnswer) else answers[place] for place, one in enumerate(items)
    )


def answer_repeat(one: BatchItem[Record], known: InboxEntry) -> ItemAnswer:
    """Answer an item whose key and revision are known: the first receipt, or a conflict."""
    if not known.is_readable:
        return not_now()
    if _is_repeat(one, known):
        return one.answer(ItemStatus.DUPLICATE, known.receipt)
    sentence = f"{one.key.key}: revision {one.key.revision} was taken with other content"
    return ItemAnswer.refusal(_conflict_code(one), sentence)


def not_now() -> ItemAnswer:
    """Answer an item that cannot be judged while a row of the ledger is unreadable: again later."""
    return ItemAnswer.refusal("service.unavailable", "a row of the ledger cannot be read")


def conflicting(
    one: BatchItem[Record], known: InboxEntry, at: datetime
) -> Iterator[QuarantinedItem]:
    """Yield an item with other content under a known key and revision, to be kept for a person."""
    if _is_repeat(one, known) or not known.is_readable:
        return
    about = Detail(DIFFERS, {"revision": str(one.key.revision)})
    place = Detail(PLACE_IN_PAGE, {"place": str(one.position)})
    yield QuarantinedItem(
        source=one.key.source,
        key=one.key.key,
        reason=_conflict_code(one),
        detail=write_details((about, place) if one.position else (about,)),
        digest=bytes_digest(one.content),
        content=one.content,
        at=at,
    )


def _is_repeat(one: BatchItem[Record], known: InboxEntry) -> bool:
    return is_digest_of(known.digest, one.record, one.content)


def _conflict_code(one: BatchItem[Record]) -> str:
    return f"{one.key.kind}.conflict"
