"""The store in one SQLite file: one commit answers a batch of work; readers never write.

The statements of a batch run in the event loop's thread, the commit, which waits for the disk, in
a thread of its own; while it waits the next batch gathers. Statements in a second thread would
hand the interpreter's lock over at each of them: that cost three quarters of the throughput
(docs/adr/0003).

SQLite before 3.51.3 may lose commits when one connection checkpoints while another commits. Here
the only writing connection is also the only one that checkpoints, and a lock keeps every other
process of this program off the file.
"""

import asyncio
import os
import shutil
import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final, Generic, TypeVar, cast

from schemas.reasons.reason import Reason
from storage.errors import StorageError, StoreUnavailable
from storage.reasons import StoreReason
from storage.replication import Replication
from storage.room import Room
from storage.schema import Schema, Unit, Views
from storage.sqlite.error_codes import is_busy, is_fatal, quote_sqlite, result_name
from storage.sqlite.file import lock_for_this_process
from storage.sqlite.head_file import Head, HeadTerms
from storage.sqlite.head_writer import HeadWriter
from storage.sqlite.readers import SqliteReaders
from storage.sqlite.session import SqliteSession
from storage.sqlite.stamps import Stamps, open_fitting
from storage.statements import load_statements
from storage.work import (
    LARGEST_BATCH,
    Counts,
    FinishedWork,
    PendingWork,
    answer,
    refused,
    unknown,
)
from storage.work_runner import RerunNeeded, WorkRunner

T = TypeVar("T")
LEAST_SPACE_BYTES: Final = 16 << 20
"""A store whose disk has less left is not ready; it goes on writing while it can."""
BUSY_S: Final = 5.0
"""How long a batch waits for an outsider who holds the file."""
_BUSY_AGAIN_S: Final = 0.02


class SqliteStore(Generic[Unit, Views]):
    """`Store` in one SQLite file, owned by this process alone."""

    def __init__(
        self,
        path: Path,
        schema: Schema[Unit, Views],
        *,
        on_broken: Callable[[str], None] | None = None,
        on_unknown: Callable[[int], None] | None = None,
        head: HeadTerms | None = None,
    ) -> None:
        """Open the file, create it where there is none, and bring its tables forward.

        `on_unknown` is called with how many units of work were committed or not, nobody knows.
        With `head` a file that is not the one written to last is refused, and `write_head` writes.

        Raises:
            StoreReplaced: The file does not fit its head.
            StoreMisconfigured: Another process owns the file, it cannot be opened, or does not fit.
        """
        self._path, self._room = path, Room()
        stamps = None if head is None else Stamps(path, head)
        self._on_broken, self._on_unknown = on_broken, on_unknown
        self._probe_write = schema.probe_write
        statements = load_statements(schema.statements, "sqlite")
        self._lock = lock_for_this_process(path)
        try:
            self.connection = open_fitting(path, schema.migrations, stamps)
        except BaseException:
            os.close(self._lock)
            raise
        session = SqliteSession(self.connection, statements)
        self._runner: WorkRunner[Unit] = WorkRunner(session, schema.unit)
        self._readers: SqliteReaders[Views] = SqliteReaders(path, schema)
        self._committer = ThreadPoolExecutor(1, "store-committer")
        self._synchronous: str | None = None
        self._closed = False
        self._subscribers: list[Callable[[set[str]], None]] = []
        self.counts = Counts()
        self._head_writer = None if stamps is None else HeadWriter(stamps, self.counts, self._stamp)
        self.broken: Reason | None = None
        self.replication = Replication.NONE
        self._pending: deque[PendingWork[Unit]] = deque()
        self._idle = asyncio.Event()
        self._idle.set()

    async def transact(self, work: Callable[[Unit], T], *, durable: bool = True) -> T:
        """Run `work` in the next batch; see `Store.transact`."""
        return cast("T", await self._put(work, durable=durable))

    async def read(self, view: Callable[[Views], T]) -> T:
        """Run a read-only `view` on one snapshot of the database."""
        return await self._readers.read(view)

    async def probe_write(self) -> None:
        """Make a real, durable write; raise `StoreUnavailable` where that fails."""
        self._demand_space()
        if padding := self._room.padding():
            await self._probe(padding)
            self._room.proven()
        await self._probe(b"")

    async def _probe(self, padding: bytes) -> None:
        await self._put(lambda unit: self._probe_write(unit, padding), durable=True)

    def _demand_space(self) -> None:
        """Refuse to be ready on a disk that the next messages would fill."""
        if shutil.disk_usage(self._path.parent).free < LEAST_SPACE_BYTES:
            raise StoreUnavailable(StoreReason.LOW_SPACE.at("sqlite", mib=LEAST_SPACE_BYTES >> 20))

    def subscribe(self, callback: Callable[[set[str]], None]) -> None:
        """Have `callback` called, in the event loop, with the peers of each committed batch."""
        self._subscribers.append(callback)

    async def write_head(self) -> bool:
        """Stamp the file and write that down beside the file; see `Store.write_head`."""
        if self.broken is not None:
            raise StoreUnavailable(self.broken)
        return self._head_writer is not None and await self._head_writer.write()

    def _stamp(self, make: Callable[[sqlite3.Connection], Head]) -> "asyncio.Future[object]":
        return self._enqueue(lambda _: make(self.connection), durable=True)

    async def close(self) -> None:
        """Finish what is waiting, write the head, close the readers, checkpoint, close."""
        if self._closed:
            return
        self._closed = True
        with suppress(StorageError):  # a head that stays behind is lawful
            await self.write_head()
        await self._idle.wait()
        await self._readers.close()
        await asyncio.get_running_loop().run_in_executor(self._committer, self._end)
        await asyncio.to_thread(self._committer.shutdown)

    def _put(self, work: Callable[[Unit], object], *, durable: bool) -> "asyncio.Future[object]":
        if self.broken is not None:
            raise StoreUnavailable(self.broken)
        if self._closed:
            raise StoreUnavailable(StoreReason.CLOSING.at())
        return self._enqueue(work, durable=durable)

    def _enqueue(
        self, work: Callable[[Unit], object], *, durable: bool
    ) -> "asyncio.Future[object]":
        loop = asyncio.get_running_loop()
        future: asyncio.Future[object] = loop.create_future()
        self._pending.append(PendingWork(work, durable, future))
        if self._idle.is_set():
            self._idle.clear()
            loop.call_soon(self._next_batch, loop)  # what else this turn brings comes along
        return future

    def _next_batch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Run what waits, and have it committed; idle when nothing waits."""
        if not self._pending:
            self._idle.set()
            return
        batch = [self._pending.popleft() for _ in range(min(len(self._pending), LARGEST_BATCH))]
        self._begin(loop, batch, loop.time() + BUSY_S)

    def _begin(
        self,
        loop: asyncio.AbstractEventLoop,
        batch: list[PendingWork[Unit]],
        patience_ends: float,
        savepoints: bool = False,  # by position: call_later hands it on so
    ) -> None:
        if self.broken is not None:
            self._answer(loop, refused(batch, self.broken))
            return
        durable = any(pending.durable for pending in batch)
        try:
            self._flush_at_commit(durable=durable)
            self.connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as exc:
            if is_busy(exc) and loop.time() < patience_ends:
                loop.call_later(_BUSY_AGAIN_S, self._begin, loop, batch, patience_ends, savepoints)
                return
            self._answer(loop, refused(batch, self._failed(exc)))
            return
        peers: set[str] = set()
        try:
            finished = self._runner.run(batch, peers, savepoints=savepoints)
        except RerunNeeded:
            self.connection.execute("ROLLBACK")
            self._begin(loop, batch, patience_ends, savepoints=True)
        except sqlite3.Error as exc:
            self._answer(loop, refused(batch, self._failed(exc)))
        else:
            commit = loop.run_in_executor(self._committer, self.connection.execute, "COMMIT")
            commit.add_done_callback(partial(self._committed, loop, finished, peers, durable))

    def _committed(
        self,
        loop: asyncio.AbstractEventLoop,
        finished: Sequence[FinishedWork[Unit]],
        peers: set[str],
        durable: bool,  # by position: bound by partial in this order
        commit: "asyncio.Future[sqlite3.Cursor]",
    ) -> None:
        batch = [each.pending for each in finished]
        error = commit.exception()
        if error is not None:
            if not isinstance(error, sqlite3.Error):  # whatever it is, everybody gets an answer
                error = sqlite3.OperationalError(f"commit: {type(error).__name__}")
            self._answer(loop, self._not_committed(batch, error))
            return
        self.counts.add_batch(batch, durable=durable)
        self._answer(loop, finished)
        if peers:
            for callback in self._subscribers:
                callback(peers)

    def _not_committed(
        self, batch: Sequence[PendingWork[Unit]], error: sqlite3.Error
    ) -> list[FinishedWork[Unit]]:
        """Return the batch as refused; or as unknown, where the disk failed under the commit."""
        reason = self._failed(error)
        if self.broken is None:
            return refused(batch, reason)
        self.counts.unknown += 1
        if self._on_unknown is not None:
            self._on_unknown(len(batch))
        return unknown(batch, reason)

    def _answer(
        self, loop: asyncio.AbstractEventLoop, finished: Sequence[FinishedWork[Unit]]
    ) -> None:
        answer(finished)
        loop.call_soon(self._next_batch, loop)  # with all that has come in meanwhile

    def _flush_at_commit(self, *, durable: bool) -> None:
        wanted = "FULL" if durable else "NORMAL"  # NORMAL in WAL: written, not flushed
        if wanted != self._synchronous:
            self.connection.execute(f"PRAGMA synchronous = {wanted}")
            self._synchronous = wanted

    def _failed(self, error: sqlite3.Error) -> Reason:
        """Roll back and return the reason; after an error that is fatal, never write again.

        A failed flush is never tried a second time: nobody knows what the disk holds.
        """
        with suppress(sqlite3.Error):
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
        if not is_fatal(error):
            self._room.refused()
            return StoreReason.SQLITE_FAILED.at("sqlite", said=quote_sqlite(error))
        self.broken = StoreReason.STOPPED.at("sqlite", said=quote_sqlite(error))
        if self._on_broken is not None:
            self._on_broken(result_name(error))
        return self.broken

    def _end(self) -> None:
        with suppress(sqlite3.Error):
            if self.broken is None:
                self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.connection.close()
        os.close(self._lock)
