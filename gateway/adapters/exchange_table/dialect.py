"""What a kind of database does in its own way; a module beside this one for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final, Protocol

from gateway.adapters.exchange_table.addresses import DatabaseAddress, DatabaseKind
from gateway.errors import PeerFailure
from schemas.records.exchange_tables import TableName

CONNECT_S: Final = 5
"""How long a connection may take to come about."""
STATEMENT_S: Final = 8
"""How long a statement, and a lock, may take; the database is asked for no more."""
PROBE: Final = "测试𠮷䶮·é"
"""Characters that tell character sets apart, rare ones of names (生僻字) beyond 16 bits too."""

Value = str | int | None
Row = Sequence[object]


@dataclass(frozen=True, slots=True)
class DatabaseLogin:
    """How a database is reached: its address, the password, and the authority of its TLS.

    `schema` is that of the tables, where it is not the one that the user has anyway.
    """

    address: DatabaseAddress
    password: str = ""
    ca_file: Path | None = None
    schema: str = ""
    prefix: str = ""

    @property
    def tables(self) -> Mapping[TableName, str]:
        """The tables' own names, without schema."""
        return MappingProxyType({name: f"{self.prefix}{name}" for name in TableName})


class DialectCursor(Protocol):
    """The part of a cursor (DB-API) that is used."""

    @property
    def rowcount(self) -> int:
        """How many rows the last statement changed."""
        ...

    def fetchall(self) -> Sequence[Row]:
        """Return all rows of the last statement."""
        ...


class DialectConnection(Protocol):
    """A connection in a transaction that begins with the first statement."""

    def run(self, statement: str, values: Sequence[Value]) -> DialectCursor:
        """Run one statement."""
        ...

    def commit(self) -> None:
        """Commit what was done."""
        ...

    def close(self) -> None:
        """Let go of the database; what is not committed is undone."""
        ...


class Dialect(Protocol):
    """A kind of database, as little of it as differs."""

    kind: DatabaseKind
    mark: str
    quote: str

    def connect(self, login: DatabaseLogin) -> DialectConnection:
        """Return a connection in UTF-8 with limits of time; raises errors of `failure`."""
        ...

    def failure(self, exc: Exception) -> PeerFailure | None:
        """Return what an error of the driver comes to, None for one that is not the driver's."""
        ...

    def character_set_fits(self, connection: DialectConnection, login: DatabaseLogin) -> bool:
        """Say whether every character of Unicode can be kept in the tables."""
        ...
