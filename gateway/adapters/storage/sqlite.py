"""台账 in one SQLite file: work runs in groups, one commit answers a group; readers never write.

The statements of a group run in the event loop's thread, the commit, which waits for the disk, in
a thread of its own; while it waits the next group gathers. Statements in a second thread would
hand the interpreter's lock over at each of them: that cost three quarters of the throughput
(docs/adr/0003).

SQLite before 3.51.3 may lose commits when one connection checkpoints while another commits. Here
the only writing connection is also the only one that checkpoints, and a lock keeps every other
gateway process off the file.
"""

import asyncio
import os
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final, TypeVar, cast

from gateway.adapters.keys import Sealer
from gateway.adapters.storage.lanes import (
    LARGEST_GROUP,
    Counts,
    Done,
    Waiting,
    Work,
    answer,
    refused,
)
from gateway.adapters.storage.ledger import SqlLedger
from gateway.adapters.storage.sqlite_group import GroupRunner, SpoiledError
from gateway.adapters.storage.sqlite_session import (
    SqliteSession,
    lock_for_this_process,
    open_reader,
    open_writer,
)
from gateway.adapters.storage.views import SqlViews
from gateway.errors import StoreUnavailable
from gateway.ports.ledger import Ledger
from gateway.ports.views import Views
from schemas.reference.clock import Now

T = TypeVar("T")
OnBroken = Callable[[str], None]
OnEnqueued = Callable[[set[str]], None]
READERS: Final = 2
WORKS_A_SWEEP: Final = 256
BUSY_S: Final = 5.0
"""How long a group waits for an outsider who holds the file."""
_BUSY_AGAIN_S: Final = 0.02
_FATAL: Final = frozenset(
    {
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
    }
)
"""Errors after which nobody knows what the disk holds; after the others it is as it was before."""


class SqliteStore:
    """`Store` in one SQLite file, owned by this process alone."""

    def __init__(
        self, path: Path, *, sealer: Sealer, now: Now, on_broken: OnBroken | None = None
    ) -> None:
        """Open the file, create it where there is none, and bring its tables forward.

        Raises:
            Misconfigured: Another process owns the file, it cannot be opened, or does not fit.
        """
        self._sealer, self._now, self._on_broken = sealer, now, on_broken
        self._lock = lock_for_this_process(path)
        try:
            self.connection = open_writer(path)
        except BaseException:
            os.close(self._lock)
            raise
        self._runner = GroupRunner(self.connection, sealer=sealer, now=now)
        self._synchronous: str | None = None
        self._unswept = 0
        self._closed = False
        self._enqueued: list[OnEnqueued] = []
        self._reading = threading.local()
        self._open_readers: list[sqlite3.Connection] = []
        self._readers = ThreadPoolExecutor(
            READERS, "ledger-reader", initializer=self._open_reader, initargs=(path,)
        )
        self._committer = ThreadPoolExecutor(1, "ledger-committer")
        self.counts = Counts()
        self.broken: str | None = None
        self._waiting: deque[Waiting] = deque()
        self._idle = asyncio.Event()
        self._idle.set()

    async def transact(self, work: Callable[[Ledger], T], *, durable: bool = True) -> T:
        """Run `work` in the next group; see `Store.transact`."""
        return cast("T", await self._put(work, durable=durable))

    async def look(self, view: Callable[[Views], T]) -> T:
        """Run a read-only `view` on one picture of the database."""
        if self._closed:
            raise StoreUnavailable("the store is closing")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, self._look, view)

    async def probe(self) -> None:
        """Write and flush for the sake of it; raise `StoreUnavailable` where that fails."""
        await self._put(SqlLedger.beat, durable=True)

    def on_enqueued(self, callback: OnEnqueued) -> None:
        """Have `callback` told, in the event loop, which peers got messages after each commit."""
        self._enqueued.append(callback)

    async def close(self) -> None:
        """Finish what is waiting, let the readers go, checkpoint, close."""
        if self._closed:
            return
        self._closed = True
        await self._idle.wait()
        await asyncio.to_thread(self._readers.shutdown)
        for connection in self._open_readers:
            connection.close()
        self._open_readers.clear()
        await asyncio.get_running_loop().run_in_executor(self._committer, self._end)
        await asyncio.to_thread(self._committer.shutdown)

    def _put(self, work: Work, *, durable: bool) -> "asyncio.Future[object]":
        if self.broken is not None:
            raise StoreUnavailable(self.broken)
        if self._closed:
            raise StoreUnavailable("the store is closing")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[object] = loop.create_future()
        self._waiting.append(Waiting(work, durable, future))
        if self._idle.is_set():
            self._idle.clear()
            loop.call_soon(self._next_group, loop)  # what else this turn brings comes along
        return future

    def _next_group(self, loop: asyncio.AbstractEventLoop) -> None:
        """Run what waits, and have it committed; idle when nothing waits."""
        if not self._waiting:
            self._idle.set()
            return
        group = [self._waiting.popleft() for _ in range(min(len(self._waiting), LARGEST_GROUP))]
        self._add_sweep(group)
        self._begin(loop, group, loop.time() + BUSY_S)

    def _begin(
        self,
        loop: asyncio.AbstractEventLoop,
        group: list[Waiting],
        patience_ends: float,
        careful: bool = False,  # by position: call_later hands it on so
    ) -> None:
        if self.broken is not None:
            self._answered(loop, refused(group, self.broken))
            return
        durable = any(waiting.durable for waiting in group)
        try:
            self._flush_at_commit(durable=durable)
            self.connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as exc:
            if _is_busy(exc) and loop.time() < patience_ends:
                loop.call_later(_BUSY_AGAIN_S, self._begin, loop, group, patience_ends, careful)
                return
            self._answered(loop, refused(group, self._failed(exc)))
            return
        peers: set[str] = set()
        run = self._runner.carefully if careful else self._runner.quickly
        try:
            done = run(group, peers)
        except SpoiledError:
            self.connection.execute("ROLLBACK")
            self._begin(loop, group, patience_ends, careful=True)
        except sqlite3.Error as exc:
            self._answered(loop, refused(group, self._failed(exc)))
        else:
            commit = loop.run_in_executor(self._committer, self.connection.execute, "COMMIT")
            commit.add_done_callback(partial(self._committed, loop, done, peers, durable))

    def _committed(
        self,
        loop: asyncio.AbstractEventLoop,
        done: Sequence[Done],
        peers: set[str],
        durable: bool,  # by position: bound by partial in this order
        commit: "asyncio.Future[sqlite3.Cursor]",
    ) -> None:
        error = commit.exception()
        if error is not None:
            if not isinstance(error, sqlite3.Error):  # whatever it is, everybody gets an answer
                error = sqlite3.OperationalError(f"commit: {type(error).__name__}")
            self._answered(loop, refused([each.waiting for each in done], self._failed(error)))
            return
        self.counts.works += sum(each.waiting.answer is not None for each in done)
        self.counts.groups += 1
        self.counts.flushes += durable
        self._answered(loop, done)
        if peers:
            for callback in self._enqueued:
                callback(peers)

    def _answered(self, loop: asyncio.AbstractEventLoop, done: Sequence[Done]) -> None:
        answer(done)
        self._next_group(loop)

    def _flush_at_commit(self, *, durable: bool) -> None:
        wanted = "FULL" if durable else "NORMAL"  # NORMAL in WAL: written, not flushed
        if wanted != self._synchronous:
            self.connection.execute(f"PRAGMA synchronous = {wanted}")
            self._synchronous = wanted

    def _add_sweep(self, group: list[Waiting]) -> None:
        self._unswept += len(group)
        if self._unswept >= WORKS_A_SWEEP:
            self._unswept = 0
            group.append(Waiting(self._sweep, durable=False, answer=None))

    def _sweep(self, ledger: SqlLedger) -> None:
        ledger.sweep(self._now())

    def _failed(self, error: sqlite3.Error) -> str:
        """Undo the group; a failed flush is never tried again: what the disk holds is unknown."""
        with suppress(sqlite3.Error):
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
        if _code(error) not in _FATAL:
            return f"sqlite: {error}"
        self.broken = f"sqlite: {error}; the store has stopped writing"
        if self._on_broken is not None:
            self._on_broken(self.broken)
        return self.broken

    def _look(self, view: Callable[[Views], T]) -> T:
        connection: sqlite3.Connection = self._reading.connection
        try:
            connection.execute("BEGIN")
            try:
                return view(SqlViews(SqliteSession(connection), self._sealer))
            finally:
                connection.execute("COMMIT")
        except sqlite3.OperationalError as exc:
            raise StoreUnavailable(f"sqlite: {exc}") from exc

    def _open_reader(self, path: Path) -> None:
        """Open this reading thread's own connection."""
        self._reading.connection = connection = open_reader(path)
        self._open_readers.append(connection)

    def _end(self) -> None:
        with suppress(sqlite3.Error):
            if self.broken is None:
                self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.connection.close()
        os.close(self._lock)


def _code(error: sqlite3.Error) -> int:
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return code & 0xFF


def _is_busy(error: sqlite3.Error) -> bool:
    return _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
