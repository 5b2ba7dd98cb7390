"""MariaDB and MySQL."""

import ssl
from collections.abc import Sequence
from typing import Final

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from gateway.adapters.exchange_table.addresses import DatabaseKind
from gateway.adapters.exchange_table.dialect import (
    CONNECT_S,
    STATEMENT_S,
    DatabaseLogin,
    DialectConnection,
    DialectCursor,
    Value,
)
from gateway.adapters.exchange_table.statements import statements
from gateway.errors import PeerFailure
from schemas.records.exchange_tables import TableName

_NUMBERS: Final = {
    1044: PeerFailure.TABLES_LOGIN,
    1045: PeerFailure.TABLES_LOGIN,
    1698: PeerFailure.TABLES_LOGIN,
    1049: PeerFailure.TABLES_MISSING,
    1054: PeerFailure.TABLES_MISSING,
    1146: PeerFailure.TABLES_MISSING,
    1142: PeerFailure.TABLES_DENIED,
    1143: PeerFailure.TABLES_DENIED,
    1290: PeerFailure.TABLES_DENIED,
    1205: PeerFailure.TABLES_LOCKED,
    1213: PeerFailure.TABLES_LOCKED,
    1267: PeerFailure.TABLES_CHARACTER_SET,
    1366: PeerFailure.TABLES_CHARACTER_SET,
    1969: PeerFailure.TIMED_OUT,
    2002: PeerFailure.NO_ANSWER,
    2003: PeerFailure.NO_ANSWER,
    2006: PeerFailure.NO_ANSWER,
    2013: PeerFailure.NO_ANSWER,
    2026: PeerFailure.TLS,
}
_SESSION: Final = (
    "SET SESSION sql_mode = 'STRICT_ALL_TABLES', innodb_lock_wait_timeout = %d,"
    " transaction_isolation = 'READ-COMMITTED'"
)
"""What does not fit is refused, never cut off; rows of others are seen once committed."""
_SESSION_OLD: Final = _SESSION.replace("transaction_isolation", "tx_isolation")
_UNKNOWN_VARIABLE: Final = 1193
_FITTING: Final = "utf8mb4"


class MariadbConnection:
    """A connection that begins a transaction with its first statement."""

    def __init__(self, connection: "Connection[Cursor]") -> None:
        self._connection = connection

    def run(self, statement: str, values: Sequence[Value]) -> DialectCursor:
        """Run one statement."""
        cursor = self._connection.cursor()
        cursor.execute(statement, tuple(values))
        return cursor

    def commit(self) -> None:
        """Commit what was done."""
        self._connection.commit()

    def close(self) -> None:
        """Let go of the database; what is not committed is undone."""
        self._connection.close()


class MariadbDialect:
    """`Dialect` of MariaDB and MySQL."""

    kind, mark, quote = DatabaseKind.MARIADB, "%s", "`"

    def connect(self, login: DatabaseLogin) -> MariadbConnection:
        """Return a connection in utf8mb4, over TLS where an authority is named."""
        address = login.address
        trusted = (
            None if login.ca_file is None else ssl.create_default_context(cafile=str(login.ca_file))
        )
        opened = pymysql.connect(
            host=address.host,
            port=address.port,
            user=address.user,
            password=login.password,
            database=address.database,
            charset=_FITTING,
            connect_timeout=CONNECT_S,
            read_timeout=STATEMENT_S + 2,
            write_timeout=STATEMENT_S,
            autocommit=False,
            ssl=trusted,
        )
        connection = MariadbConnection(opened)
        try:
            _begin_session(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def failure(self, exc: Exception) -> PeerFailure | None:
        """Return what an error of the driver comes to."""
        if isinstance(exc, UnicodeError):
            return PeerFailure.TABLES_CHARACTER_SET
        if isinstance(exc, ssl.SSLError):
            return PeerFailure.TLS
        if not isinstance(exc, pymysql.Error):
            return None
        number = exc.args[0] if exc.args and isinstance(exc.args[0], int) else 0
        return _NUMBERS.get(number, PeerFailure.TABLES_FAULT)

    def character_set_fits(self, connection: DialectConnection, login: DatabaseLogin) -> bool:
        """Say whether the columns for records are in utf8mb4; utf8 of old keeps 16 bits only."""
        schema = login.schema or login.address.database
        names = [login.tables[name] for name in (TableName.DISPATCH, TableName.RESULT)]
        statement = statements(self.kind)["column_character_set"].replace("?", self.mark)
        rows = connection.run(statement, (schema, *names, names[0])).fetchall()
        return [tuple(row) for row in rows] == [(_FITTING, _FITTING)]


def _begin_session(connection: MariadbConnection) -> None:
    try:
        connection.run(_SESSION_OLD % STATEMENT_S, ())
    except pymysql.Error as exc:  # MySQL 8 has the new name only, MariaDB 10 the old one
        if not exc.args or exc.args[0] != _UNKNOWN_VARIABLE:
            raise
        connection.run(_SESSION % STATEMENT_S, ())
