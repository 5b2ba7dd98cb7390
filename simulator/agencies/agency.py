"""A stand-in agency (模拟经办机构): takes dispatches, decides or returns them, hands that in."""

from collections.abc import Sequence
from typing import Final

from contracts.verify.schema_validator import SchemaValidator
from schemas.records.receipts import ItemResult, ItemStatus
from schemas.records.strict_json import RawItem
from schemas.reference.clock import Now
from simulator.agencies.book import AgencyBook, ReceivedDispatch
from simulator.agencies.connection import AgencyConnection
from simulator.agencies.counter import Counter, CounterRequest, Ending
from simulator.agencies.decisions import Reviewer
from simulator.agencies.hand_in import hand_in_next
from simulator.config import AgencySettings
from simulator.exchanges.entries import ItemAnswer
from simulator.exchanges.notifier import Notifier
from simulator.exchanges.signed_client import Unanswered
from simulator.exchanges.turns import Turns
from simulator.logs import Facts
from simulator.timer import Timer

_BATCH: Final = 200
_MIN_IDLE_S, _MAX_IDLE_S = 0.001, 60.0


class SimulatedAgency:
    """One agency with its own book.

    `submit` and `hand_in` work until they are cancelled, and so does `fetch`, for an agency that
    takes no pushes.
    """

    def __init__(
        self,
        settings: AgencySettings,
        *,
        gateway: AgencyConnection,
        validator: SchemaValidator,
        now: Now,
        timer: Timer,
        seed: int,
    ) -> None:
        self.settings = settings
        self._gateway = gateway
        self._validator, self._now, self._timer = validator, now, timer
        self._reviewer = Reviewer(
            settings.code,
            settings.name,
            settings.division,
            seed,
            settings.refuse_share,
            settings.return_share,
        )
        self._arrival, self._handed_over = Notifier(), Notifier()
        self._turns = Turns(settings.code, Facts(agency=settings.code), seed=seed, timer=timer)
        self.turn_failures = self._turns.failures
        self.reset()

    def reset(self) -> None:
        """Begin with an empty book."""
        self.book = self._new_book()
        self.counter = Counter(self._reviewer, self._gateway.check)

    def receive(self, items: Sequence[RawItem]) -> list[ItemAnswer]:
        """Store dispatches, wake `submit`, and answer each of them."""
        answers = [self.book.receive(item) for item in items]
        self._arrival.notify()
        return answers

    async def fetch(self) -> None:
        """Ask the gateway for dispatches, over and over; acknowledge what is stored."""
        await self._turns.repeat("fetch", self._fetch_page)

    async def submit(self) -> None:
        """Decide what is due and hand the results in until each has its final answer."""
        await self._turns.repeat("submit", self._submit_due)

    def register(self, requests: Sequence[CounterRequest]) -> list[str]:
        """Accept people who come to the counter, wake `hand_in`, and return their keys.

        Raises:
            InvalidAnswer: The published schema does not allow a registration.
        """
        taken = [self.counter.register(one, self._now()) for one in requests]
        self._handed_over.notify()
        return [one.key for one in taken]

    def deregister(self, endings: Sequence[Ending]) -> list[str]:
        """End registrations, wake `hand_in`, and return their keys.

        Raises:
            RequestRefused: Nobody is registered here under a key.
            InvalidAnswer: The published schema does not allow a deregistration.
        """
        taken = [
            self.counter.end(one, self.book.outcome_of(one.key), self._now()) for one in endings
        ]
        self._handed_over.notify()
        return [one.key for one in taken]

    async def hand_in(self) -> None:
        """Hand in what the counter accepted and ended until each has its final answer."""
        await self._turns.repeat("hand-in", self._hand_in_due)

    async def _hand_in_due(self) -> None:
        if not await hand_in_next(self.counter, self._gateway, self._now):
            await self._handed_over.wait(_MAX_IDLE_S, timer=self._timer)

    async def _submit_due(self) -> None:
        """Hand in one batch of what is due; what has no final answer afterwards goes again.

        Raises:
            Unanswered: Something has to go again.
        """
        book = self.book
        batch = book.due(_BATCH)
        if not batch:
            await self._wait_for_work(book)
            return
        ready = [one for one in batch if self._is_ready(book, one)]
        try:
            results = await self._hand_in(ready) if ready else ()
        except BaseException:
            book.put_back(ready)
            raise
        if not self._settle(book, ready, results) or len(ready) < len(batch):
            raise Unanswered("not every result has its final answer")

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
        results = await self._gateway.acknowledge_dispatches(stored, self._now())
        if not self.book.note_confirmations(stored, results):
            raise Unanswered("not every acknowledgement is confirmed")

    def _is_ready(self, book: AgencyBook, one: ReceivedDispatch) -> bool:
        """Decide a dispatch; one that cannot be decided goes behind the others and stops none."""
        try:
            self._decide(book, one)
        except Exception as exc:  # noqa: BLE001 - whatever is wrong with it, the others go on
            self._turns.note_failure("decide", exc)
            book.put_behind(one)
            return False
        return True

    async def _hand_in(self, batch: Sequence[ReceivedDispatch]) -> tuple[ItemResult, ...]:
        """Send one batch; each result is decided once and goes again as the same bytes."""
        returns = [one for one in batch if one.returned is not None]
        decided = [one for one in batch if one.returned is None]
        for one in batch:
            one.sent += 1
        trace_id = batch[0].dispatch.application.trace_id if len(batch) == 1 else None
        answers: dict[str, ItemResult] = {}
        for sent, bodies, send in (
            (returns, [one.returned or b"" for one in returns], self._gateway.return_dispatches),
            (decided, [one.outcome or b"" for one in decided], self._gateway.submit_outcomes),
        ):
            if sent:
                numbers = [one.dispatch.dispatch_no for one in sent]
                results = await send(bodies, trace_id=trace_id)
                answers.update(zip(numbers, results, strict=True))
        return tuple(answers[one.dispatch.dispatch_no] for one in batch)

    def _decide(self, book: AgencyBook, one: ReceivedDispatch) -> None:
        """Decide a dispatch, or give it back, unless that was done before.

        Raises:
            InvalidAnswer: The published schema does not allow the result.
        """
        if one.outcome is not None or one.returned is not None:
            return
        at, revision = self._now(), 1 + book.accepted[one.dispatch.application.application_no]
        if (given_back := self._reviewer.give_back(one.dispatch, at=at)) is not None:
            content = given_back.wire()
            self._gateway.check("dispatch-return", content)
            one.returned, one.decided_at = content, at
            return
        decision = self._reviewer.decide(one.dispatch, revision=revision, at=at)
        content = decision.wire()
        self._gateway.check("outcome", content)
        one.decision, one.outcome, one.decided_at = decision, content, at

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
