"""A stand-in agency (模拟经办机构): takes dispatches, decides, and hands its results in."""

from collections.abc import Sequence
from typing import Final

from contracts.verify.schema_validator import SchemaValidator
from schemas.records.receipts import (
    ItemResult,
    ItemStatus,
)
from schemas.records.strict_json import RawItem
from schemas.reference.clock import Now
from simulator.agencies.backoff import Backoff
from simulator.agencies.book import AgencyBook, ReceivedDispatch
from simulator.agencies.client import SignedClient, Unanswered
from simulator.agencies.decisions import Reviewer
from simulator.agencies.gateway import GatewayConnection
from simulator.config import AgencySettings
from simulator.exchanges.entries import ItemAnswer
from simulator.exchanges.notifier import Notifier
from simulator.timer import Timer

_BATCH: Final = 200
_MIN_IDLE_S, _MAX_IDLE_S = 0.001, 60.0


class SimulatedAgency:
    """One agency with its own book.

    `submit` works until it is cancelled, and so does `fetch`, for an agency that takes no pushes.
    """

    def __init__(
        self,
        settings: AgencySettings,
        *,
        client: SignedClient,
        validator: SchemaValidator,
        now: Now,
        timer: Timer,
        seed: int,
    ) -> None:
        self.settings = settings
        self._gateway = GatewayConnection(client, validator)
        self._validator, self._now, self._timer = validator, now, timer
        self._reviewer = Reviewer(
            settings.code, settings.name, settings.division, seed, settings.refuse_share
        )
        self._arrival = Notifier()
        self._backoff = Backoff(settings.code, seed=seed, timer=timer)
        self.book = self._new_book()

    def reset(self) -> None:
        """Begin with an empty book."""
        self.book = self._new_book()

    def receive(self, items: Sequence[RawItem]) -> list[ItemAnswer]:
        """Store dispatches, wake `submit`, and answer each of them."""
        answers = [self.book.receive(item) for item in items]
        self._arrival.notify()
        return answers

    async def fetch(self) -> None:
        """Ask the gateway for dispatches, over and over; acknowledge what is stored."""
        failures = 0
        while True:
            try:
                await self._fetch_page()
                failures = 0
            except Unanswered as exc:
                failures += 1
                await self._backoff.pause("fetch", failures, exc.retry_after_s)

    async def submit(self) -> None:
        """Decide what is due and hand the results in until each has its final answer."""
        failures = 0
        while True:
            book = self.book
            batch = book.due(_BATCH)
            if not batch:
                await self._wait_for_work(book)
                continue
            retry_after_s = None
            try:
                complete = self._settle(book, batch, await self._hand_in(book, batch))
            except Unanswered as exc:
                book.put_back(batch)
                complete, retry_after_s = False, exc.retry_after_s
            failures = 0 if complete else failures + 1
            if not complete:
                await self._backoff.pause("submit", failures, retry_after_s)

    async def _fetch_page(self) -> None:
        items = await self._gateway.fetch_dispatches()
        if not items:
            return
        answers = self.receive(items)
        stored = [
            item
            for item, answer in zip(items, answers, strict=True)
            if answer.status is not ItemStatus.REFUSED
        ]
        if not stored:
            raise Unanswered("no dispatch of the page can be used")
        await self._gateway.acknowledge_dispatches(stored, self._now())

    async def _hand_in(
        self, book: AgencyBook, batch: Sequence[ReceivedDispatch]
    ) -> tuple[ItemResult, ...]:
        """Send one batch; each result is decided once and goes again as the same bytes."""
        outcomes = [self._outcome_of(book, one) for one in batch]
        for one in batch:
            one.sent += 1
        trace_id = batch[0].dispatch.application.trace_id if len(batch) == 1 else None
        return await self._gateway.submit_outcomes(outcomes, trace_id=trace_id)

    def _outcome_of(self, book: AgencyBook, one: ReceivedDispatch) -> bytes:
        """Return the outcome of a dispatch, decided now unless it was before."""
        if one.outcome is None:
            one.decided_at = self._now()
            revision = 1 + book.accepted[one.dispatch.application.application_no]
            outcome = self._reviewer.decide(one.dispatch, revision=revision, at=one.decided_at)
            content = outcome.wire()
            self._gateway.check("outcome", content)
            one.outcome = content
        return one.outcome

    def _settle(
        self, book: AgencyBook, batch: Sequence[ReceivedDispatch], results: Sequence[ItemResult]
    ) -> bool:
        """Note the answers and keep what has to go again; tell whether nothing has to."""
        answered = zip(batch, results, strict=True)
        again = [one for one, result in answered if not book.settle(one, result)]
        book.put_back(again)
        return not again

    async def _wait_for_work(self, book: AgencyBook) -> None:
        """Wait until a dispatch arrives or the next decision is due."""
        wait_s = _MAX_IDLE_S
        if (due_at := book.next_due_at()) is not None:
            wait_s = min(max((due_at - self._now()).total_seconds(), _MIN_IDLE_S), _MAX_IDLE_S)
        await self._arrival.wait(wait_s, timer=self._timer)

    def _new_book(self) -> AgencyBook:
        return AgencyBook(
            self.settings.code,
            decide_after_s=self.settings.decide_after_s,
            validator=self._validator,
            now=self._now,
        )
