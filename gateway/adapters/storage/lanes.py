"""Lanes (写道): a thread that takes all work that waits and answers it after one commit.

What a lane does with a group is the store's; the waiting, the grouping and the answering are here.
An answer is given to the event loop once a group, not once a work.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Final

from gateway.adapters.ledger.unit_of_work import SqlLedger
from gateway.errors import StoreUnavailable

LARGEST_GROUP: Final = 256
Work = Callable[[SqlLedger], object]


@dataclass(frozen=True, slots=True, eq=False)
class Waiting:
    """A piece of work and who waits for it; `answer` is None for the store's own chores."""

    work: Work
    durable: bool
    answer: "asyncio.Future[object] | None"


@dataclass(slots=True)
class Done:
    """What became of a piece of work."""

    waiting: Waiting
    result: object = None
    error: BaseException | None = None


@dataclass(slots=True)
class Counts:
    """What the store did so far: pieces of work, groups committed, commits that went to disk."""

    works: int = 0
    groups: int = 0
    flushes: int = 0


@dataclass(slots=True)
class Queue:
    """Work that waits, for one lane or several; `None` ends the lane that takes it."""

    _items: "SimpleQueue[Waiting | None]" = field(default_factory=SimpleQueue)
    _closed: bool = False

    def put(self, work: Work, *, durable: bool) -> "asyncio.Future[object]":
        """Queue `work`; the future is answered after its commit.

        Raises:
            StoreUnavailable: The store is closing.
        """
        if self._closed:
            raise StoreUnavailable("the store is closing")
        answer: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self._items.put(Waiting(work, durable, answer))
        return answer

    def close(self, lanes: int) -> None:
        """Take no more work; let `lanes` lanes finish what waits, then end."""
        self._closed = True
        for _ in range(lanes):
            self._items.put(None)

    def take(self) -> tuple[list[Waiting], bool]:
        """Wait for work and return all there is, and whether the lane goes on after it."""
        first = self._items.get()
        if first is None:
            return [], False
        group = [first]
        while len(group) < LARGEST_GROUP:
            try:
                item = self._items.get_nowait()
            except Empty:
                break
            if item is None:
                return group, False
            group.append(item)
        return group, True


def start_lane(
    name: str, queue: Queue, serve: Callable[[list[Waiting]], None], end: Callable[[], None]
) -> threading.Thread:
    """Start a thread that serves group after group until the queue is closed, then calls `end`."""

    def run() -> None:
        going = True
        while going:
            group, going = queue.take()
            if group:
                serve(group)
        end()

    lane = threading.Thread(target=run, name=name, daemon=True)
    lane.start()
    return lane


def refused(group: Iterable[Waiting], reason: str) -> list[Done]:
    """Return the group as not stored."""
    return [Done(waiting, error=StoreUnavailable(reason)) for waiting in group]


def deliver(done: Sequence[Done], afterwards: Callable[[], None] | None = None) -> None:
    """Answer everybody from their event loop, in one call to it; then run `afterwards` there.

    Who stopped waiting (a cancelled request, a loop that ended) is passed over: the work is done.
    """
    by_loop: dict[asyncio.AbstractEventLoop, deque[Done]] = {}
    for each in done:
        if each.waiting.answer is not None:
            by_loop.setdefault(each.waiting.answer.get_loop(), deque()).append(each)
    for loop, answers in by_loop.items():
        in_loop(loop, answer, answers, afterwards)


def in_loop(loop: asyncio.AbstractEventLoop, call: Callable[..., None], *values: object) -> None:
    """Run `call` in the loop's thread; nothing happens when the loop has ended."""
    if loop.is_closed():
        return
    try:
        loop.call_soon_threadsafe(call, *values)
    except RuntimeError:  # closed in between
        return


def answer(done: Iterable[Done], afterwards: Callable[[], None] | None = None) -> None:
    """Answer everybody, from their event loop's own thread; then run `afterwards`."""
    for each in done:
        future = each.waiting.answer
        if future is None or future.done():
            continue
        if each.error is None:
            future.set_result(each.result)
        elif isinstance(each.error, StopIteration):  # a future cannot carry it
            future.set_exception(RuntimeError("the work raised StopIteration"))
        else:
            future.set_exception(each.error)
    if afterwards is not None:
        afterwards()
