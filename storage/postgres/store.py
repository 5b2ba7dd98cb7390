"""The store in PostgreSQL: a few writer threads, each with a connection, commit in batches.

Several processes may share the database; each notifies the others of what it committed.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Generic, TypeVar, cast

import psycopg

from schemas.reasons.reason import Reason
from storage.errors import CommitUnknown, StoreMisconfigured, StoreUnavailable
from storage.lease_clock import LeaseClock
from storage.migrations import load_migrations, migrate
from storage.postgres.batch import BatchRunner
from storage.postgres.connection import (
    Connect,
    PostgresTarget,
    check,
    connect,
    failure,
    server_time,
)
from storage.postgres.notify import PgNotifier, notify
from storage.postgres.readers import PostgresReaders
from storage.postgres.row_cache import CachePlan
from storage.postgres.server_history import ServerHistory
from storage.postgres.session import PostgresSession
from storage.postgres.standbys import ASK_AGAIN_S, StandbyMissing, StandbyWatch
from storage.postgres.watched_connection import SILENCE_S
from storage.postgres.writer_threads import WorkQueue, WriterThread
from storage.reasons import StoreReason
from storage.replication import Replication
from storage.room import Room
from storage.schema import Schema, Unit, Views
from storage.session import Row
from storage.statements import load_statements
from storage.work import Counts, PendingWork, answer_from_thread, refused

T = TypeVar("T")


class PostgresStore(Generic[Unit, Views]):
    """`Store` in a PostgreSQL database that several processes may share."""

    def __init__(  # noqa: PLR0913 -- all but where and what have a default
        self,
        url: str,
        schema: Schema[Unit, Views],
        *,
        writers: int = 2,
        silence_s: float = SILENCE_S,
        on_unknown: Callable[[int], None] | None = None,
        clock: LeaseClock | None = None,
        demands_synchronous: bool = False,
        ask_standbys_every_s: float = ASK_AGAIN_S,
    ) -> None:
        """Check the server, bring the tables forward, and start the writer threads.

        `on_unknown` is called, in any thread, with how many units of work were committed or not,
        nobody knows. After `silence_s` without a word the server is asked whether it is still
        at a statement. `clock` is set by the server's when a writer connects and once a minute.
        With `demands_synchronous` no connection is used whose commits wait for no standby; what the
        server says of that is believed for `ask_standbys_every_s`.

        Raises:
            StoreMisconfigured: The server is unsafe, or its tables do not fit this program.
            StoreUnavailable: The server cannot be reached.
        """
        self._schema, self._history = schema, ServerHistory()
        self._standbys = StandbyWatch(
            demands_synchronous=demands_synchronous, every_s=ask_standbys_every_s
        )
        self._connect: Connect = partial(self._open, url, silence_s)
        self._statements = load_statements(schema.statements, "postgres")
        self._cache_plan = CachePlan(self._statements, schema.cached)
        self.counts = Counts()
        self.broken: Reason | None = None
        self._room, self._on_unknown, self._clock = Room(), on_unknown, clock
        self._prepare_database()
        self._counting = threading.Lock()
        self._closed = False
        self._notifier: PgNotifier | None = None
        self._readers: PostgresReaders[Views] = PostgresReaders(
            self._connect, self._statements, schema
        )
        self._queue: WorkQueue[Unit] = WorkQueue()
        self._writers = [
            WriterThread(f"store-writer-{index}", self._connect, self._queue, self._run)
            for index in range(writers)
        ]

    @property
    def replication(self) -> Replication:
        """How standbys take part in a commit, as last heard."""
        return self._standbys.replication

    async def transact(self, work: Callable[[Unit], T], *, durable: bool = True) -> T:
        """Run `work` in the next batch of a writer thread; see `Store.transact`.

        Raises:
            StoreUnavailable: Nothing was stored.
            CommitUnknown: The connection was lost while it committed.
        """
        return cast("T", await self._queue.put(work, durable=durable))

    async def read(self, view: Callable[[Views], T]) -> T:
        """Run a read-only `view` on one snapshot of the database."""
        return await self._readers.read(view)

    async def probe_write(self) -> None:
        """Make a real, durable write; raise `StoreUnavailable` where that fails."""
        if padding := self._room.padding():
            await self._probe(padding)
            self._room.proven()
        await self._probe(b"")

    async def _probe(self, padding: bytes) -> None:
        await self._queue.put(lambda unit: self._schema.probe_write(unit, padding), durable=True)

    async def write_head(self) -> bool:
        """Do nothing: the server keeps its own history, see `ServerHistory`."""
        return False

    def subscribe(self, callback: Callable[[set[str]], None]) -> None:
        """Have `callback` called, in the event loop, with the peers of each committed batch.

        Commits of other processes on this database count as well.
        """
        if self._notifier is None:
            self._notifier = PgNotifier(self._connect, asyncio.get_running_loop())
        self._notifier.add(callback)

    async def close(self) -> None:
        """Finish what is waiting, then let go of every connection."""
        if self._closed:
            return
        self._closed = True
        self._queue.close(len(self._writers))
        for writer in self._writers:
            await asyncio.to_thread(writer.join)
        if self._notifier is not None:
            await asyncio.to_thread(self._notifier.close)
        await self._readers.close()

    def _open(self, url: str, silence_s: float) -> psycopg.Connection[Row]:
        """Return a connection to the server that was written to before.

        Raises:
            psycopg.OperationalError: It cannot be reached, has another history, or lacks a standby.
        """
        connection = connect(url, silence_s)
        try:
            self._history.demand(connection)
            self._standbys.demand(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _run(self, connection: psycopg.Connection[Row], batch: list[PendingWork[Unit]]) -> None:
        """Run and answer a batch on a writer's connection (in the writer's thread)."""
        try:
            self._standbys.demand_again(connection)
        except StandbyMissing as exc:
            answer_from_thread(refused(batch, exc.reason))
            return
        if self._clock is not None and self._clock.is_due_to_be_set:
            with suppress(psycopg.Error):  # the batch finds out by itself
                self._clock.set_by(partial(server_time, connection))
        if connection.closed:  # lost at one of these questions: no session can be had of it
            answer_from_thread(refused(batch, StoreReason.CONNECTION_LOST.at("postgresql")))
            return
        runner: BatchRunner[Unit] = BatchRunner(
            PostgresSession(connection, self._statements),
            self._cache_plan,
            self._schema.unit,
            self._room,
        )
        finished = runner.run(batch)
        if runner.counts.unknown and self._on_unknown is not None:
            self._on_unknown(sum(isinstance(one.error, CommitUnknown) for one in finished))
        with self._counting:
            self.counts.add(runner.counts)
        notifier, peers = self._notifier, runner.peers
        if not peers:
            answer_from_thread(finished)
            return
        answer_from_thread(finished, None if notifier is None else lambda: notifier.call(peers))
        if not connection.closed:
            with suppress(psycopg.Error):  # others also look by themselves
                notify(connection, peers, "" if notifier is None else notifier.name)

    def _prepare_database(self) -> None:
        try:
            with self._connect() as connection:
                check(connection)
                if self._clock is not None:
                    self._clock.set_by(partial(server_time, connection))
                target = PostgresTarget(connection)
                migrate(target, load_migrations(self._schema.migrations, target.dialect))
        except StandbyMissing as exc:
            raise StoreMisconfigured(exc.reason) from exc
        except psycopg.Error as exc:
            raise StoreUnavailable(failure(exc)) from exc
