"""PostgreSQL, and what speaks its protocol."""

from collections.abc import Sequence
from typing import Final

import psycopg

from gateway.adapters.exchange_table.addresses import DatabaseKind
from gateway.adapters.exchange_table.dialect import (
    CONNECT_S,
    STATEMENT_S,
    DatabaseLogin,
    DialectConnection,
    DialectCursor,
    Row,
    Value,
)
from gateway.adapters.exchange_table.statements import statements
from gateway.errors import PeerFailure

_STATES: Final = {
    "28": PeerFailure.TABLES_LOGIN,
    "3D": PeerFailure.TABLES_MISSING,
    "3F": PeerFailure.TABLES_MISSING,
    "42P01": PeerFailure.TABLES_MISSING,
    "42703": PeerFailure.TABLES_MISSING,
    "42501": PeerFailure.TABLES_DENIED,
    "25006": PeerFailure.TABLES_DENIED,
    "55P03": PeerFailure.TABLES_LOCKED,
    "40": PeerFailure.TABLES_LOCKED,
    "57014": PeerFailure.TIMED_OUT,
    "22021": PeerFailure.TABLES_CHARACTER_SET,
    "22P05": PeerFailure.TABLES_CHARACTER_SET,
    "08": PeerFailure.NO_ANSWER,
    "57": PeerFailure.NO_ANSWER,
}
_LIMITS: Final = (
    f"-c statement_timeout={STATEMENT_S * 1000} -c lock_timeout={STATEMENT_S * 1000}"
    " -c idle_in_transaction_session_timeout=30000"
)
_LOGIN_WORDS: Final = ("authentication", "password", "role ")
_TLS_WORDS: Final = ("SSL", "certificate")


class PostgresConnection:
    """A connection that begins a transaction with its first statement."""

    def __init__(self, connection: psycopg.Connection[Row]) -> None:
        self._connection = connection

    def run(self, statement: str, values: Sequence[Value]) -> DialectCursor:
        """Run one statement."""
        return self._connection.execute(statement.encode(), values, prepare=False)

    def commit(self) -> None:
        """Commit what was done."""
        self._connection.commit()

    def close(self) -> None:
        """Let go of the database; what is not committed is undone."""
        self._connection.close()


class PostgresDialect:
    """`Dialect` of PostgreSQL."""

    kind, mark, quote = DatabaseKind.POSTGRES, "%s", '"'

    def connect(self, login: DatabaseLogin) -> PostgresConnection:
        """Return a connection in UTF-8, over TLS where an authority is named."""
        address = login.address
        verified = login.ca_file is not None
        connection: psycopg.Connection[Row] = psycopg.connect(
            host=address.host,
            port=address.port,
            user=address.user,
            dbname=address.database,
            password=login.password or None,
            sslmode="verify-full" if verified else "prefer",
            sslrootcert=str(login.ca_file) if verified else None,
            connect_timeout=CONNECT_S,
            client_encoding="UTF8",
            application_name="duijie",
            options=_LIMITS,
            keepalives_idle=5,
            keepalives_interval=2,
            keepalives_count=2,
            tcp_user_timeout=STATEMENT_S * 1000,
        )
        return PostgresConnection(connection)

    def failure(self, exc: Exception) -> PeerFailure | None:
        """Return what an error of the driver comes to; one at login has no state, only words."""
        if isinstance(exc, UnicodeDecodeError):
            return PeerFailure.TABLES_CHARACTER_SET
        if not isinstance(exc, psycopg.Error):
            return None
        if state := exc.sqlstate:
            return _STATES.get(state) or _STATES.get(state[:2], PeerFailure.TABLES_FAULT)
        return _without_state(exc)

    def character_set_fits(self, connection: DialectConnection, login: DatabaseLogin) -> bool:
        """Say whether the database is in UTF-8."""
        rows = connection.run(statements(self.kind)["character_set"], ()).fetchall()
        return [encoding for (encoding,) in rows] == ["UTF8"]


def _without_state(exc: psycopg.Error) -> PeerFailure:
    said = str(exc)
    if isinstance(exc, psycopg.errors.ConnectionTimeout):
        return PeerFailure.CONNECT_TIMED_OUT
    if any(word in said for word in _TLS_WORDS):
        return PeerFailure.TLS
    if any(word in said for word in _LOGIN_WORDS):
        return PeerFailure.TABLES_LOGIN
    if isinstance(exc, psycopg.OperationalError | psycopg.InterfaceError):
        return PeerFailure.NO_ANSWER
    return PeerFailure.TABLES_FAULT
