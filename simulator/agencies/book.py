"""The agency's own book (经办机构台账): dispatches received, decided, answered, and counted."""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from contracts.verify.schema_validator import SchemaValidator
from schemas.calls.bodies import read_item
from schemas.calls.refusals import CallRefused
from schemas.records.canonical_form import content_digest
from schemas.records.dispatches import Dispatch
from schemas.records.outcomes import Outcome
from schemas.records.receipts import ItemResult, ItemStatus, Receipt
from schemas.records.returns import DispatchReturn
from schemas.records.strict_json import RawItem
from schemas.reference.clock import Now
from simulator.agencies.handed_in import RETRYABLE, is_for
from simulator.errors import RequestRefused
from simulator.exchanges.entries import ItemAnswer
from simulator.exchanges.receipts import receipt, refused_item, schema_errors


@dataclass(slots=True)
class ReceivedDispatch:
    """A dispatch (分派单) here: how often it came, what was decided, what the gateway said.

    Once its time has come it has an `outcome`, or is `returned` to the desk.
    `outcome` is the decision as the bytes that are sent, however often.
    """

    dispatch: Dispatch = field(repr=False)
    digest: str
    receipt: bytes
    first_at: datetime
    last_at: datetime
    decide_at: datetime
    count: int = 1
    decision: Outcome | None = field(default=None, repr=False)
    outcome: bytes | None = field(default=None, repr=False)
    returned: bytes | None = field(default=None, repr=False)
    decided_at: datetime | None = None
    sent: int = 0
    answer: ItemStatus | None = None
    answer_code: str | None = None
    answered_at: datetime | None = None


class AgencyBook:
    """The dispatches of one agency; each is decided once, however often it came."""

    def __init__(
        self, code: str, *, decide_after_s: float, validator: SchemaValidator, now: Now
    ) -> None:
        self.code = code
        self._decide_after = timedelta(seconds=decide_after_s)
        self._validator, self._now = validator, now
        self.received: dict[str, ReceivedDispatch] = {}
        self.per_application: Counter[str] = Counter()
        """How many different dispatch numbers each application came under."""
        self.accepted: Counter[str] = Counter()
        """How many results the gateway has acknowledged, by application."""
        self.unbelieved_receipts = 0
        """How many receipts the gateway gave that are not for what was sent or acknowledged."""
        self._to_send: deque[ReceivedDispatch] = deque()

    def receive(self, item: RawItem) -> ItemAnswer:
        """Store one dispatch; a repeat gets the first receipt again, byte for byte."""
        try:
            dispatch = self._read(item)
        except CallRefused as refused:
            return refused_item(refused)
        digest = content_digest(dispatch)
        earlier = self.received.get(dispatch.dispatch_no)
        if earlier is None:
            return ItemAnswer(ItemStatus.ACCEPTED, self._store(dispatch, digest).receipt)
        earlier.count += 1
        earlier.last_at = self._now()
        if earlier.digest != digest:
            return refused_item(RequestRefused("outcome.conflict", "分派单号相同，内容不同"))
        return ItemAnswer(ItemStatus.DUPLICATE, earlier.receipt)

    def due(self, limit: int) -> list[ReceivedDispatch]:
        """Take out up to `limit` dispatches whose decision is due; they are being sent."""
        now, batch = self._now(), list[ReceivedDispatch]()
        while self._to_send and len(batch) < limit and self._to_send[0].decide_at <= now:
            batch.append(self._to_send.popleft())
        return batch

    def next_due_at(self) -> datetime | None:
        """Return when the next decision is due, if any is waiting."""
        return self._to_send[0].decide_at if self._to_send else None

    def put_back(self, batch: Sequence[ReceivedDispatch]) -> None:
        """Keep dispatches for another try, in their order, because they got no answer."""
        self._to_send.extendleft(reversed(batch))

    def put_behind(self, one: ReceivedDispatch) -> None:
        """Keep a dispatch for another try, behind all that wait."""
        self._to_send.append(one)

    def settle(self, one: ReceivedDispatch, result: ItemResult) -> bool:
        """Note the gateway's answer to one result; False if it has to go again.

        A receipt that is not for the result is none: whether the gateway has it is unknown.
        """
        code = None if result.problem is None else result.problem.code
        if code in RETRYABLE:
            return False
        if result.receipt is not None and not _is_for(one, result.receipt):
            self.unbelieved_receipts += 1
            return False
        one.answer, one.answer_code, one.answered_at = result.status, code, self._now()
        if result.status is ItemStatus.ACCEPTED and one.outcome is not None:
            self.accepted[one.dispatch.application.application_no] += 1
        return True

    def outcome_of(self, number: str) -> Outcome | None:
        """Return what was decided last about an application that came by a dispatch."""
        decided = [
            one.decision
            for one in self.received.values()
            if one.decision is not None and one.dispatch.application.application_no == number
        ]
        return decided[-1] if decided else None

    def note_confirmations(self, items: Sequence[RawItem], results: Sequence[ItemResult]) -> bool:
        """Say whether each acknowledgement of stored dispatches is confirmed.

        What is not is offered again, and acknowledged again.
        """
        confirmed = 0
        for item, result in zip(items, results, strict=True):
            if result.receipt is None:
                continue
            if _is_for_dispatch(item.content, result.receipt):
                confirmed += 1
            else:
                self.unbelieved_receipts += 1
        return confirmed == len(items)

    def waiting(self) -> int:
        """Return how many dispatches have no final answer yet."""
        return sum(one.answer is None for one in self.received.values())

    def _read(self, item: RawItem) -> Dispatch:
        dispatch = read_item(item, Dispatch.read)
        if faults := self._validator.check("dispatch", item.content):
            raise RequestRefused("message.invalid", errors=schema_errors(faults))
        if dispatch.agency_code != self.code:
            raise RequestRefused("auth.not-allowed", "分派单不属于本机构")
        return dispatch

    def _store(self, dispatch: Dispatch, digest: str) -> ReceivedDispatch:
        at = self._now()
        given = receipt(dispatch.dispatch_no, "dispatch", revision=1, digest=digest, at=at)
        received = ReceivedDispatch(dispatch, digest, given, at, at, at + self._decide_after)
        self.received[dispatch.dispatch_no] = received
        self.per_application[dispatch.application.application_no] += 1
        self._to_send.append(received)
        return received


def _is_for(one: ReceivedDispatch, given: Receipt) -> bool:
    """Say whether a receipt is for what was sent: kind, key, revision and content."""
    if one.returned is not None:
        returned = DispatchReturn.read(one.returned)
        return is_for(given, ("return", returned.dispatch_no, 1), returned, one.returned)
    decision, sent = one.decision, one.outcome
    if decision is None or sent is None:
        return False
    return is_for(given, ("outcome", decision.key, decision.revision), decision, sent)


def _is_for_dispatch(offered: bytes, given: Receipt) -> bool:
    """Say whether a receipt is for the whole dispatch that was acknowledged, as it was offered."""
    dispatch = Dispatch.read(offered)
    return is_for(given, ("dispatch", dispatch.dispatch_no, 1), dispatch, offered)
