"""Running units of work inside a transaction that the caller began, at first without savepoints.

A savepoint costs: SQLite copies every page before its first change, more than half of what the work
itself costs, and a server is asked twice more. So only when a unit of work fails after it wrote
something is the transaction rolled back and all of it run again with one savepoint a unit. So work
may run more than once: it must do nothing but through its unit.
"""

from collections.abc import Callable, Sequence
from typing import Generic, Protocol

from storage.schema import Unit
from storage.session import Session
from storage.work import FinishedWork, PendingWork


class RerunNeeded(Exception):
    """Work failed after it had written, outside a savepoint: its transaction is to be rolled back.

    `cause` is what the work raised.
    """

    def __init__(self, cause: BaseException) -> None:
        super().__init__()
        self.cause = cause


class WorkSession(Session, Protocol):
    """A session that keeps or undoes what each unit of work of its transaction did."""

    def begin_work(self, *, savepoint: bool) -> None:
        """Begin one unit of work, in a savepoint or without."""
        ...

    def keep_work(self) -> None:
        """End the unit of work, and keep what it did."""
        ...

    def undo_work(self) -> bool:
        """End the unit of work as if it had not begun.

        False where that takes a rollback of all: without a savepoint it had written.
        """
        ...

    def check_transaction(self, error: BaseException) -> None:
        """Raise where `error`, which a unit of work raised, concerns the whole transaction."""
        ...


class WorkRunner(Generic[Unit]):
    """Runs units of work on one session, each by itself."""

    def __init__(self, session: WorkSession, unit: Callable[[Session], Unit]) -> None:
        self._session, self._unit = session, unit

    def run(
        self, batch: Sequence[PendingWork[Unit]], peers: set[str], *, savepoints: bool
    ) -> list[FinishedWork[Unit]]:
        """Run work, and add to `peers` the peers of what succeeded.

        With `savepoints` the failure of one piece leaves the others alone, whatever it wrote.

        Raises:
            RerunNeeded: A piece failed after it had written: roll back, and run all of it again
                with `savepoints`.
            Exception: What the session's check raises, so that nothing may be committed.
        """
        return [self.run_one(pending, peers, savepoint=savepoints) for pending in batch]

    def run_one(
        self, pending: PendingWork[Unit], peers: set[str], *, savepoint: bool = False
    ) -> FinishedWork[Unit]:
        """Run one piece; see `run`."""
        session = self._session
        session.begin_work(savepoint=savepoint)
        try:
            unit = self._unit(session)
            result = pending.run(unit)
        except BaseException as exc:
            session.check_transaction(exc)
            if not session.undo_work():
                raise RerunNeeded(exc) from exc
            return FinishedWork(pending, error=exc)
        session.keep_work()
        peers |= unit.peers
        return FinishedWork(pending, result)
