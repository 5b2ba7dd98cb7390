"""Whether a server has the history that was written to: the same cluster, and not left behind.

After a failover the old primary may come back, or a copy of a machine be started as it once was.
Whoever connects to it would read what is long past, and write what nobody will ever see.
"""

import threading
from dataclasses import dataclass
from typing import Final

import psycopg
from psycopg import errors

from storage.session import Row

_WHERE: Final = (
    b"SELECT (SELECT system_identifier FROM pg_control_system()),"
    b" pg_walfile_name(pg_current_wal_flush_lsn()),"
    b" (pg_current_wal_flush_lsn() - '0/0'::pg_lsn)::bigint"
)
_TIMELINE_DIGITS: Final = 8


class AnotherHistory(psycopg.OperationalError):
    """The server that answers is not the one that was written to, or no longer where it was."""


@dataclass(frozen=True, slots=True)
class ServerPosition:
    """Where a primary stands: its cluster, its timeline, and how far its log is flushed (bytes)."""

    system: int
    timeline: int
    flushed: int


class ServerHistory:
    """Remembers, for the threads of a store, how far the server was seen to be."""

    def __init__(self) -> None:
        self._seen: ServerPosition | None = None
        self._lock = threading.Lock()

    def demand(self, connection: psycopg.Connection[Row]) -> None:
        """Ask a primary where it stands, and go on from there; a standby is told by its writes.

        Raises:
            AnotherHistory: It is another cluster, or one that was left behind.
            psycopg.Error: It does not say.
        """
        if not _is_primary(connection):
            return
        try:
            position = _position(connection)
        except errors.InsufficientPrivilege:  # granted to everybody, unless it was revoked
            return
        with self._lock:
            if self._seen is not None and (reason := objection(self._seen, position)):
                raise AnotherHistory(reason)
            self._seen = position


def objection(seen: ServerPosition, now: ServerPosition) -> str | None:
    """Return why a server that stands at `now` cannot be the one seen before; None if it can."""
    if now.system != seen.system:
        return "another database cluster answers than the one that was written to"
    if now.timeline < seen.timeline:
        return f"a primary left behind: timeline {now.timeline}, {seen.timeline} was seen"
    if now.timeline == seen.timeline and now.flushed < seen.flushed:
        return "a primary left behind: its log ends before what was seen of it"
    return None


def _is_primary(connection: psycopg.Connection[Row]) -> bool:
    ask = b"SELECT NOT pg_is_in_recovery()"
    ((is_primary,),) = connection.execute(ask, prepare=False).fetchall()
    return bool(is_primary)


def _position(connection: psycopg.Connection[Row]) -> ServerPosition:
    row = connection.execute(_WHERE, prepare=False).fetchone()
    if row is None:
        raise AnotherHistory("the server does not say where it stands")
    system, segment, flushed = row
    return ServerPosition(int(system), int(segment[:_TIMELINE_DIGITS], 16), int(flushed))
