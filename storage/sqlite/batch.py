"""Running a batch of work in one transaction of the SQLite file, at first without savepoints.

A savepoint makes SQLite copy every page before its first change: that costs more than half of what
the work itself costs. So only when a unit of work fails after it wrote something is the batch
rolled back and run again with one savepoint a unit. So work may run more than once: it must do
nothing but through its unit.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Final, Generic

from storage.schema import Schema, Unit, Views
from storage.sqlite.session import SqliteSession
from storage.statements import SqlStatement
from storage.work import FinishedWork, PendingWork

_OF_THE_WORK: Final = (
    sqlite3.IntegrityError,
    sqlite3.ProgrammingError,
    sqlite3.InterfaceError,
    sqlite3.DataError,
)


class RerunNeeded(Exception):
    """Work failed after it had written, outside a savepoint: its batch must be rolled back."""


class BatchRunner(Generic[Unit]):
    """Runs work on the writing connection; the caller begins and commits the transaction."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        statements: Mapping[str, SqlStatement],
        schema: Schema[Unit, Views],
    ) -> None:
        self._connection, self._unit = connection, schema.unit
        self._session = SqliteSession(connection, statements)

    def without_savepoints(
        self, batch: Sequence[PendingWork[Unit]], peers: set[str]
    ) -> list[FinishedWork[Unit]]:
        """Run work, and add to `peers` the peers of what succeeded.

        Raises:
            RerunNeeded: A piece failed after it had written: roll back, and run all of it again
                `with_savepoints`.
            sqlite3.Error: The file failed, so nothing of the batch may be committed.
        """
        return [self._run(pending, peers) for pending in batch]

    def with_savepoints(
        self, batch: Sequence[PendingWork[Unit]], peers: set[str]
    ) -> list[FinishedWork[Unit]]:
        """Run each piece in a savepoint, so that the failure of one leaves the others alone.

        Raises:
            sqlite3.Error: The file failed, so nothing of the batch may be committed.
        """
        return [self._run_in_savepoint(pending, peers) for pending in batch]

    def _run(self, pending: PendingWork[Unit], peers: set[str]) -> FinishedWork[Unit]:
        changes = self._connection.total_changes
        try:
            unit = self._unit(self._session)
            result = pending.run(unit)
        except BaseException as exc:
            self._raise_what_concerns_all(exc)
            if self._connection.total_changes != changes:
                raise RerunNeeded from exc
            return FinishedWork(pending, error=exc)
        peers |= unit.peers
        return FinishedWork(pending, result)

    def _run_in_savepoint(self, pending: PendingWork[Unit], peers: set[str]) -> FinishedWork[Unit]:
        self._connection.execute("SAVEPOINT work")
        try:
            unit = self._unit(self._session)
            result = pending.run(unit)
        except BaseException as exc:  # noqa: BLE001 - raised again where the work is awaited
            self._raise_what_concerns_all(exc)
            self._connection.execute("ROLLBACK TO work")
            self._connection.execute("RELEASE work")
            return FinishedWork(pending, error=exc)
        self._connection.execute("RELEASE work")
        peers |= unit.peers
        return FinishedWork(pending, result)

    def _raise_what_concerns_all(self, error: BaseException) -> None:
        """Raise an error of the file, or that the transaction of the whole batch has ended."""
        if isinstance(error, sqlite3.Error) and not isinstance(error, _OF_THE_WORK):
            raise error
        if not self._connection.in_transaction:
            raise sqlite3.OperationalError("the transaction ended by itself") from error
