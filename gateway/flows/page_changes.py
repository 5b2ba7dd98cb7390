"""What a page of the feed changes in the ledger, collected item by item and written as a page."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime

from gateway.domain.case import Case
from gateway.domain.detail import DIFFERS, PLACE_IN_PAGE, Detail, write_details
from gateway.domain.dispatch import dispatch_head
from gateway.domain.download_lag import DownloadLag
from gateway.domain.feed_items import UNREADABLE, FeedKind, Received, Unreadable
from gateway.domain.intake_rules import Accepted, Rules
from gateway.domain.item_answer import ItemAnswer
from gateway.domain.outbox_rules import MessageKind
from gateway.domain.receipts import receipt
from gateway.domain.routing import Route
from gateway.domain.statement_line import Line, instant_there
from gateway.flows.page_result import IngestedItem, ingested
from gateway.ports import PORTAL
from gateway.ports.cases import Opening
from gateway.ports.inbox import IdempotencyKey, InboxEntry
from gateway.ports.outbox import OutboxMessage
from gateway.ports.quarantine import QuarantinedItem
from schemas.records.applications import ForwardedApplication
from schemas.records.canonical_form import bytes_digest
from schemas.records.receipts import ItemStatus
from schemas.records.statements import EntryKind


@dataclass(slots=True)
class PageChanges:
    """The changes of one page ingested at `at`; `rows` say what became of each item."""

    at: datetime
    rules: Rules
    rows: list[IngestedItem] = field(default_factory=list)
    quarantined: list[QuarantinedItem] = field(default_factory=list)
    kept: list[QuarantinedItem] = field(default_factory=list)
    """What is quarantined whatever room there is: it would come no second time."""
    openings: list[Opening] = field(default_factory=list)
    readmitted: list[Opening] = field(default_factory=list)
    messages: list[OutboxMessage] = field(default_factory=list)
    passed: dict[Line, datetime] = field(default_factory=dict)
    """What was seen for the first time, by its instants at the national side."""
    again: dict[str, bool] = field(default_factory=dict)
    """Applications that came again, by number: whether the content differs from the first."""
    first_digests: dict[tuple[str, str], str | None] = field(default_factory=dict)
    """By application number and kind: the digest of what was received before; None if unknown."""
    answers: dict[int, ItemAnswer] = field(default_factory=dict)
    """By `id` of the item: what it is answered where it was pushed."""

    def add_new(self, key: IdempotencyKey, one: Received, entry: InboxEntry) -> None:
        """Note an item seen for the first time: from now on it is ours to answer for."""
        self._answer(one, ItemAnswer(ItemStatus.ACCEPTED, entry.receipt, key.key, key.revision))

    def add_case(self, accepted: Accepted, one: Received) -> None:
        """Open a case, and enqueue its dispatch where it has an agency."""
        self.openings.append(_opening(accepted, one))
        self._add_accepted(accepted, one)

    def add_readmitted(self, accepted: Accepted, one: Received) -> None:
        """Go on with a case held as unreadable, now that its application can be read."""
        self.readmitted.append(_opening(accepted, one))
        self.first_digests[accepted.case.key, one.kind] = None
        self._add_accepted(accepted, one)

    def add_repeat(self, key: IdempotencyKey, one: Received, first: InboxEntry | None) -> None:
        """Note an item seen before; other content under its number is quarantined.

        Without a `first` that can be read, nobody knows whether the content is another.
        """
        conflict = None
        known = first is not None and first.is_readable
        self.first_digests[key.key, key.kind] = first.digest if first and known else None
        if first is None or not one.has_digest(first.digest):
            conflict = f"{key.kind}.conflict"
            into = self.quarantined if first is not None and first.is_readable else self.kept
            into.append(self._item(one, key.key, conflict, Detail(DIFFERS)))
        if key.kind == "application":
            self.again[key.key] = conflict is not None
        self.rows.append(IngestedItem(key.key, None, None, None, conflict, repeated=True))
        if first is not None:
            self._answer(one, _answer_repeat(key, first, conflict))

    def add_passed(self, one: Received) -> None:
        """Note an item seen for the first time under the instant that its statement will have."""
        item = one.item
        if isinstance(item, Unreadable):
            return
        said = item.forwarded_at if isinstance(item, ForwardedApplication) else item.withdrawn_at
        line = Line(EntryKind(item.kind), item.application_no, 1)
        self.passed[line] = instant_there(said, self.at)

    def add_quarantined(
        self, one: Received, key: str | None, reason: str, *details: Detail
    ) -> None:
        """Keep an item as it came, with its place in its page, for a person to look at."""
        self.quarantined.append(self._item(one, key, reason, *details))

    def add_unreadable(
        self, one: Received, item: Unreadable, first_kept: Mapping[str, datetime]
    ) -> None:
        """Keep an item that cannot be read; a repeat gets the receipt of when it was kept first.

        Its receipt is for its bytes (`canonical-form.md`). Without a number there is none: whoever
        pushed it is told what is wrong with it.
        """
        self.add_quarantined(one, item.case_key, UNREADABLE, *item.details)
        if item.number is None:
            return
        before = first_kept.get(one.digest)
        status = ItemStatus.ACCEPTED if before is None else ItemStatus.DUPLICATE
        key = idempotency_key(item.number, item.kind)
        given = inbox_entry(key, one, before or self.at).receipt
        self._answer(one, ItemAnswer(status, given, key.key, key.revision))

    def add_kept(self, one: Received, key: str, reason: str) -> None:
        """Keep an item that comes no second time, whatever room there is."""
        self.kept.append(self._item(one, key, reason))

    @property
    def opened(self) -> set[str]:
        """The keys of the cases that open with this page, or go on with it."""
        return {one.change.case.key for one in (*self.openings, *self.readmitted)}

    def unkept(self, digests: AbstractSet[str]) -> set[str | None]:
        """Return the numbers of items that are stored nowhere, of those without room."""
        opened = {(one.change.case.key, one.content) for one in self.openings}
        items = (one for one in self.quarantined if one.digest in digests)
        return {item.key for item in items if (item.key, item.content) not in opened}

    def refuse_unkept(self, received: Iterable[Received], digests: AbstractSet[str]) -> None:
        """Answer what there is no room for: not now, so that it is pushed again."""
        opened = {(one.change.case.key, one.content) for one in self.openings}
        for one in received:
            unkept = isinstance(one.item, Unreadable) and one.digest in digests
            if unkept and id(one) in self.answers and (one.case_key, one.content) not in opened:
                self._answer(one, _not_now("there is no room to keep it"))

    def _answer(self, one: Received, answer: ItemAnswer) -> None:
        self.answers[id(one)] = answer

    def _item(
        self, one: Received, key: str | None, reason: str, *details: Detail
    ) -> QuarantinedItem:
        place = Detail(PLACE_IN_PAGE, {"place": str(one.position)})
        return QuarantinedItem(
            source=PORTAL,
            key=key,
            reason=reason,
            detail=write_details((*details, place) if one.position else details),
            digest=bytes_digest(one.content),
            content=one.content,
            at=self.at,
        )

    def add_withdrawn(self, key: str, case: Case | None) -> None:
        """Note a withdrawal; without a case it waits for its application."""
        place, agency, due_on = (
            (None, None, None) if case is None else (case.place_division, case.agency, case.due_on)
        )
        self.rows.append(IngestedItem(key, place, agency, due_on, None, repeated=False))

    def add_dispatch(self, case: Case, way: Route) -> None:
        """Enqueue the current dispatch of a case that was just routed."""
        self.messages.append(_dispatch(case, dispatch_head(case, way)))

    def _add_accepted(self, accepted: Accepted, one: Received) -> None:
        lag = None
        if isinstance(one.item, ForwardedApplication):
            stored_at = accepted.case.accepted_at
            lag = DownloadLag.of(one.item.submitted_at, one.item.forwarded_at, stored_at)
        self.rows.append(ingested(accepted, lag))
        if (head := accepted.dispatch_head()) is not None:
            self.messages.append(_dispatch(accepted.case, head))


def idempotency_key(number: str, kind: FeedKind) -> IdempotencyKey:
    """Return what makes an item of the feed the same item for the life of its case."""
    return IdempotencyKey(PORTAL, number, kind, 1)


def inbox_entry(key: IdempotencyKey, one: Received, at: datetime) -> InboxEntry:
    """Return the inbox entry of an item seen for the first time."""
    given = receipt(key.source, key.key, one.kind, revision=key.revision, digest=one.digest, at=at)
    return InboxEntry(one.digest, given)


def _answer_repeat(key: IdempotencyKey, first: InboxEntry, conflict: str | None) -> ItemAnswer:
    """Answer an item whose number is known: the first receipt, or why there is none."""
    if not first.is_readable:
        return _not_now("a row of the ledger cannot be read")
    if conflict is not None:
        return ItemAnswer.refusal(conflict, f"{key.key}: taken with other content")
    return ItemAnswer(ItemStatus.DUPLICATE, first.receipt, key.key, key.revision)


def _not_now(detail: str) -> ItemAnswer:
    return ItemAnswer.refusal("service.unavailable", detail)


def _opening(accepted: Accepted, one: Received) -> Opening:
    subject = one.item.certificate_no if isinstance(one.item, ForwardedApplication) else None
    return Opening(accepted.change, one.content, subject)


def _dispatch(case: Case, head: bytes) -> OutboxMessage:
    return OutboxMessage(
        kind=MessageKind.DISPATCH,
        peer=case.agency or "",
        key=case.key,
        number=case.dispatch_no or "",
        revision=case.dispatches,
        body=head,
        due_at=case.changed_at,
    )
