"""主动推送: pushes what waits for one area to its gateway, beside the download and its long poll.

What the gateway answers `accepted` or `duplicate`, with a receipt for what was pushed, counts as
acknowledged. What it refuses, or what was pushed in vain so many times, is left to the download.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from pydantic import ValidationError

from schemas.calls.traces import fresh_trace
from schemas.records.receipts import BatchAnswer, ItemResult
from simulator.errors import ConnectionCut, RequestRefused
from simulator.exchanges.calls import Answer, Call, RunCall
from simulator.exchanges.entries import FeedItem
from simulator.exchanges.events import EventKind
from simulator.exchanges.signed_client import SignedClient, Unanswered
from simulator.exchanges.turns import Turns
from simulator.logs import Facts
from simulator.national.book import Book
from simulator.timer import Timer

PUSH: Final = "pushApplications"
MOST_PUSHES: Final = 30
"""How often one item is pushed at most: some ten minutes, with the pauses between."""
_PATH: Final = "/province/v1/applications"
_MOST_ITEMS: Final = 200
_DEADLINE_S: Final = 15.0
_IDLE_S: Final = 60.0
_OF_THE_MESSAGE: Final = frozenset({400, 413, 422})
"""Statuses that say that something in the message makes it unreadable as a whole."""
_NOT_NOW: Final = "service."
_NOT_BELIEVED: Final = "receipt.not-believed"


class FeedPusher:
    """Pushes to one area while it is switched on; `run` works until it is cancelled.

    `book` returns the book in use, `within_faults` runs a call within the faults that are armed,
    `key_id` returns a key id of the area: by it a fault knows whose items it doubles.
    """

    def __init__(  # noqa: PLR0913 - a pusher consists of these, each by name
        self,
        area: str,
        *,
        book: Callable[[], Book],
        client: SignedClient,
        within_faults: RunCall,
        key_id: Callable[[], str],
        timer: Timer,
        seed: int,
        is_on: bool,
    ) -> None:
        self.area, self.gateway, self.is_on = area, client.base, is_on
        self._book, self._client, self._within_faults = book, client, within_faults
        self._key_id, self._timer = key_id, timer
        self._turns = Turns(f"push {area}", Facts(area=area), seed=seed, timer=timer)
        self.turn_failures = self._turns.failures
        self._size = _MOST_ITEMS

    def switch(self, *, on: bool) -> None:
        """Push from now on, or no more; a push under way is finished."""
        self.is_on = on
        self._book().feed(self.area).arrival.notify()

    def waiting(self) -> int:
        """Return how many items are to be pushed."""
        return self._book().feed(self.area).count_pushable(MOST_PUSHES)

    def left_to_download(self) -> int:
        """Return how many items wait that are pushed no more."""
        return len(self._book().feed(self.area)) - self.waiting()

    async def run(self) -> None:
        """Push page after page, until it is cancelled."""
        await self._turns.repeat("push", self._push_next)

    async def _push_next(self) -> None:
        """Push one page, or wait for something to push.

        Raises:
            Unanswered: Something has to go again.
        """
        book = self._book()
        feed = book.feed(self.area)
        items = feed.pushable(self._size, MOST_PUSHES) if self.is_on else []
        if not items:
            await feed.arrival.wait(_IDLE_S, timer=self._timer)
            return
        for item in items:
            item.pushes += 1
        try:
            results = await self._push(book, items)
        except Unanswered as exc:
            if exc.status not in _OF_THE_MESSAGE:
                raise
            self._split(items, exc.status)
            return
        self._size = min(2 * self._size, _MOST_ITEMS)
        answered = zip(items, results, strict=True)
        settled = [self._settle(book, item, result) for item, result in answered]
        if not all(settled):
            raise Unanswered("not every item is taken")

    async def _push(self, book: Book, items: Sequence[FeedItem]) -> tuple[ItemResult, ...]:
        """Push a page and return the answer to each item.

        Raises:
            Unanswered: Whether it arrived is unknown, or it did not.
        """
        contents = tuple(item.content for item in items)
        call = Call(PUSH, self._key_id(), {}, b"", fresh_trace(), contents)
        try:
            answer = await self._within_faults(call, partial(self._send, book, items))
        except ConnectionCut as exc:
            raise Unanswered("the answer is lost") from exc
        except RequestRefused as exc:
            raise Unanswered(exc.code, retry_after_s=exc.retry_after_s) from exc
        try:
            results = BatchAnswer.read(answer.body).results
        except ValidationError as exc:
            raise Unanswered("the batch answer cannot be read") from exc
        if len(results) < len(items):
            raise Unanswered("the batch answer has too few entries")
        return results[: len(items)]  # a fault may have doubled an item, at the end

    async def _send(self, book: Book, items: Sequence[FeedItem], call: Call) -> Answer:
        book.note_pushed(self.area, items)
        body = b'{"items":[%s]}' % b",".join(call.items or ())
        answer = await self._client.post(
            _PATH, body, deadline_s=_DEADLINE_S, trace_id=call.trace_id
        )
        return Answer("batch-answer", answer)

    def _split(self, items: Sequence[FeedItem], status: int | None) -> None:
        """Make the next page half as long, so that what spoils this one stands alone in the end."""
        if len(items) > 1:
            self._size = len(items) // 2
        else:
            items[0].push_refused = f"status.{status}"

    def _settle(self, book: Book, item: FeedItem, result: ItemResult) -> bool:
        """Note an answer; say whether it is the last word on pushing the item."""
        if result.receipt is not None:
            given = result.receipt
            said = (given.key, given.kind, given.revision)
            if said == (item.number, item.kind, 1) and given.digest in book.digests_of(item):
                book.take_confirmation(self.area, item)
                return True
        code = _NOT_BELIEVED if result.problem is None else result.problem.code
        book.events.record(EventKind.REFUSED, item.number, {"code": code, "area": self.area})
        if code == _NOT_BELIEVED or code.startswith(_NOT_NOW):
            return False
        item.push_refused = code
        return True
