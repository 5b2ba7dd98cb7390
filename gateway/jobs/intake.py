"""The intake loop: pages one after another while there are any, else a held-open download."""

import asyncio
import logging
from dataclasses import dataclass
from typing import Final

from gateway.domain.dated_rules import DatedRules
from gateway.domain.retry_policy import BatchSize, Jitter, next_attempt, store_retry
from gateway.errors import GatewayError, PageUnreadable, PeerUnavailable
from gateway.events import say, tracing
from gateway.flows.failpoints import FailpointHook
from gateway.flows.intake import ingest
from gateway.flows.page_acknowledgement import acknowledge_stored
from gateway.flows.page_download import LONGEST_PAGE
from gateway.flows.page_result import Acknowledged, IngestedItem, PageResult
from gateway.jobs.acknowledging import Acknowledger, acknowledged_facts
from gateway.jobs.connection_pause import ConnectionPause
from gateway.jobs.feed_standing import FeedStanding
from gateway.jobs.turn_failures import failure_facts, note_turn_failure
from gateway.jobs.unconfirmed import UnconfirmedItems
from gateway.jobs.wake_event import WakeEvent
from gateway.jobs.watched_portal import WatchedPortal
from gateway.metrics import Metrics
from gateway.page_notes import IntakeWay, note_page
from gateway.ports import PORTAL
from gateway.ports.peers import PeerCall, Portal
from gateway.ports.store import Store
from schemas.reference.clock import Now
from storage.errors import StorageError

LOG: Final = logging.getLogger(__name__)
_NOTHING_NEW_S: Final = 1.0
"""Pause after a page of repeats, or an empty one that came back at once."""


@dataclass(frozen=True, slots=True)
class IntakeTerms:
    """What the intake works by: rules, time, jitter, failpoints, how long a download is held."""

    rules: DatedRules
    now: Now
    jitter: Jitter
    hook: FailpointHook
    poll_every_s: int
    long_poll_s: int


class IntakeLoop:
    """Takes over what the portal has for the province, page after page, until it is stopped."""

    def __init__(
        self,
        portal: Portal,
        *,
        store: Store,
        terms: IntakeTerms,
        metrics: Metrics,
        monotonic: Now | None = None,
        pause: ConnectionPause | None = None,
    ) -> None:
        """Make the loop; waits go by `monotonic`, or by the terms' clock where that never steps."""
        self._monotonic = monotonic or terms.now
        self._pause = pause or ConnectionPause(self._monotonic)
        self.wake_event = WakeEvent()
        acknowledger = Acknowledger(
            portal, monotonic=self._monotonic, jitter=terms.jitter, rest=self.wake_event.rest
        )
        self._portal = WatchedPortal(portal, metrics, self._monotonic, acknowledger=acknowledger)
        self._store, self._terms, self._metrics = store, terms, metrics
        self._failures = 0
        self._caught_up_at = self._monotonic()
        self._page = BatchSize(LONGEST_PAGE)
        self._standing = FeedStanding(self._monotonic)
        metrics.pull_lag.set_function(self._lag_s)
        metrics.feed_standing.set_function(self._standing.seconds)
        metrics.feed_unread.set_function(self._standing.unread_seconds)
        self._unconfirmed = UnconfirmedItems(self._monotonic, terms.jitter)
        metrics.unconfirmed.set_function(self._unconfirmed.count)
        alone = metrics.failing_alone.labels(PORTAL, "acknowledgement")
        alone.set_function(acknowledger.failing_alone)

    def stop(self) -> None:
        """End after the page in hand; a download that only waits is cancelled."""
        self.wake_event.stop()
        self._portal.stop()

    async def run(self) -> None:
        """Take over page after page until stopped."""
        while not self.wake_event.stopped:
            pause_s = await self.turn()
            if pause_s > 0:
                await self.wake_event.pause(pause_s)

    async def ingest_waiting(self) -> tuple[IngestedItem, ...]:
        """Take over what is waiting now, without holding a download open.

        Raises:
            PeerUnavailable, PeerRefused, StoreUnavailable: What was taken before stays taken.
        """
        rows: list[IngestedItem] = []
        while True:
            result = await self._ingest(wait_s=0)
            rows.extend(result.rows)
            if not result.more or _all_repeated(result):
                return tuple(rows)

    async def turn(self) -> float:
        """Take one page over; return how long to pause before the next, in seconds.

        A tick ends the pause of the loop, but not that of the portal.
        """
        if (left_alone_s := self._pause.remaining_s()) > 0:
            return left_alone_s
        terms = self._terms
        loop = asyncio.get_running_loop()
        started = loop.time()
        try:
            result = await self._ingest(wait_s=terms.long_poll_s)
        except (GatewayError, StorageError) as exc:
            return 0.0 if self.wake_event.stopped else self._failed(exc)
        except Exception as exc:  # noqa: BLE001 -- a turn survives whatever is raised in it
            note_turn_failure(exc, loop="intake", metrics=self._metrics, logger=LOG, peer=PORTAL)
            return self._after_failure(None)
        self._failures = 0
        if result.rows and not _all_repeated(result):
            return 0.0
        if result.rows or (terms.long_poll_s and loop.time() - started < _NOTHING_NEW_S):
            return _NOTHING_NEW_S
        return 0.0 if terms.long_poll_s else float(terms.poll_every_s)

    async def _ingest(self, *, wait_s: int) -> PageResult:
        terms = self._terms
        with tracing():
            await self._acknowledge_again()
            result = await ingest(
                self._portal,
                store=self._store,
                rules=terms.rules,
                now=terms.now,
                limit=self._page.limit(self._monotonic()),
                wait_s=wait_s,
                hook=terms.hook,
            )
            self._note(result)
        return result

    async def _acknowledge_again(self) -> None:
        """Acknowledge what the portal has not confirmed so far, where it is due."""
        if not (due := self._unconfirmed.due()):
            return
        terms = self._terms
        self._note_acknowledged(
            await acknowledge_stored(self._portal, due, store=self._store, at=terms.now())
        )

    def _note_acknowledged(self, acknowledged: Acknowledged) -> None:
        """Count what the portal did not confirm, and log it once a try; nothing that it said."""
        metrics = self._metrics
        for one in acknowledged.unconfirmed:
            metrics.count(metrics.acknowledgements_unconfirmed, one.reason)
            if one.fault is not None:
                metrics.count(metrics.receipts_not_believed, "acknowledgement", one.fault.value)
        for one in self._unconfirmed.note(acknowledged):
            facts = acknowledged_facts(one.item.acknowledgement)
            facts["code"] = one.reason
            facts["reason"] = "" if one.fault is None else one.fault.value
            say(LOG, logging.WARNING, "acknowledgement.unconfirmed", **facts)

    def _note(self, result: PageResult) -> None:
        self._note_acknowledged(result.acknowledged)
        self._metrics.count(self._metrics.pull_requests, "rows" if result.rows else "empty")
        self._standing.read()
        if result.rows and _all_repeated(result):
            self._standing.stands()
        else:
            self._standing.moves()
        if not result.more:
            self._caught_up_at = self._monotonic()
        if not result.rows:
            return
        note_page(result.rows, IntakeWay.PULL, metrics=self._metrics, logger=LOG)

    def _failed(self, exc: GatewayError | StorageError) -> float:
        self._metrics.count(self._metrics.pull_requests, exc.code)
        if isinstance(exc, PageUnreadable):
            self._standing.stands()
            self._count_page(exc)
        if isinstance(exc, StorageError):
            pause_s = store_retry(self._terms.jitter).total_seconds()
        else:
            pause_s = self._after_failure(self._asked(exc))
        facts = failure_facts(exc)
        facts["retry_in_s"] = round(pause_s, 3)
        say(LOG, logging.WARNING, "intake.failed", **facts)
        return pause_s

    def _count_page(self, exc: PageUnreadable) -> None:
        """Count a page that its items gave away, after the call that brought it."""
        if not exc.operation:
            exc.operation = PeerCall.DOWNLOAD.value
            metrics = self._metrics
            metrics.count(metrics.call_failures, PORTAL, exc.operation, exc.failure.value)

    def _asked(self, exc: GatewayError) -> float | None:
        """Return the wait that the portal asks for; ask for less where it cannot answer so much.

        For an unreadable page less has been asked for already, down to one item; and in a smaller
        page of another encoding, which is the connection's fault, items would be held for it.
        """
        if not isinstance(exc, PeerUnavailable):
            return None
        if exc.answered and not isinstance(exc, PageUnreadable):
            now = self._monotonic()
            self._page = self._page.failed(self._page.limit(now), now)
        return exc.retry_after_s

    def _after_failure(self, retry_after_s: float | None) -> float:
        """Return how long to pause after one more failure in a row, in seconds."""
        self._failures += 1
        self._pause.failed(retry_after_s)
        at, jitter = self._monotonic(), self._terms.jitter
        again = next_attempt(self._failures, now=at, jitter=jitter, retry_after_s=retry_after_s)
        return max((again - at).total_seconds(), self._pause.remaining_s())

    def _lag_s(self) -> float:
        return (self._monotonic() - self._caught_up_at).total_seconds()


def _all_repeated(result: PageResult) -> bool:
    return all(row.repeated for row in result.rows)
