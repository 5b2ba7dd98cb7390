"""The two kinds of peer at the ports, scripted: they remember, and fail when told to."""

import asyncio
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Literal

from gateway.domain.outbox_rules import MessageKind
from gateway.domain.receipts import receipt
from gateway.errors import PageUnreadable, PeerFailure, PeerRefused, PeerUnavailable
from gateway.ports.peers import DownloadedPage
from schemas.records.application_returns import ApplicationReturn
from schemas.records.applications import ForwardedApplication, Withdrawal
from schemas.records.base import WireModel
from schemas.records.canonical_form import bytes_digest, digest_of_received
from schemas.records.deregistrations import Deregistration
from schemas.records.dispatches import Dispatch
from schemas.records.outcomes import Outcome
from schemas.records.problems import Problem
from schemas.records.receipts import (
    AcknowledgedItem,
    Acknowledgement,
    ItemResult,
    ItemStatus,
    PositionAcknowledgement,
    Receipt,
)
from schemas.records.registrations import LocalRegistration
from schemas.records.strict_json import RawItem, read_page
from tests.builders.records import MORNING

Identity = tuple[str, int]
_READ: Final[Mapping[str, Callable[[bytes], WireModel]]] = {
    "dispatch": Dispatch.read,
    "outcome": Outcome.read,
    "registration": LocalRegistration.read,
    "deregistration": Deregistration.read,
    "application-return": ApplicationReturn.read,
}
Change = Callable[[ItemResult], ItemResult]
_WITHDRAWAL: Final = re.compile(rb'"kind"\s*:\s*"withdrawal"')


@dataclass(slots=True)
class Taker:
    """Takes batches: each message once, repeats known by their identity.

    `failures` are raised by the next calls, before anything is taken; `lost_replies` by the next
    calls after everything was; `poison` makes a batch be refused whole; `refusals` one item.
    `filtered` has something on the way answer 403, unsigned, to a batch that holds one of them;
    a batch of more than `max_batch` is answered 413 in the same way. Receipts say `received_at`.
    """

    kind: Literal["outcome", "dispatch", "registration", "deregistration", "application-return"]
    batches: list[list[Identity]] = field(default_factory=list)
    taken: dict[Identity, bytes] = field(default_factory=dict)
    failures: list[Exception] = field(default_factory=list)
    lost_replies: list[Exception] = field(default_factory=list)
    poison: set[str] = field(default_factory=set)
    refusals: dict[str, str] = field(default_factory=dict)
    filtered: set[str] = field(default_factory=set)
    max_batch: int = 200
    received_at: datetime = MORNING

    def take(self, bodies: Sequence[bytes]) -> tuple[ItemResult, ...]:
        """Answer one batch."""
        messages = [(self._identity(body), body) for body in bodies]
        self.batches.append([identity for identity, _ in messages])
        if self.failures:
            raise self.failures.pop(0)
        if self.filtered & {key for (key, _), _ in messages}:
            raise unsigned(403)
        if len(messages) > self.max_batch:
            raise unsigned(413)
        if self.poison & {key for (key, _), _ in messages}:
            raise PeerRefused("peer", status=422, problem="message.invalid")
        results = tuple(self._one(identity, body) for identity, body in messages)
        if self.lost_replies:
            raise self.lost_replies.pop(0)
        return results

    def _identity(self, body: bytes) -> Identity:
        record = json.loads(body)
        if self.kind == "dispatch":
            return record["dispatch_no"], 1
        read = _READ[self.kind](body)
        outcome = read.outcome if isinstance(read, LocalRegistration) else read
        assert isinstance(outcome, Outcome | Deregistration | ApplicationReturn)
        return outcome.key, outcome.revision

    def _one(self, identity: Identity, body: bytes) -> ItemResult:
        if code := self.refusals.get(identity[0]):
            return ItemResult(status=ItemStatus.REFUSED, problem=a_problem(code))
        repeated = identity in self.taken
        self.taken.setdefault(identity, body)
        status = ItemStatus.DUPLICATE if repeated else ItemStatus.ACCEPTED
        return ItemResult(status=status, receipt=self._receipt(*identity))

    def _receipt(self, key: str, revision: int) -> Receipt:
        digest = digest_of_received(self.taken[key, revision], _READ[self.kind])
        return Receipt.read(
            receipt(
                "gateway", key, self.kind, revision=revision, digest=digest, at=self.received_at
            )
        )


def unsigned(status: int) -> PeerUnavailable:
    """Return what an unsigned answer of this status comes to."""
    return PeerUnavailable("peer", PeerFailure.UNSIGNED, status=status)


def a_problem(code: str) -> Problem:
    """Return a problem body with this code."""
    return Problem(type=f"urn:duijie:problem:{code}", code=code, title="不予接收", status=422)


@dataclass(slots=True)
class ScriptedPortal:
    """The national side: offers `feed` until it is acknowledged, takes reports.

    An acknowledgement that holds one of `filtered` is answered 403, unsigned; each of the others
    gets a receipt for the item as it was offered first, or what `acknowledgement_answers` makes of
    that for its number.
    With `gives_positions` it speaks contract 1.1: each item has a position to acknowledge.
    `plan` says what the next downloads come to: a page of items, or an error. An item in
    `breaking` makes every page unreadable that holds more than it. With `holds_line` a download
    for which there is nothing sets `holding` and waits for ever, as a long poll does.
    """

    feed: list[bytes] = field(default_factory=list)
    plan: list[Sequence[bytes] | Exception] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    waits: list[int] = field(default_factory=list)
    acknowledged: list[Acknowledgement] = field(default_factory=list)
    gives_positions: bool = False
    positions: dict[int, bytes] = field(default_factory=dict)
    acknowledged_positions: list[PositionAcknowledgement] = field(default_factory=list)
    acknowledgement_failures: list[Exception] = field(default_factory=list)
    acknowledgement_answers: dict[str, Change] = field(default_factory=dict)
    offered: dict[tuple[str, str], bytes] = field(default_factory=dict)
    filtered: set[str] = field(default_factory=set)
    breaking: set[bytes] = field(default_factory=set)
    holds_line: bool = False
    holding: asyncio.Event = field(default_factory=asyncio.Event)
    reports: Taker = field(default_factory=lambda: Taker("outcome"))
    registrations: Taker = field(default_factory=lambda: Taker("registration"))
    deregistrations: Taker = field(default_factory=lambda: Taker("deregistration"))
    returns: Taker = field(default_factory=lambda: Taker("application-return"))

    async def download(self, *, limit: int, wait_s: int) -> DownloadedPage:
        """Offer the oldest items not acknowledged; a number acknowledged is offered no more."""
        self.asked.append(limit)
        self.waits.append(wait_s)
        if self.plan:
            planned = self.plan.pop(0)
            if isinstance(planned, Exception):
                raise planned
            return self._page(list(map(RawItem, planned)), more=bool(self.plan))
        if self.holds_line and not self._open_items():
            self.holding.set()
            await asyncio.Event().wait()
        open_ = self._open_items()
        page = open_[:limit]
        if limit > 1 and any(raw.content in self.breaking for raw in page):
            raise PageUnreadable("portal")
        return self._page(page, more=len(open_) > limit)

    def _page(self, items: Sequence[RawItem], *, more: bool) -> DownloadedPage:
        for raw in items:
            self.offered.setdefault((raw.number() or "", _kind(raw)), raw.content)
        return DownloadedPage(tuple(items), more=more)

    def _placed(self, raw: RawItem) -> RawItem:
        """Return the item with its position: the same for the same bytes."""
        if not self.gives_positions:
            return raw
        known = {content: position for position, content in self.positions.items()}
        position = known.get(raw.content, len(known) + 1)
        self.positions[position] = raw.content
        return replace(raw, feed_position=position)

    def _open_items(self) -> list[RawItem]:
        done = {(one.application_no, one.kind) for one in self.acknowledged}
        _, items = read_page(b'{"items":[' + b",".join(self.feed) + b"]}", "items")
        gone = {one.position for one in self.acknowledged_positions}
        placed = [self._placed(raw) for raw in items]
        return [
            raw
            for raw in placed
            if (raw.number(), _kind(raw)) not in done and raw.feed_position not in gone
        ]

    async def acknowledge(self, stored: Sequence[AcknowledgedItem]) -> tuple[ItemResult, ...]:
        """Note what is stored on the other side, and give a receipt for each."""
        if self.acknowledgement_failures:
            raise self.acknowledgement_failures.pop(0)
        if self.filtered & {one.key for one in stored}:
            raise unsigned(403)
        self.acknowledged.extend(one for one in stored if isinstance(one, Acknowledgement))
        self.acknowledged_positions.extend(
            one for one in stored if isinstance(one, PositionAcknowledgement)
        )
        return tuple(map(self._confirmed, stored))

    def _confirmed(self, one: AcknowledgedItem) -> ItemResult:
        if isinstance(one, PositionAcknowledgement):
            digest = bytes_digest(self.positions[one.position])
            given = receipt("gateway", one.key, one.kind, revision=1, digest=digest, at=MORNING)
            result = ItemResult(status=ItemStatus.ACCEPTED, receipt=Receipt.read(given))
            return self.acknowledgement_answers.get(one.key, _unchanged)(result)
        read = Withdrawal.read if one.kind == "withdrawal" else ForwardedApplication.read
        offered = self.offered.get((one.application_no, one.kind), b"{}")
        digest = digest_of_received(offered, read)
        given = receipt(
            "gateway", one.application_no, one.kind, revision=1, digest=digest, at=MORNING
        )
        result = ItemResult(status=ItemStatus.ACCEPTED, receipt=Receipt.read(given))
        return self.acknowledgement_answers.get(one.application_no, _unchanged)(result)

    async def upload(self, kind: MessageKind, records: Sequence[bytes]) -> tuple[ItemResult, ...]:
        """Take records of one kind."""
        return self.uploads[kind].take(records)

    @property
    def uploads(self) -> dict[MessageKind, Taker]:
        """Who takes records of each kind."""
        return {
            MessageKind.REPORT: self.reports,
            MessageKind.REGISTRATION: self.registrations,
            MessageKind.DEREGISTRATION: self.deregistrations,
            MessageKind.APPLICATION_RETURN: self.returns,
        }

    async def ping(self) -> None:
        """Answer."""

    @property
    def numbers(self) -> list[str]:
        """The numbers acknowledged so far, repeats included."""
        return [one.application_no for one in self.acknowledged]

    def offer_again(self) -> None:
        """Forget the acknowledgements: everything comes again."""
        self.acknowledged.clear()
        self.acknowledged_positions.clear()


@dataclass(slots=True)
class ScriptedAgency:
    """An agency's own system that takes pushes."""

    inbox: Taker = field(default_factory=lambda: Taker("dispatch"))

    async def deliver(self, dispatches: Sequence[bytes]) -> tuple[ItemResult, ...]:
        """Take dispatches."""
        return self.inbox.take(dispatches)


def _unchanged(result: ItemResult) -> ItemResult:
    return result


def _kind(raw: RawItem) -> str:
    return "withdrawal" if _WITHDRAWAL.search(raw.content) else "application"
