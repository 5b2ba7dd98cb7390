"""台账 in one SQLite file: one thread writes, in groups; readers never write and never checkpoint.

SQLite before 3.51.3 may lose commits when one connection checkpoints while another commits. Here
the only writing connection is also the only one that checkpoints, and a lock keeps every other
gateway process off the file.
"""

import asyncio
import os
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar, cast

from gateway.adapters.keys import Sealer
from gateway.adapters.storage.lanes import (
    Counts,
    Done,
    Queue,
    Waiting,
    deliver,
    in_loop,
    refused,
    start_lane,
)
from gateway.adapters.storage.ledger import SqlLedger
from gateway.adapters.storage.sqlite_session import (
    SqliteSession,
    lock_for_this_process,
    open_reader,
    open_writer,
)
from gateway.adapters.storage.views import SqlViews
from gateway.errors import StoreUnavailable
from gateway.ports import Now
from gateway.ports.ledger import Ledger
from gateway.ports.views import Views

T = TypeVar("T")
OnBroken = Callable[[str], None]
OnEnqueued = Callable[[set[str]], None]
READERS: Final = 2
WORKS_A_SWEEP: Final = 256
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
_OF_THE_WORK: Final = (
    sqlite3.IntegrityError,
    sqlite3.ProgrammingError,
    sqlite3.InterfaceError,
    sqlite3.DataError,
)


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
        self._session = SqliteSession(self.connection)
        self._synchronous: str | None = None
        self._unswept = 0
        self._closed = False
        self._enqueued: list[OnEnqueued] = []
        self._reading = threading.local()
        self._open_readers: list[sqlite3.Connection] = []
        self._readers = ThreadPoolExecutor(
            READERS, "ledger-reader", initializer=self._open_reader, initargs=(path,)
        )
        self.counts = Counts()
        self.broken: str | None = None
        self._queue = Queue()
        self._lane = start_lane("ledger-writer", self._queue, self._serve, self._end)

    async def transact(self, work: Callable[[Ledger], T], *, durable: bool = True) -> T:
        """Run `work` in a savepoint of the next group; see `Store.transact`."""
        if self.broken is not None:
            raise StoreUnavailable(self.broken)
        return cast("T", await self._queue.put(work, durable=durable))

    async def look(self, view: Callable[[Views], T]) -> T:
        """Run a read-only `view` on one picture of the database."""
        if self._closed:
            raise StoreUnavailable("the store is closing")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, self._look, view)

    async def probe(self) -> None:
        """Write and flush for the sake of it; raise `StoreUnavailable` where that fails."""
        await self._queue.put(SqlLedger.beat, durable=True)

    def on_enqueued(self, callback: OnEnqueued) -> None:
        """Have `callback` told, in the event loop, which peers got messages after each commit."""
        self._enqueued.append(callback)

    async def close(self) -> None:
        """Finish what is waiting, let the readers go, checkpoint, close."""
        if self._closed:
            return
        self._closed = True
        await asyncio.to_thread(self._readers.shutdown)
        for connection in self._open_readers:
            connection.close()
        self._open_readers.clear()
        self._queue.close(1)
        await asyncio.to_thread(self._lane.join)

    def _serve(self, group: list[Waiting]) -> None:
        """Run a group in one transaction and answer it (in the writer's thread)."""
        if self.broken is not None:
            deliver(refused(group, self.broken))
            return
        self._add_sweep(group)
        peers: set[str] = set()
        try:
            done = self._run(group, peers)
        except sqlite3.Error as exc:
            deliver(refused(group, self._failed(exc, group)))
            return
        deliver(done, (lambda: self._tell(peers)) if peers else None)

    def _run(self, group: list[Waiting], peers: set[str]) -> list[Done]:
        durable = any(waiting.durable for waiting in group)
        self._flush_at_commit(durable=durable)
        self.connection.execute("BEGIN IMMEDIATE")
        done = [self._run_one(waiting, peers) for waiting in group]
        self.connection.execute("COMMIT")
        self.counts.works += sum(waiting.answer is not None for waiting in group)
        self.counts.groups += 1
        self.counts.flushes += durable
        return done

    def _run_one(self, waiting: Waiting, peers: set[str]) -> Done:
        """Run one work so that nothing of it stays when it fails."""
        ledger = SqlLedger(self._session, self._sealer, self._now)
        self.connection.execute("SAVEPOINT work")
        try:
            result = waiting.work(ledger)
        except BaseException as exc:
            if _is_the_stores(exc) or not self.connection.in_transaction:
                raise
            self.connection.execute("ROLLBACK TO work")
            self.connection.execute("RELEASE work")
            return Done(waiting, error=exc)
        self.connection.execute("RELEASE work")
        peers |= ledger.peers
        return Done(waiting, result)

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

    def _failed(self, error: sqlite3.Error, group: Sequence[Waiting]) -> str:
        """Undo the group; a failed flush is never tried again: what the disk holds is unknown."""
        with suppress(sqlite3.Error):
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code not in _FATAL:
            return f"sqlite: {error}"
        self.broken = f"sqlite: {error}; the store has stopped writing"
        if self._on_broken is not None:
            loops = {each.answer.get_loop() for each in group if each.answer is not None}
            for loop in loops:
                in_loop(loop, self._on_broken, self.broken)
        return self.broken

    def _tell(self, peers: set[str]) -> None:
        for callback in self._enqueued:
            callback(peers)

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


def _is_the_stores(error: BaseException) -> bool:
    """Say whether an error is about the file, and so concerns the whole group."""
    return isinstance(error, sqlite3.Error) and not isinstance(error, _OF_THE_WORK)
