"""A stand-in agency (模拟经办机构): takes dispatches, decides, and hands its results in."""

import asyncio
import logging
from collections.abc import Sequence
from random import Random
from typing import Final

import orjson
from pydantic import ValidationError

from contracts.verify.schema_validator import Witness
from schemas.records.receipts import (
    BatchAnswer,
    DispatchAcknowledgement,
    DispatchAcknowledgementBatch,
    ItemResult,
    ItemStatus,
)
from schemas.records.strict_json import Malformed, RawItem, read_page
from schemas.reference.clock import Now
from simulator.agencies.book import AgencyBook, Received
from simulator.agencies.client import Caller, Unanswered
from simulator.agencies.decisions import Decider
from simulator.config import AgencySettings
from simulator.errors import InvalidAnswer
from simulator.exchanges.entries import Verdict
from simulator.exchanges.notifier import Bell

_BATCH: Final = 200
_WAIT_S: Final = 20
_DEADLINE_S: Final = 15.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 30.0
_DOUBLINGS: Final = 10
_log: Final = logging.getLogger("simulator.agencies.agency")


class Agency:
    """One agency with its own book; `run` works until it is cancelled."""

    def __init__(
        self, settings: AgencySettings, *, caller: Caller, witness: Witness, now: Now, seed: int
    ) -> None:
        self.settings = settings
        self._caller, self._witness, self._now = caller, witness, now
        self._decider = Decider(
            settings.code, settings.name, settings.division, seed, settings.refuse_share
        )
        self._arrival = Bell()
        self._chance = Random(f"pauses {settings.code} {seed}")  # noqa: S311 - spreads retries only
        self.book = self._new_book()

    def reset(self) -> None:
        """Begin with an empty book."""
        self.book = self._new_book()

    def take(self, items: Sequence[RawItem]) -> list[Verdict]:
        """Store dispatches and go to work on them."""
        verdicts = [self.book.take(item) for item in items]
        self._arrival.ring()
        return verdicts

    async def fetch(self) -> None:
        """Ask the gateway for dispatches, over and over; acknowledge what is stored."""
        failures = 0
        while True:
            try:
                await self._fetch_once()
                failures = 0
            except Unanswered as exc:
                failures += 1
                await self._pause("fetch", failures, exc)

    async def submit(self) -> None:
        """Decide what is due and hand the results in until each has its final answer."""
        failures = 0
        while True:
            book = self.book
            batch = book.due(_BATCH)
            if not batch:
                await self._wait_for_work(book)
                continue
            try:
                again = self._settle(book, batch, await self._hand_in(book, batch))
                failures = failures + 1 if again else 0
                if again:
                    await self._pause("submit", failures, Unanswered("items to go again"))
            except Unanswered as exc:
                book.put_back(batch)
                failures += 1
                await self._pause("submit", failures, exc)

    async def _fetch_once(self) -> None:
        deadline_s = _WAIT_S + _DEADLINE_S
        path = f"/agency/v1/dispatches?limit=100&wait={_WAIT_S}"
        body = await self._caller.get(path, deadline_s=deadline_s)
        try:
            _, items = read_page(body, "dispatches")
        except Malformed as exc:
            raise Unanswered(f"the page cannot be read: {exc}") from exc
        if not items:
            return
        verdicts = self.take(items)
        stored = [
            item
            for item, verdict in zip(items, verdicts, strict=True)
            if verdict.status is not ItemStatus.REFUSED
        ]
        if not stored:
            raise Unanswered("no dispatch of the page can be used")
        await self._acknowledge(stored)

    async def _acknowledge(self, items: Sequence[RawItem]) -> None:
        said = DispatchAcknowledgementBatch(
            acknowledgements=tuple(
                DispatchAcknowledgement(
                    dispatch_no=orjson.loads(item.content)["dispatch_no"], stored_at=self._now()
                )
                for item in items
            )
        ).wire()
        self._check("dispatch-acknowledgement-batch", said)
        await self._caller.post(
            "/agency/v1/dispatches/acknowledgements", said, deadline_s=_DEADLINE_S
        )

    async def _hand_in(self, book: AgencyBook, batch: list[Received]) -> tuple[ItemResult, ...]:
        """Send one batch; each result is decided once and goes again as the same bytes."""
        for one in batch:
            if one.outcome is None:
                one.decided_at = self._now()
                revision = 1 + book.accepted[one.dispatch.application.application_no]
                decided = self._decider.decide(
                    one.dispatch, revision=revision, at=one.decided_at
                ).wire()
                self._check("outcome", decided)
                one.outcome = decided
            one.sent += 1
        body = b'{"outcomes":[%s]}' % b",".join([one.outcome or b"" for one in batch])
        trace_id = batch[0].dispatch.application.trace_id if len(batch) == 1 else None
        answer = await self._caller.post(
            "/agency/v1/outcomes", body, deadline_s=_DEADLINE_S, trace_id=trace_id
        )
        try:
            results = BatchAnswer.read(answer).results
        except ValidationError as exc:
            raise Unanswered("the batch answer cannot be read") from exc
        if len(results) != len(batch):
            raise Unanswered("the batch answer has another number of entries")
        return results

    def _settle(
        self, book: AgencyBook, batch: Sequence[Received], results: Sequence[ItemResult]
    ) -> bool:
        answered = zip(batch, results, strict=True)
        again = [one for one, result in answered if not book.settle(one, result)]
        book.put_back(again)
        return bool(again)

    def _check(self, record: str, body: bytes) -> None:
        if faults := self._witness.check(record, body):
            raise InvalidAnswer(f"{record}: {faults[0].pointer} against {faults[0].rule}")

    async def _wait_for_work(self, book: AgencyBook) -> None:
        due_at = book.next_due_at()
        wait_s = 60.0 if due_at is None else max((due_at - self._now()).total_seconds(), 0.001)
        await self._arrival.heard(min(wait_s, 60.0))

    async def _pause(self, what: str, failures: int, exc: Unanswered) -> None:
        """Wait before the next try: longer each time, spread, or as the gateway wished."""
        ceiling = min(_FIRST_PAUSE_S * (1 << min(failures, _DOUBLINGS)), _LONGEST_PAUSE_S)
        pause_s = ceiling * (0.5 + self._chance.random() / 2)
        if exc.retry_after_s is not None:
            pause_s = min(max(exc.retry_after_s, pause_s), _LONGEST_PAUSE_S)
        _log.info("again later", extra={"agency": self.settings.code, "what": what})
        await asyncio.sleep(pause_s)

    def _new_book(self) -> AgencyBook:
        return AgencyBook(
            self.settings.code,
            decide_after_s=self.settings.decide_after_s,
            witness=self._witness,
            now=self._now,
        )
