"""台账 in PostgreSQL: a few lanes, each a thread and a connection, commit in groups.

Several processes may share the database; each wakes the others for what it enqueued.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final, TypeVar, cast

import psycopg

from gateway.adapters.keys import Sealer
from gateway.adapters.storage import migrations
from gateway.adapters.storage.lanes import (
    Counts,
    Queue,
    Waiting,
    deliver,
    refused,
    start_lane,
)
from gateway.adapters.storage.ledger import SqlLedger
from gateway.adapters.storage.postgres_group import UNAVAILABLE, Group, told
from gateway.adapters.storage.postgres_session import (
    PostgresSession,
    PostgresTarget,
    check,
    connect,
)
from gateway.adapters.storage.postgres_wake import Wake, notify
from gateway.adapters.storage.session import Row
from gateway.adapters.storage.views import SqlViews
from gateway.errors import StoreUnavailable
from gateway.ports.ledger import Ledger
from gateway.ports.views import Views
from schemas.reference.clock import Now

T = TypeVar("T")
READERS: Final = 2
WORKS_A_SWEEP: Final = 256


class PostgresStore:
    """`Store` in a PostgreSQL database that several processes may share."""

    def __init__(self, url: str, *, sealer: Sealer, now: Now, lanes: int = 2) -> None:
        """Check the server, bring the tables forward, and start the lanes.

        Raises:
            Misconfigured: The server is unsafe, or its tables do not fit this program.
            StoreUnavailable: The server cannot be reached.
        """
        self._url, self._sealer, self._now = url, sealer, now
        self._prepare_database()
        self.counts = Counts()
        self.broken: str | None = None
        self._counting = threading.Lock()
        self._closed = False
        self._queue = Queue()
        self._wake: Wake | None = None
        self._readers = ThreadPoolExecutor(READERS, "ledger-reader")
        self._reading = threading.local()
        self._open_readers: set[psycopg.Connection[Row]] = set()
        self._lanes = [_Lane(self, index).start(self._queue) for index in range(lanes)]

    async def transact(self, work: Callable[[Ledger], T], *, durable: bool = True) -> T:
        """Run `work` in the next group of a lane; see `Store.transact`.

        Raises:
            StoreUnavailable: Nothing was stored; or, when the connection was lost while it
                committed, it is unknown whether it was.
        """
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

    def on_enqueued(self, callback: Callable[[set[str]], None]) -> None:
        """Have `callback` told, in the event loop, which peers got messages after each commit.

        Commits of other processes on this database count as well.
        """
        if self._wake is None:
            self._wake = Wake(self._url, asyncio.get_running_loop())
        self._wake.add(callback)

    def wait_until_listening(self, timeout_s: float) -> bool:
        """Wait until enqueues of other processes are heard; say whether they are."""
        return self._wake is not None and self._wake.listening.wait(timeout_s)

    async def close(self) -> None:
        """Finish what is waiting, then let go of every connection."""
        if self._closed:
            return
        self._closed = True
        self._queue.close(len(self._lanes))
        for lane in self._lanes:
            await asyncio.to_thread(lane.join)
        if self._wake is not None:
            await asyncio.to_thread(self._wake.close)
        await asyncio.to_thread(self._readers.shutdown)
        for connection in self._open_readers:
            connection.close()

    def run(self, connection: psycopg.Connection[Row], group: list[Waiting]) -> None:
        """Run and answer a group on a lane's connection (in the lane's thread)."""
        counts = Counts()
        runner = Group(connection, sealer=self._sealer, now=self._now, counts=counts)
        done = runner.run(group)
        self._count(counts)
        wake, peers = self._wake, runner.peers
        if not peers:
            deliver(done)
            return
        deliver(done, None if wake is None else lambda: wake.tell(peers))
        if not connection.closed:
            with suppress(psycopg.Error):  # others also look by themselves
                notify(connection, peers, "" if wake is None else wake.name)

    def connected(self) -> psycopg.Connection[Row]:
        """Return a new connection; raise `psycopg.OperationalError`."""
        return connect(self._url)

    def sweep(self, ledger: SqlLedger) -> None:
        """Forget some useless nonces."""
        ledger.sweep(self._now())

    def _count(self, more: Counts) -> None:
        with self._counting:
            self.counts.works += more.works
            self.counts.groups += more.groups
            self.counts.flushes += more.flushes

    def _prepare_database(self) -> None:
        try:
            with connect(self._url) as connection:
                check(connection)
                migrations.forward(PostgresTarget(connection))
        except psycopg.Error as exc:
            raise StoreUnavailable(f"postgresql: {told(exc)}") from exc

    def _look(self, view: Callable[[Views], T]) -> T:
        try:
            connection = self._reader()
            with connection.transaction():
                connection.execute(
                    b"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY", prepare=False
                )
                return view(SqlViews(PostgresSession(connection), self._sealer))
        except UNAVAILABLE as exc:
            raise StoreUnavailable(f"postgresql: {told(exc)}") from exc

    def _reader(self) -> psycopg.Connection[Row]:
        """Return this reading thread's own connection, a new one after a loss."""
        current: psycopg.Connection[Row] | None = getattr(self._reading, "connection", None)
        if current is None or current.closed:
            if current is not None:
                self._open_readers.discard(current)
            current = self._reading.connection = self.connected()
            self._open_readers.add(current)
        return current


class _Lane:
    """A thread's side of the store: its connection, made again after a loss."""

    def __init__(self, store: PostgresStore, index: int) -> None:
        self._store, self._index = store, index
        self._connection: psycopg.Connection[Row] | None = None
        self._unswept = 0

    def start(self, queue: Queue) -> threading.Thread:
        return start_lane(f"ledger-lane-{self._index}", queue, self._serve, self._end)

    def _serve(self, group: list[Waiting]) -> None:
        self._unswept += len(group)
        if self._unswept >= WORKS_A_SWEEP:
            self._unswept = 0
            group.append(Waiting(self._store.sweep, durable=False, answer=None))
        if self._connection is None or self._connection.closed:
            try:
                self._connection = self._store.connected()
            except psycopg.Error as exc:
                deliver(refused(group, f"postgresql: {told(exc)}"))
                return
        self._store.run(self._connection, group)

    def _end(self) -> None:
        if self._connection is not None:
            self._connection.close()
