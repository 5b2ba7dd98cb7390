"""Writer threads: each takes all the work that waits and answers it after one commit."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Generic

import psycopg

from storage.errors import StoreUnavailable
from storage.postgres.connection import Connect, failure
from storage.reasons import StoreReason
from storage.schema import Unit
from storage.session import Row
from storage.work import LARGEST_BATCH, PendingWork, answer_from_thread, refused


@dataclass(slots=True)
class WorkQueue(Generic[Unit]):
    """Work that waits for one of several threads; `None` ends the thread that takes it."""

    _items: "SimpleQueue[PendingWork[Unit] | None]" = field(default_factory=SimpleQueue)
    _closed: bool = False

    def put(self, work: Callable[[Unit], object], *, durable: bool) -> "asyncio.Future[object]":
        """Queue `work`; the future is answered after its commit.

        Raises:
            StoreUnavailable: The store is closing.
        """
        if self._closed:
            raise StoreUnavailable(StoreReason.CLOSING.at())
        answer: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self._items.put(PendingWork(work, durable, answer))
        return answer

    def close(self, threads: int) -> None:
        """Take no more work; let so many threads finish what waits, then end."""
        self._closed = True
        for _ in range(threads):
            self._items.put(None)

    def take(self) -> tuple[list[PendingWork[Unit]], bool]:
        """Wait for work and return all there is, and whether the thread goes on after it."""
        first = self._items.get()
        if first is None:
            return [], False
        batch = [first]
        while len(batch) < LARGEST_BATCH:
            try:
                item = self._items.get_nowait()
            except Empty:
                break
            if item is None:
                return batch, False
            batch.append(item)
        return batch, True


class WriterThread(Generic[Unit]):
    """A thread with a connection of its own, which is made again after a loss."""

    def __init__(
        self,
        name: str,
        connect: Connect,
        queue: WorkQueue[Unit],
        run: Callable[[psycopg.Connection[Row], list[PendingWork[Unit]]], None],
    ) -> None:
        """Start the thread; `run` runs and answers a batch on the thread's connection."""
        self._connect, self._queue, self._run = connect, queue, run
        self._connection: psycopg.Connection[Row] | None = None
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def join(self) -> None:
        """Wait until the thread has ended, which it does once its queue is closed."""
        self._thread.join()

    def _work(self) -> None:
        going_on = True
        while going_on:
            batch, going_on = self._queue.take()
            if batch:
                self._serve(batch)
        if self._connection is not None:
            self._connection.close()

    def _serve(self, batch: list[PendingWork[Unit]]) -> None:
        if self._connection is None or self._connection.closed:
            try:
                self._connection = self._connect()
            except psycopg.Error as exc:
                answer_from_thread(refused(batch, failure(exc)))
                return
        self._run(self._connection, batch)
