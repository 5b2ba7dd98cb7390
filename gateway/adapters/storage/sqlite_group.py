"""Running a group of works in one transaction of the SQLite file, at first without savepoints.

A savepoint makes SQLite copy every page before its first change: that costs more than half of what
the work itself costs. So only when a work fails after it wrote something is the group undone and
run again with one savepoint a work. So a work may run more than once: it must do nothing but
through its ledger.
"""

import sqlite3
from collections.abc import Sequence
from typing import Final

from gateway.adapters.keys import Sealer
from gateway.adapters.storage.lanes import Done, Waiting
from gateway.adapters.storage.ledger import SqlLedger
from gateway.adapters.storage.sqlite_session import SqliteSession
from schemas.reference.clock import Now

_OF_THE_WORK: Final = (
    sqlite3.IntegrityError,
    sqlite3.ProgrammingError,
    sqlite3.InterfaceError,
    sqlite3.DataError,
)


class SpoiledError(Exception):
    """A work failed after it had written, outside a savepoint: its group is undone."""


class GroupRunner:
    """Runs works on the writing connection; who calls it begins and commits."""

    def __init__(self, connection: sqlite3.Connection, *, sealer: Sealer, now: Now) -> None:
        self._connection, self._sealer, self._now = connection, sealer, now
        self._session = SqliteSession(connection)

    def quickly(self, group: Sequence[Waiting], peers: set[str]) -> list[Done]:
        """Run works without savepoints and add to `peers` who is owed messages by them.

        Raises:
            SpoiledError: One failed after it had written: undo, and run them `carefully`.
            sqlite3.Error: The file failed, so none of the works is to be committed.
        """
        return [self._quickly(waiting, peers) for waiting in group]

    def carefully(self, group: Sequence[Waiting], peers: set[str]) -> list[Done]:
        """Run works in a savepoint each, so that the failure of one leaves the others alone.

        Raises:
            sqlite3.Error: The file failed, so none of the works is to be committed.
        """
        return [self._carefully(waiting, peers) for waiting in group]

    def _quickly(self, waiting: Waiting, peers: set[str]) -> Done:
        ledger = SqlLedger(self._session, self._sealer, self._now)
        changes = self._connection.total_changes
        try:
            result = waiting.work(ledger)
        except BaseException as exc:
            self._raise_what_concerns_all(exc)
            if self._connection.total_changes != changes:
                raise SpoiledError from exc
            return Done(waiting, error=exc)
        peers |= ledger.peers
        return Done(waiting, result)

    def _carefully(self, waiting: Waiting, peers: set[str]) -> Done:
        ledger = SqlLedger(self._session, self._sealer, self._now)
        self._connection.execute("SAVEPOINT work")
        try:
            result = waiting.work(ledger)
        except BaseException as exc:  # noqa: BLE001 - raised again where the work is awaited
            self._raise_what_concerns_all(exc)
            self._connection.execute("ROLLBACK TO work")
            self._connection.execute("RELEASE work")
            return Done(waiting, error=exc)
        self._connection.execute("RELEASE work")
        peers |= ledger.peers
        return Done(waiting, result)

    def _raise_what_concerns_all(self, error: BaseException) -> None:
        """Raise an error of the file, or that the transaction of the whole group has ended."""
        if isinstance(error, sqlite3.Error) and not isinstance(error, _OF_THE_WORK):
            raise error
        if not self._connection.in_transaction:
            raise sqlite3.OperationalError("the transaction ended by itself") from error
