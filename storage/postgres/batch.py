"""Running a batch of work on one PostgreSQL connection, in as few transactions as it needs.

A batch is first run on a cache of the rows that it needs, without savepoints. Only when a unit of
work that must run on the database itself fails after it wrote something is the batch run again with
one savepoint a unit, and after a deadlock or a stale write each unit alone. So work may run more
than once: it must do nothing but through its unit.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, Generic

import psycopg
from psycopg import errors

from schemas.reasons.reason import Reason
from storage.errors import CommitUnknown
from storage.postgres.connection import UNAVAILABLE, failure
from storage.postgres.row_cache import CacheMiss, CachePlan, RowCache, Uncacheable
from storage.postgres.session import PostgresSession
from storage.reasons import StoreReason
from storage.room import Room
from storage.schema import Unit
from storage.session import Session, StaleWrite
from storage.work import Counts, FinishedWork, PendingWork, refused, unknown
from storage.work_runner import RerunNeeded, WorkRunner

TRIES_ALONE: Final = 4
_WORTH_REPEATING: Final = (
    StaleWrite,
    errors.DeadlockDetected,
    errors.SerializationFailure,
    errors.UniqueViolation,
    errors.LockNotAvailable,
)


class BatchRunner(Generic[Unit]):
    """Runs batches of work on one connection and counts what it committed."""

    def __init__(
        self,
        session: PostgresSession,
        cache_plan: CachePlan,
        unit: Callable[[Session], Unit],
        room: Room,
    ) -> None:
        self._room = room
        self._session, self._cache_plan, self._unit = session, cache_plan, unit
        self._runner: WorkRunner[Unit] = WorkRunner(session, unit)
        self._connection = session.connection
        self.counts = Counts()
        self.peers: set[str] = set()
        """The peers of what was committed."""

    def run(self, batch: Sequence[PendingWork[Unit]]) -> list[FinishedWork[Unit]]:
        """Return what became of each piece, committed or not; never raises."""
        if len(batch) == 1:
            return [self._alone(batch[0])]
        try:
            return self._all_or_with_savepoints(batch)
        except CommitUnknown as exc:
            return unknown(batch, *exc.reasons)
        except _WORTH_REPEATING:
            return [self._alone(pending) for pending in batch]
        except UNAVAILABLE as exc:
            return refused(batch, self._unavailable(exc))
        except psycopg.Error:  # of one piece; alone it shows whose
            return [self._alone(pending) for pending in batch]

    def _all_or_with_savepoints(
        self, batch: Sequence[PendingWork[Unit]]
    ) -> list[FinishedWork[Unit]]:
        try:
            return self._in_transaction(batch, self._run_on_cache)
        except RerunNeeded:
            return self._in_transaction(batch, partial(self._runner.run, savepoints=True))

    def _alone(self, pending: PendingWork[Unit]) -> FinishedWork[Unit]:
        error, run = "", partial(self._runner.run, savepoints=False)
        for _ in range(TRIES_ALONE):
            try:
                return self._in_transaction([pending], run)[0]
            except RerunNeeded as exc:
                return FinishedWork(pending, error=exc.cause)
            except _WORTH_REPEATING as exc:
                error = type(exc).__name__
            except CommitUnknown as exc:
                return unknown([pending], *exc.reasons)[0]
            except UNAVAILABLE as exc:
                return refused([pending], self._unavailable(exc))[0]
            except psycopg.Error as exc:
                return FinishedWork(pending, error=exc)
        reason = StoreReason.TRIED.at("postgresql", error=error, times=TRIES_ALONE)
        return refused([pending], reason)[0]

    def _in_transaction(
        self,
        batch: Sequence[PendingWork[Unit]],
        run: Callable[[Sequence[PendingWork[Unit]], set[str]], list[FinishedWork[Unit]]],
    ) -> list[FinishedWork[Unit]]:
        """Run a batch in one transaction; when this raises, nothing of it is stored."""
        durable = any(pending.durable for pending in batch)
        peers: set[str] = set()
        try:
            self._execute(b"BEGIN" if durable else b"BEGIN; SET LOCAL synchronous_commit = off")
            finished = run(batch, peers)
            self._session.finish()
        except BaseException:
            self._roll_back()
            raise
        self.peers |= peers
        self._commit()
        self.counts.add_batch(batch, durable=durable)
        return finished

    def _commit(self) -> None:
        """Commit.

        Raises:
            CommitUnknown: The connection was lost before the server's answer came.
            psycopg.Error: The server refused; nothing is stored.
        """
        try:
            self._execute(b"COMMIT")
        except psycopg.Error as exc:
            if self._connection.closed:
                self._session.forget()
                self.counts.unknown += 1
                raise CommitUnknown(failure(exc)) from exc
            self._roll_back()
            raise

    def _unavailable(self, error: psycopg.Error) -> Reason:
        """Note what kept the server from writing, and return it.

        A server that only reads was the primary once: the next connection looks for the new one.
        """
        if isinstance(error, errors.DiskFull):
            self._room.refused()
        elif isinstance(error, errors.ReadOnlySqlTransaction):
            self._connection.close()
        return failure(error)

    def _run_on_cache(
        self, batch: Sequence[PendingWork[Unit]], peers: set[str]
    ) -> list[FinishedWork[Unit]]:
        """Run work on a cache of the rows it needs; what cannot be cached, on the database."""
        cache = RowCache(self._session, self._cache_plan)
        finished: dict[PendingWork[Unit], FinishedWork[Unit]] = {}
        uncacheable: list[PendingWork[Unit]] = []
        waiting = batch
        while waiting:
            again: list[PendingWork[Unit]] = []
            for pending in waiting:
                try:
                    done = self._try_on_cache(cache, pending, peers)
                except Uncacheable:
                    uncacheable.append(pending)
                    continue
                if done is None:
                    again.append(pending)
                else:
                    finished[pending] = done
            cache.fetch()
            waiting = again
        cache.write()
        for pending in uncacheable:
            finished[pending] = self._runner.run_one(pending, peers)
        return [finished[pending] for pending in batch]

    def _try_on_cache(
        self, cache: RowCache, pending: PendingWork[Unit], peers: set[str]
    ) -> FinishedWork[Unit] | None:
        """Run one piece on the cache; return None when it must be run again on more rows.

        Raises:
            Uncacheable: It needs a statement that the cache cannot answer.
        """
        cache.begin()
        result, error = None, None
        try:
            unit = self._unit(cache)
            result = pending.run(unit)
        except CacheMiss:
            return None
        except Uncacheable:
            raise
        except BaseException as exc:  # noqa: BLE001 - raised again where the work is awaited
            error = exc
        if cache.assumed:
            return None
        if error is None:
            cache.keep()
            peers |= unit.peers
        return FinishedWork(pending, result, error)

    def _execute(self, statement: bytes) -> None:
        self._connection.execute(statement, prepare=False)

    def _roll_back(self) -> None:
        """Roll back; a connection that cannot even do that is closed, and made again later."""
        self._session.forget()
        if self._connection.closed:
            return
        try:
            self._execute(b"ROLLBACK")
        except psycopg.Error:
            self._connection.close()
