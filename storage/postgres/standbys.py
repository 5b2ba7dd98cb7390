"""Standbys (备库) of a PostgreSQL server: asked for, and demanded where the settings say so."""

import time
from collections.abc import Callable
from typing import Final

import psycopg

from storage.errors import StoreUnavailable
from storage.postgres.connection import connect, failure
from storage.reasons import StoreReason
from storage.replication import Replication, replication
from storage.session import Row

# Any user may ask: the columns that a plain user may not read are not needed.
_ASK: Final = (
    b"SELECT current_setting('synchronous_standby_names'), current_setting('synchronous_commit'),"
    b" EXISTS (SELECT FROM pg_stat_replication WHERE state IS DISTINCT FROM 'backup'),"
    b" pg_is_in_recovery()"
)


ASK_AGAIN_S: Final = 5.0
"""How long what a server said of its standbys is believed while a connection lasts."""


class StandbyMissing(psycopg.OperationalError):
    """The server's commits wait for no standby, although the settings demand it."""

    def __init__(self, replication: Replication) -> None:
        self.reason = StoreReason.STANDBY_MISSING.at("postgresql", replication=replication)
        super().__init__(self.reason.code.english.format_map(self.reason.params))


def replication_at(url: str) -> Replication:
    """Connect and ask; a server that only reads has none.

    Raises:
        StoreUnavailable: The server cannot be reached.
    """
    try:
        with connect(url) as connection:
            return _asked(connection) or Replication.NONE
    except psycopg.Error as exc:
        raise StoreUnavailable(failure(exc)) from exc


class StandbyWatch:
    """Asks a primary for its standbys again and again, for the threads of a store.

    Settings of a server are changed while its connections last: a commit that waited for a standby
    may wait for none the next moment.
    """

    def __init__(
        self,
        *,
        demands_synchronous: bool,
        every_s: float = ASK_AGAIN_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._demands_synchronous, self._every_s, self._clock = demands_synchronous, every_s, clock
        self._asked_at: float | None = None
        self.replication = Replication.NONE
        """How standbys take part in a commit, as last heard."""

    def demand(self, connection: psycopg.Connection[Row]) -> None:
        """Ask on a new connection; a server that only reads is told by its writes.

        Raises:
            StandbyMissing: A synchronous standby is demanded, and there is none; says the cure.
            psycopg.Error: It does not say.
        """
        found = _asked(connection)
        self._asked_at = self._clock()
        if found is None:
            return
        self.replication = found
        if self._is_lost:
            raise StandbyMissing(found)

    def demand_again(self, connection: psycopg.Connection[Row]) -> None:
        """Ask where the last answer is too old to go by, and always while a standby is missed.

        Raises:
            StandbyMissing: As `demand`.
        """
        at = self._asked_at
        if not self._is_lost and at is not None and self._clock() - at < self._every_s:
            return
        try:
            self.demand(connection)
        except StandbyMissing:
            raise
        except psycopg.Error:  # the work that follows finds out by itself
            return

    @property
    def _is_lost(self) -> bool:
        return self._demands_synchronous and self.replication is not Replication.SYNCHRONOUS


def _asked(connection: psycopg.Connection[Row]) -> Replication | None:
    """Return what a primary says; None of a server that only reads."""
    row = connection.execute(_ASK, prepare=False).fetchone()
    names, commit, is_followed, only_reads = row or ("", "", False, True)
    if only_reads:
        return None
    return replication(str(names), str(commit), is_followed=bool(is_followed))
