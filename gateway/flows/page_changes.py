"""What a page of the feed changes in the ledger, collected item by item and written as a page."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime

from gateway.domain.case import Case
from gateway.domain.detail import DIFFERS, PLACE_IN_PAGE, Detail, write_details
from gateway.domain.dispatch import dispatch_head
from gateway.domain.feed_items import FeedKind, Received
from gateway.domain.intake_rules import Accepted, Rules
from gateway.domain.outbox_rules import MessageKind
from gateway.domain.receipts import receipt
from gateway.domain.routing import Route
from gateway.flows.page_result import IngestedItem, ingested
from gateway.ports import PORTAL
from gateway.ports.cases import Opening
from gateway.ports.inbox import IdempotencyKey, InboxEntry
from gateway.ports.outbox import OutboxMessage
from gateway.ports.quarantine import QuarantinedItem
from schemas.records.applications import ForwardedApplication
from schemas.records.canonical_form import bytes_digest


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
    again: dict[str, bool] = field(default_factory=dict)
    """Applications that came again, by number: whether the content differs from the first."""
    first_digests: dict[tuple[str, str], str | None] = field(default_factory=dict)
    """By application number and kind: the digest of what was received before; None if unknown."""

    def add_case(self, accepted: Accepted, one: Received) -> None:
        """Open a case, and enqueue its dispatch where it has an agency."""
        self.openings.append(_opening(accepted, one))
        self._add_accepted(accepted)

    def add_readmitted(self, accepted: Accepted, one: Received) -> None:
        """Go on with a case held as unreadable, now that its application can be read."""
        self.readmitted.append(_opening(accepted, one))
        self.first_digests[accepted.case.key, one.kind] = None
        self._add_accepted(accepted)

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

    def add_quarantined(
        self, one: Received, key: str | None, reason: str, *details: Detail
    ) -> None:
        """Keep an item as it came, with its place in its page, for a person to look at."""
        self.quarantined.append(self._item(one, key, reason, *details))

    def add_kept(self, one: Received, key: str, reason: str) -> None:
        """Keep an item that comes no second time, whatever room there is."""
        self.kept.append(self._item(one, key, reason))

    def unkept(self, digests: AbstractSet[str]) -> set[str | None]:
        """Return the numbers of items that are stored nowhere, of those without room."""
        opened = {(one.change.case.key, one.content) for one in self.openings}
        items = (one for one in self.quarantined if one.digest in digests)
        return {item.key for item in items if (item.key, item.content) not in opened}

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

    def _add_accepted(self, accepted: Accepted) -> None:
        self.rows.append(ingested(accepted))
        if (head := accepted.dispatch_head()) is not None:
            self.messages.append(_dispatch(accepted.case, head))


def idempotency_key(number: str, kind: FeedKind) -> IdempotencyKey:
    """Return what makes an item of the feed the same item for the life of its case."""
    return IdempotencyKey(PORTAL, number, kind, 1)


def inbox_entry(key: IdempotencyKey, one: Received, at: datetime) -> InboxEntry:
    """Return the inbox entry of an item seen for the first time."""
    given = receipt(key.source, key.key, one.kind, revision=key.revision, digest=one.digest, at=at)
    return InboxEntry(one.digest, given)


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
