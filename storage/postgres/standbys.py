"""Standbys (备库) of a PostgreSQL server: asked for, and demanded where the settings say so."""

from typing import Final

import psycopg

from storage.errors import StoreUnavailable
from storage.postgres.connection import connect, describe
from storage.replication import CURE, Replication, replication
from storage.session import Row

# Any user may ask: the columns that a plain user may not read are not needed.
_ASK: Final = (
    b"SELECT current_setting('synchronous_standby_names'), current_setting('synchronous_commit'),"
    b" EXISTS (SELECT FROM pg_stat_replication WHERE state IS DISTINCT FROM 'backup'),"
    b" pg_is_in_recovery()"
)


class StandbyMissing(psycopg.OperationalError):
    """The server's commits wait for no standby, although the settings demand it."""


def replication_of(connection: psycopg.Connection[Row]) -> Replication:
    """Return how the standbys of a primary take part; a server that only reads has none."""
    return _asked(connection) or Replication.NONE


def replication_at(url: str) -> Replication:
    """Connect and ask; raises `StoreUnavailable` where the server cannot be reached."""
    try:
        with connect(url) as connection:
            return replication_of(connection)
    except psycopg.Error as exc:
        raise StoreUnavailable(f"postgresql: {describe(exc)}") from exc


def demand_synchronous(connection: psycopg.Connection[Row]) -> None:
    """Refuse a primary whose commits wait for no standby; its writes tell one that only reads.

    Raises:
        StandbyMissing: So it is; says the cure.
    """
    found = _asked(connection)
    if found is not None and found is not Replication.SYNCHRONOUS:
        raise StandbyMissing(
            f"a synchronous standby is demanded and replication is {found}; {CURE}"
        )


def _asked(connection: psycopg.Connection[Row]) -> Replication | None:
    """Return what a primary says; None of a server that only reads."""
    row = connection.execute(_ASK, prepare=False).fetchone()
    names, commit, is_followed, only_reads = row or ("", "", False, True)
    if only_reads:
        return None
    return replication(str(names), str(commit), is_followed=bool(is_followed))
