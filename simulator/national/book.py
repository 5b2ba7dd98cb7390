"""部端台账: applications, what waits for each docked area, and the results in effect."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final

from schemas.records.applications import ForwardedApplication, Withdrawal
from schemas.records.base import WireModel
from schemas.records.canonical_form import bytes_digest, content_digest, digest_of_received
from schemas.records.receipts import Acknowledgement, ItemStatus, PositionAcknowledgement
from schemas.reference.clock import Now
from schemas.reference.divisions import DivisionTree
from simulator.errors import RequestRefused
from simulator.exchanges.entries import (
    Application,
    FeedItem,
    FeedKind,
    ItemAnswer,
)
from simulator.exchanges.events import EventKind
from simulator.exchanges.receipts import receipt
from simulator.national.agency_lists import AgencyLists
from simulator.national.feed import Feed
from simulator.national.forwarding import forwarded_anew
from simulator.national.positions import PositionCounter, Positions
from simulator.national.result_book import ResultBook
from simulator.national.return_desk import ReturnDesk

_READ: Final[Mapping[FeedKind, Callable[[bytes], WireModel]]] = MappingProxyType(
    {"application": ForwardedApplication.read, "withdrawal": Withdrawal.read}
)


class Book(ResultBook):
    """What the national side knows, in memory; single-threaded, so every method is one act.

    `areas` are the divisions whose systems dock here; an application goes to the nearest one
    around its registration place, or waits in the queue of its province if none docks.
    """

    def __init__(
        self,
        *,
        areas: Sequence[str],
        tree: DivisionTree,
        now: Now,
        counter: PositionCounter | None = None,
    ) -> None:
        super().__init__(now)
        self.positions: Final = Positions(counter or PositionCounter(now), now)
        self.tree = tree
        self.agency_lists: Final = AgencyLists()
        self._areas = frozenset(tree.normalise(area) for area in areas)
        self._feeds: dict[str, Feed] = {area: Feed() for area in self._areas}
        self.desk: Final = ReturnDesk(now)
        self._receipts: dict[tuple[FeedKind, str], bytes] = {}
        self._contents: dict[tuple[FeedKind, str], bytes] = {}
        self._digests: dict[tuple[FeedKind, str], str] = {}
        self._acknowledged_at: dict[tuple[FeedKind, str], datetime] = {}

    def area_of(self, place: str) -> str:
        """Return the area that `place` is forwarded to.

        Raises:
            UnknownDivision: The place is not in the table.
        """
        chain = self.tree.ancestors(place)
        return next((code for code in chain if code in self._areas), chain[-1])

    def feed(self, area: str) -> Feed:
        """Return what waits for `area`."""
        short = self.tree.normalise(area)
        feed = self._feeds.get(short)
        if feed is None:
            feed = self._feeds[short] = Feed()
        return feed

    def wake_all(self) -> None:
        """Wake whatever waits for something to arrive."""
        for feed in self._feeds.values():
            feed.arrival.notify()
        self.result_applied.notify()

    def add(self, application: Application, record: ForwardedApplication, content: bytes) -> None:
        """Enter an application and forward it to its area (转办), `record` written as `content`."""
        self.applications.add(application)
        self._forward("application", application, record, content)
        self.events.record(
            EventKind.FILED,
            application.number,
            {"area": application.area, "place": application.place},
        )

    def inject(self, area: str, content: bytes, number: str | None, deliveries: int) -> None:
        """Put bytes into an area's feed as they are, past every check; the event log says so."""
        application = None
        if number is not None:
            application = self.applications.injected(number, self.tree.normalise(area), self.now())
            self._contents["application", number] = content
            self._digests.pop(("application", number), None)
        left = None if number is not None else deliveries
        self._put(area, "application", number, content, application, left)
        self.events.record(
            EventKind.INJECTED, number, {"area": area, "bytes": len(content), "checked": False}
        )

    def withdraw(self, number: str, reason: str | None) -> None:
        """Take an application back before it is decided (撤回).

        Raises:
            RequestRefused: There is no such application, or it is decided or withdrawn already.
        """
        application = self.applications.find(number)
        if application is None:
            raise RequestRefused("case.unknown")
        if application.results or application.withdrawn_at is not None:
            raise RequestRefused("case.illegal-step")
        application.withdrawn_at = self.now()
        self.desk.clear(number)
        item = Withdrawal(
            kind="withdrawal",
            application_no=number,
            withdrawn_at=application.withdrawn_at,
            reason=reason,
        )
        self.applications.close(application)
        self._forward("withdrawal", application, item, item.wire())
        self.events.record(EventKind.WITHDRAWN, number)

    def page(self, area: str, limit: int) -> tuple[list[FeedItem], bool]:
        """Return the oldest unacknowledged items of `area`, counted as delivered."""
        feed = self.feed(area)
        items, more = feed.page(limit)
        if items:
            feed.mark_delivered(items, self.now())
            for item in items:
                self.events.record(EventKind.DELIVERED, item.number, {"kind": item.kind})
        return items, more

    def note_pushed(self, area: str, items: Sequence[FeedItem]) -> None:
        """Count a delivery of items that are pushed to `area`."""
        self.feed(area).mark_delivered(list(items), self.now())
        for item in items:
            self.events.record(EventKind.DELIVERED, item.number, {"kind": item.kind, "push": True})

    def digests_of(self, item: FeedItem) -> frozenset[str]:
        """Return the digests that a receipt for an item may have: of what it says, of its bytes."""
        return frozenset(
            {digest_of_received(item.content, _READ[item.kind]), bytes_digest(item.content)}
        )

    def take_confirmation(self, area: str, item: FeedItem) -> None:
        """Take an item out of the feed that its gateway has stored from a push.

        One that was acknowledged meanwhile, or replaced, is not touched.
        """
        feed = self.feed(area)
        if item.number is None or item.application is None:
            return
        if feed.find(item.kind, item.number) is item:
            feed.drop(item.kind, item.number)
            key = (item.kind, item.number)
            self._acknowledged(key, item.application, self._receipts.get(key))

    def acknowledge(self, area: str, acknowledgement: Acknowledgement) -> ItemAnswer:
        """Take one item out of the feed (下载确认); a repeat gets the first receipt again.

        Raises:
            RequestRefused: Nothing of that number was delivered to this area.
        """
        key = (acknowledgement.kind, acknowledgement.application_no)
        application = self.applications.find(acknowledgement.application_no)
        if application is None or application.area != self.tree.normalise(area):
            raise RequestRefused("acknowledgement.unknown")
        feed = self.feed(area)
        waiting = feed.find(*key)
        first = self._receipts.get(key)
        if waiting is not None:
            if application.deliveries == 0 and acknowledgement.kind == "application":
                raise RequestRefused("acknowledgement.unknown")
            feed.drop(*key)
        elif first is None:
            raise RequestRefused("acknowledgement.unknown")
        return self._acknowledged(key, application, first)

    def acknowledge_position(self, area: str, said: PositionAcknowledgement) -> ItemAnswer:
        """Take what stands at a position out of the feed; a repeat gets the first receipt again.

        Raises:
            RequestRefused: No such position, one of another area, or one of other bytes.
        """
        answer = self.positions.acknowledge(self.tree.normalise(area), said)
        item = self.feed(area).drop_at(said.position)
        if item is not None and item.number is not None and item.application is not None:
            key = (item.kind, item.number)
            self._acknowledged(key, item.application, self._receipts.get(key))
        else:
            facts = {"position": said.position, "repeated": answer.status == "duplicate"}
            self.events.record(EventKind.ACKNOWLEDGED, None, facts)
        return answer

    def redeliver(self, area: str, numbers: Iterable[str]) -> list[str]:
        """Put acknowledged applications into the feed once more; return which (a fault does so)."""
        again = []
        for number in numbers:
            application = self.applications.find(number)
            if application is not None and application.acknowledged_at is not None:
                content = self._contents["application", number]
                self._put(area, "application", number, content, application)
                again.append(number)
        return again

    def forward_on(self, application: Application, to: str, *, place: str | None = None) -> None:
        """Forward an undecided application to the area of `to`, at `place` from now on if given.

        It waits there as if it had just come: what its former area says of it is not heard.
        """
        key: tuple[FeedKind, str] = ("application", application.number)
        former = self.feed(application.area)
        if former.find(*key) is not None:
            former.drop(*key)
        self.desk.clear(application.number)
        application.forward_to(self.area_of(to), place or application.place, self.now())
        self._receipts.pop(key, None)
        content = self._contents[key]
        if (record := forwarded_anew(application, content)) is None:
            self._put(application.area, *key, content, application)
        else:
            self._forward("application", application, record, record.wire())
        self.events.record(EventKind.FORWARDED_ON, application.number, {"area": application.area})

    def acknowledged_at(self, kind: FeedKind, number: str) -> datetime | None:
        """Return when an item was acknowledged first, None while it was not."""
        return self._acknowledged_at.get((kind, number))

    def forwarded_digest(self, kind: FeedKind, number: str) -> str:
        """Return the digest of what an item says that was forwarded under a number."""
        key = (kind, number)
        return self._digests.get(key) or digest_of_received(self._contents[key], _READ[kind])

    def _forward(
        self, kind: FeedKind, application: Application, record: WireModel, content: bytes
    ) -> None:
        self._contents[kind, application.number] = content
        self._digests[kind, application.number] = content_digest(record)
        self._put(application.area, kind, application.number, content, application)

    def _put(
        self,
        area: str,
        kind: FeedKind,
        number: str | None,
        content: bytes,
        application: Application | None,
        deliveries_left: int | None = None,
    ) -> None:
        position = self.positions.give(self.tree.normalise(area), content)
        item = FeedItem(kind, number, content, application, position, deliveries_left)
        self.feed(area).put(item)

    def _acknowledged(
        self, key: tuple[FeedKind, str], application: Application, first: bytes | None
    ) -> ItemAnswer:
        kind, number = key
        if kind == "application":
            application.acknowledgements += 1
            application.acknowledged_at = application.acknowledged_at or self.now()
        repeated = first is not None
        self.events.record(EventKind.ACKNOWLEDGED, number, {"kind": kind, "repeated": repeated})
        if first is not None:
            return ItemAnswer(ItemStatus.DUPLICATE, first)
        at, digest = self.now(), self.forwarded_digest(kind, number)
        given = receipt(number, kind, revision=1, digest=digest, at=at)
        self._receipts[key], self._acknowledged_at[key] = given, at
        return ItemAnswer(ItemStatus.ACCEPTED, given)
