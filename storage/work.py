"""Pieces of work that wait for a store, and how their callers are answered after the commit.

An answer is handed to the event loop once a batch, not once a unit of work.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Generic

from schemas.reasons.reason import Reason
from storage.errors import CommitUnknown, StoreUnavailable
from storage.schema import Unit

LARGEST_BATCH: Final = 256


@dataclass(frozen=True, slots=True, eq=False)
class PendingWork(Generic[Unit]):
    """A unit of work and the future of its caller."""

    run: Callable[[Unit], object]
    durable: bool
    answer: "asyncio.Future[object]"


@dataclass(slots=True)
class FinishedWork(Generic[Unit]):
    """The result of a unit of work, or the error it ended with."""

    pending: PendingWork[Unit]
    result: object = None
    error: BaseException | None = None


@dataclass(slots=True)
class Counts:
    """What a store did so far: units of work, batches committed, commits flushed to disk.

    `unknown` are batches of which nobody knows whether they were committed.
    """

    units_of_work: int = 0
    batches: int = 0
    flushes: int = 0
    unknown: int = 0

    def add_batch(self, batch: Sequence[PendingWork[Unit]], *, durable: bool) -> None:
        """Count a committed batch."""
        self.units_of_work += len(batch)
        self.batches += 1
        self.flushes += durable

    def add(self, more: "Counts") -> None:
        """Add what another counter has seen."""
        self.units_of_work += more.units_of_work
        self.batches += more.batches
        self.flushes += more.flushes
        self.unknown += more.unknown


def refused(batch: Iterable[PendingWork[Unit]], *reasons: Reason) -> list[FinishedWork[Unit]]:
    """Return the batch as not stored."""
    return [FinishedWork(pending, error=StoreUnavailable(*reasons)) for pending in batch]


def unknown(batch: Iterable[PendingWork[Unit]], *reasons: Reason) -> list[FinishedWork[Unit]]:
    """Return the batch as stored or not, nobody knows."""
    return [FinishedWork(pending, error=CommitUnknown(*reasons)) for pending in batch]


def answer(
    finished: Iterable[FinishedWork[Unit]], afterwards: Callable[[], None] | None = None
) -> None:
    """Answer every caller, in the thread of their event loop; then run `afterwards`.

    A caller who no longer waits (a cancelled request) is passed over: the work is done.
    """
    for each in finished:
        future = each.pending.answer
        if future.done():
            continue
        if each.error is None:
            future.set_result(each.result)
        elif isinstance(each.error, StopIteration):  # a future cannot carry it
            future.set_exception(RuntimeError("the work raised StopIteration"))
        else:
            future.set_exception(each.error)
    if afterwards is not None:
        afterwards()


def answer_from_thread(
    finished: Sequence[FinishedWork[Unit]], afterwards: Callable[[], None] | None = None
) -> None:
    """Answer every caller from another thread, with one call into each event loop."""
    by_loop: dict[asyncio.AbstractEventLoop, deque[FinishedWork[Unit]]] = {}
    for each in finished:
        by_loop.setdefault(each.pending.answer.get_loop(), deque()).append(each)
    for loop, answers in by_loop.items():
        call_in_loop(loop, answer, answers, afterwards)


def call_in_loop(
    loop: asyncio.AbstractEventLoop, call: Callable[..., None], *values: object
) -> None:
    """Run `call` in the loop's thread; nothing happens when the loop has ended."""
    if loop.is_closed():
        return
    try:
        loop.call_soon_threadsafe(call, *values)
    except RuntimeError:  # closed in between
        return
