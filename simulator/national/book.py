"""国家端台账: applications, what waits for each docked area, and the results that took effect."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from itertools import islice

from schemas.records.applications import Withdrawal
from schemas.records.outcomes import Outcome
from schemas.records.receipts import Acknowledgement, ItemStatus
from schemas.reference.clock import Now
from schemas.reference.divisions import DivisionTree
from simulator.errors import Refused
from simulator.exchanges.entries import Application, Effect, FeedItem, FeedKind, Verdict
from simulator.exchanges.events import EventKind, EventLog
from simulator.exchanges.receipts import receipt
from simulator.national.feed import Feed


class Book:
    """What the national side knows, in memory; single-threaded, so every method is one act.

    `areas` are the divisions whose systems dock here; an application goes to the nearest one
    around its registration place, or waits in the queue of its province if none docks.
    """

    def __init__(self, *, areas: Sequence[str], tree: DivisionTree, now: Now) -> None:
        self.now = now
        self.tree = tree
        self.events = EventLog(now)
        self._areas = frozenset(tree.normalise(area) for area in areas)
        self._feeds: dict[str, Feed] = {area: Feed() for area in self._areas}
        self._applications: dict[str, Application] = {}
        self._in_order: list[Application] = []
        self._positions: dict[str, int] = {}
        self._open: dict[str, str] = {}  # certificate number → application number
        self._local: dict[str, dict[int, Effect]] = {}
        self._receipts: dict[tuple[FeedKind, str], bytes] = {}
        self._contents: dict[tuple[FeedKind, str], bytes] = {}
        self.effects: list[Effect] = []

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
        """Wake everyone who waits for something to arrive."""
        for feed in self._feeds.values():
            feed.arrival.ring()

    def open_number(self, certificate_no: str) -> str | None:
        """Return the number of the open application under a certificate number, nationwide."""
        return self._open.get(certificate_no.upper())

    def add(self, application: Application, content: bytes) -> None:
        """Enter an application and forward it to its area (转办)."""
        self._enter(application)
        if application.certificate_no:
            self._open[application.certificate_no.upper()] = application.number
        self._forward("application", application, content)
        self.events.record(
            EventKind.FILED,
            application.number,
            {"area": application.area, "place": application.place},
        )

    def inject(self, area: str, content: bytes, number: str | None, deliveries: int) -> None:
        """Put bytes into an area's feed as they are, past every check; the event log says so."""
        application = None
        if number is not None:
            application = self._applications.get(number) or self._injected(area, number)
            self._contents["application", number] = content
        left = None if number is not None else deliveries
        self.feed(area).put(FeedItem("application", number, content, application, left))
        self.events.record(
            EventKind.INJECTED, number, {"area": area, "bytes": len(content), "checked": False}
        )

    def withdraw(self, number: str, reason: str | None) -> None:
        """Take an application back before it is decided (撤回).

        Raises:
            Refused: There is no such application, or it is decided or withdrawn already.
        """
        application = self._applications.get(number)
        if application is None:
            raise Refused("case.unknown")
        if application.effects or application.withdrawn_at is not None:
            raise Refused("case.illegal-step")
        application.withdrawn_at = self.now()
        item = Withdrawal(
            kind="withdrawal",
            application_no=number,
            withdrawn_at=application.withdrawn_at,
            reason=reason,
        )
        self._close(application)
        self._forward("withdrawal", application, item.wire())
        self.events.record(EventKind.WITHDRAWN, number)

    def page(self, area: str, limit: int) -> tuple[list[FeedItem], bool]:
        """Return the oldest unacknowledged items of `area`, counted as delivered."""
        feed = self.feed(area)
        items, more = feed.page(limit)
        if items:
            feed.delivered(items, self.now())
            for item in items:
                self.events.record(EventKind.DELIVERED, item.number, {"kind": item.kind})
        return items, more

    def acknowledge(self, area: str, said: Acknowledgement) -> Verdict:
        """Take one item out of the feed (下载确认); said again, the first receipt again.

        Raises:
            Refused: Nothing of that number was delivered to this area.
        """
        key = (said.kind, said.application_no)
        application = self._applications.get(said.application_no)
        if application is None or application.area != self.tree.normalise(area):
            raise Refused("acknowledgement.unknown")
        feed = self.feed(area)
        waiting = feed.find(*key)
        first = self._receipts.get(key)
        if waiting is not None:
            if application.deliveries == 0 and said.kind == "application":
                raise Refused("acknowledgement.unknown")
            feed.drop(*key)
        elif first is None:
            raise Refused("acknowledgement.unknown")
        return self._acknowledged(key, application, first)

    def redeliver(self, area: str, numbers: Iterable[str]) -> list[str]:
        """Put acknowledged applications into the feed once more; return which (a fault does so)."""
        again = []
        for number in numbers:
            application = self._applications.get(number)
            if application is not None and application.acknowledged_at is not None:
                content = self._contents["application", number]
                self.feed(area).put(FeedItem("application", number, content, application))
                again.append(number)
        return again

    def find(self, number: str) -> Application | None:
        """Return an application by its number."""
        return self._applications.get(number)

    def results_of(self, key: str) -> dict[int, Effect]:
        """Return the results in effect under a key, by revision: forwarded or accepted locally."""
        application = self._applications.get(key)
        return self._local.setdefault(key, {}) if application is None else application.effects

    def apply(self, key: str, outcome: Outcome, digest: str) -> Effect:
        """Let a result take effect; who calls has made sure that it may."""
        at = self.now()
        given = receipt(key, "outcome", revision=outcome.revision, digest=digest, at=at)
        effect = Effect(key, outcome.revision, digest, given, at, outcome)
        self.results_of(key)[outcome.revision] = effect
        self.effects.append(effect)
        if (application := self._applications.get(key)) is not None:
            self._close(application)
        self.events.record(
            EventKind.DECIDED,
            key,
            {"revision": outcome.revision, "verdict": str(outcome.verdict), "digest": digest},
        )
        return effect

    def applications(self, after: int = 0, limit: int | None = None) -> Iterator[Application]:
        """Yield applications in the order they were filed, from the one after number `after`."""
        return islice(self._in_order, after, None if limit is None else after + limit)

    def position(self, application: Application) -> int:
        """Return an application's number in the order of filing, from 1."""
        return self._positions[application.number]

    def local_results(self, key: str) -> list[Effect]:
        """Return the results of a registration accepted locally, oldest first."""
        return list(self._local.get(key, {}).values())

    def latest(self, count: int) -> list[Application]:
        """Return the latest `count` applications, the newest first."""
        return self._in_order[: -count - 1 : -1]

    def __len__(self) -> int:
        return len(self._in_order)

    def _forward(self, kind: FeedKind, application: Application, content: bytes) -> None:
        self._contents[kind, application.number] = content
        self.feed(application.area).put(FeedItem(kind, application.number, content, application))

    def _injected(self, area: str, number: str) -> Application:
        now: datetime = self.now()
        at_area = self.tree.normalise(area)
        application = Application(number, at_area, at_area, now, now, "", injected=True)
        self._enter(application)
        return application

    def _enter(self, application: Application) -> None:
        self._applications[application.number] = application
        self._in_order.append(application)
        self._positions[application.number] = len(self._in_order)

    def _close(self, application: Application) -> None:
        certificate = application.certificate_no.upper()
        if self._open.get(certificate) == application.number:
            del self._open[certificate]

    def _acknowledged(
        self, key: tuple[FeedKind, str], application: Application, first: bytes | None
    ) -> Verdict:
        kind, number = key
        if kind == "application":
            application.acknowledgements += 1
            application.acknowledged_at = application.acknowledged_at or self.now()
        repeated = first is not None
        self.events.record(EventKind.ACKNOWLEDGED, number, {"kind": kind, "repeated": repeated})
        if first is not None:
            return Verdict(ItemStatus.DUPLICATE, first)
        digest = sha256(self._contents[key]).hexdigest()  # of the bytes as they went out
        given = receipt(number, kind, revision=1, digest=digest, at=self.now())
        self._receipts[key] = given
        return Verdict(ItemStatus.ACCEPTED, given)
