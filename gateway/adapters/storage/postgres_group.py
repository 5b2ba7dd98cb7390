"""Running a group of works on one PostgreSQL connection, in as few transactions as it needs.

A group is first run on a picture of the rows that it needs, without savepoints. Only when a work
that must run on the database itself fails after it wrote something is the group run again with one
savepoint a work, and after a deadlock or a race each work alone. So a work may run more than once:
it must do nothing but through its ledger.
"""

from collections.abc import Callable, Sequence
from typing import Final

import psycopg
from psycopg import errors

from gateway.adapters.keys import Sealer
from gateway.adapters.storage.lanes import Counts, Done, Waiting, refused
from gateway.adapters.storage.ledger import SqlLedger
from gateway.adapters.storage.postgres_picture import Picture, Unforeseen, UnknownYet
from gateway.adapters.storage.postgres_session import PostgresSession
from gateway.adapters.storage.session import Raced, Row
from schemas.reference.clock import Now

TRIES_ALONE: Final = 4
_BY_THE_DATABASE: Final = (psycopg.Error, Raced)
_WORTH_REPEATING: Final = (
    Raced,
    errors.DeadlockDetected,
    errors.SerializationFailure,
    errors.UniqueViolation,
    errors.LockNotAvailable,
)
UNAVAILABLE: Final = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    errors.ReadOnlySqlTransaction,
    errors.InFailedSqlTransaction,
)


class SpoiledError(Exception):
    """A work failed after it had written, outside a savepoint: its transaction is undone."""

    def __init__(self, cause: BaseException) -> None:
        super().__init__()
        self.cause = cause


class Group:
    """Runs works on one connection and counts what it committed."""

    def __init__(
        self, connection: psycopg.Connection[Row], *, sealer: Sealer, now: Now, counts: Counts
    ) -> None:
        self._connection, self._sealer, self._now = connection, sealer, now
        self._counts = counts
        self._session = PostgresSession(connection)
        self.peers: set[str] = set()
        """Who is owed messages by what was committed."""

    def run(self, group: Sequence[Waiting]) -> list[Done]:
        """Return what became of each work, committed or not; never raises."""
        if len(group) == 1:
            return [self._alone(group[0])]
        try:
            return self._all_or_one_by_one(group)
        except _WORTH_REPEATING:
            return [self._alone(waiting) for waiting in group]
        except UNAVAILABLE as exc:
            return refused(group, f"postgresql: {told(exc)}")
        except psycopg.Error:  # of one work; alone it shows whose
            return [self._alone(waiting) for waiting in group]

    def _all_or_one_by_one(self, group: Sequence[Waiting]) -> list[Done]:
        try:
            return self._together(group, self._all_at_once)
        except SpoiledError:
            return self._together(group, self._one_by_one)

    def _alone(self, waiting: Waiting) -> Done:
        reason = ""
        for _ in range(TRIES_ALONE):
            try:
                return self._together([waiting], self._all_quickly)[0]
            except SpoiledError as exc:
                return Done(waiting, error=exc.cause)
            except _WORTH_REPEATING as exc:
                reason = type(exc).__name__
            except UNAVAILABLE as exc:
                return refused([waiting], f"postgresql: {told(exc)}")[0]
            except psycopg.Error as exc:
                return Done(waiting, error=exc)
        return refused([waiting], f"postgresql: {reason}, {TRIES_ALONE} times in a row")[0]

    def _together(
        self,
        group: Sequence[Waiting],
        run: Callable[[Sequence[Waiting], set[str]], list[Done]],
    ) -> list[Done]:
        """Run works in one transaction; when this raises, nothing of it is stored."""
        durable = any(waiting.durable for waiting in group)
        peers: set[str] = set()
        try:
            self._tell(b"BEGIN" if durable else b"BEGIN; SET LOCAL synchronous_commit = off")
            done = run(group, peers)
            self._session.finish()
            self._tell(b"COMMIT")
        except BaseException:
            self._undo()
            raise
        self.peers |= peers
        self._counts.works += sum(waiting.answer is not None for waiting in group)
        self._counts.groups += 1
        self._counts.flushes += durable
        return done

    def _all_at_once(self, group: Sequence[Waiting], peers: set[str]) -> list[Done]:
        """Run works on a picture of what they need; on the database what it cannot foresee."""
        picture = Picture(self._session)
        done: dict[Waiting, Done] = {}
        unforeseen: list[Waiting] = []
        waiting: Sequence[Waiting] = group
        while waiting:
            waiting = [
                each
                for each in waiting
                if not self._on_picture(picture, each, done, unforeseen, peers)
            ]
            picture.fetch()
        picture.write()
        for each in unforeseen:
            done[each] = self._quickly(each, peers)
        return [done[each] for each in group]

    def _on_picture(
        self,
        picture: Picture,
        waiting: Waiting,
        done: dict[Waiting, Done],
        unforeseen: list[Waiting],
        peers: set[str],
    ) -> bool:
        """Run one work on the picture; say whether it need not be run on it again."""
        picture.begin()
        ledger = SqlLedger(picture, self._sealer, self._now)
        result, error = None, None
        try:
            result = waiting.work(ledger)
        except UnknownYet:
            return False
        except Unforeseen:
            unforeseen.append(waiting)
            return True
        except BaseException as exc:  # noqa: BLE001 - raised again where the work is awaited
            error = exc
        if picture.assumed:
            return False
        done[waiting] = Done(waiting, result, error)
        if error is None:
            picture.keep()
            peers |= ledger.peers
        return True

    def _all_quickly(self, group: Sequence[Waiting], peers: set[str]) -> list[Done]:
        return [self._quickly(waiting, peers) for waiting in group]

    def _one_by_one(self, group: Sequence[Waiting], peers: set[str]) -> list[Done]:
        return [self._carefully(waiting, peers) for waiting in group]

    def _quickly(self, waiting: Waiting, peers: set[str]) -> Done:
        """Run one work without a savepoint."""
        session = self._session
        session.gathers, session.wrote = True, False
        marks = session.marks()
        ledger = SqlLedger(session, self._sealer, self._now)
        try:
            result = waiting.work(ledger)
        except _BY_THE_DATABASE:
            raise
        except BaseException as exc:
            if session.wrote:
                raise SpoiledError(exc) from exc
            session.forget_since(marks)
            return Done(waiting, error=exc)
        peers |= ledger.peers
        return Done(waiting, result)

    def _carefully(self, waiting: Waiting, peers: set[str]) -> Done:
        """Run one work in a savepoint, so that its failure leaves the others alone."""
        self._session.gathers = False
        self._tell(b"SAVEPOINT work")
        ledger = SqlLedger(self._session, self._sealer, self._now)
        try:
            result = waiting.work(ledger)
        except _BY_THE_DATABASE:
            raise
        except BaseException as exc:  # noqa: BLE001 - raised again where the work is awaited
            self._tell(b"ROLLBACK TO SAVEPOINT work; RELEASE SAVEPOINT work")
            return Done(waiting, error=exc)
        self._tell(b"RELEASE SAVEPOINT work")
        peers |= ledger.peers
        return Done(waiting, result)

    def _tell(self, statement: bytes) -> None:
        self._connection.execute(statement, prepare=False)

    def _undo(self) -> None:
        """Roll back; a connection that cannot even do that is closed, and made again later."""
        self._session.forget()
        if self._connection.closed:
            return
        try:
            self._tell(b"ROLLBACK")
        except psycopg.Error:
            self._connection.close()


def told(error: psycopg.Error) -> str:
    """Return what the server said, in one line and without the values of a row."""
    lines = str(error).splitlines()
    return error.diag.message_primary or (lines[0] if lines else type(error).__name__)
