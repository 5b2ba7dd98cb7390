"""Databases of agencies (前置库) for tests: real ones, made by the scripts that are published."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from contracts.publish.export import PUBLISHED
from contracts.publish.table_definitions import FOLDER
from gateway.table_settings import TableSettings
from storage.urls import sqlite_url
from tests.support.mariadb import MariadbServer

MADE_BY: Final = PUBLISHED / FOLDER


class DriverConnection(Protocol):
    """What the tests need of a driver's connection."""

    def cursor(self) -> Any:  # Any: cursors of three drivers
        """Return a cursor."""
        ...

    def commit(self) -> None:
        """Commit."""
        ...

    def close(self) -> None:
        """Close."""
        ...


@dataclass(frozen=True, slots=True)
class AgencyTestDatabase:
    """A database as the agency's own programmer uses it, beside the gateway."""

    kind: str
    url: str
    open: Callable[[], DriverConnection]
    mark: str

    @property
    def settings(self) -> TableSettings:
        """What the gateway's settings say of it."""
        return TableSettings(url=self.url, poll_every_s=1)

    def run(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """Run a statement in a transaction of its own and return its rows; `?` marks a value."""
        with self.session() as cursor:
            cursor.execute(statement.replace("?", self.mark), values)
            answered = getattr(cursor, "description", None) is not None
            return [tuple(row) for row in cursor.fetchall()] if answered else []

    @contextmanager
    def session(self) -> Iterator[Any]:  # Any: cursors of three drivers
        """Give a cursor of a transaction that is committed at the end."""
        connection = self.open()
        try:
            yield connection.cursor()
            connection.commit()
        finally:
            connection.close()

    def hand_in(
        self, result_id: str, payload: str | bytes | None, kind: str = "outcome", **columns: object
    ) -> None:
        """Write a row of results as an agency does: at once, and READY."""
        text = payload.decode() if isinstance(payload, bytes) else payload
        row = {"result_id": result_id, "kind": kind, "payload": text, "status": "READY", **columns}
        marks = ", ".join("?" * len(row))
        self.run(f"INSERT INTO duijie_result ({', '.join(row)}) VALUES ({marks})", *row.values())

    def statuses(self, table: str = "result") -> dict[object, object]:
        """Return the status of each row, by its key."""
        key = {"result": "result_id", "dispatch": "dispatch_no", "error": "error_id"}[table]
        rows = self.run(f"SELECT {key}, status FROM duijie_{table}")
        return {number: status for number, status in rows}  # noqa: C416 -- rows are tuples

    def errors(self) -> list[tuple[object, ...]]:
        """Return row, code and members of each error, in the order of the rows."""
        return self.run("SELECT result_id, code, errors FROM duijie_error ORDER BY result_id, code")

    def make_tables(self, dialect: str | None = None) -> None:
        """Run the published script."""
        script = (MADE_BY / f"{dialect or self.kind}.sql").read_text("utf-8")
        with self.session() as cursor:
            for statement in script.split(";\n"):
                if any(not line.startswith("--") for line in statement.split("\n") if line):
                    cursor.execute(statement)


class AgencyDatabases:
    """Makes databases of the kinds that are tested, and drops them in the end."""

    def __init__(self, request: pytest.FixtureRequest, folder: Path) -> None:
        self._request, self._folder = request, folder
        self._made = 0
        self._drop: list[Callable[[], None]] = []

    def make(self, kind: str, *, tables: bool = True) -> AgencyTestDatabase:
        """Return a database of a kind, with the tables of the published script in it or empty."""
        self._made += 1
        make = {"sqlite": self._sqlite, "postgres": self._postgres, "mariadb": self._mariadb}[kind]
        database = make()
        if tables:
            database.make_tables()
        return database

    def close(self) -> None:
        """Drop what was made."""
        for drop in self._drop:
            drop()

    @property
    def mariadb(self) -> MariadbServer:
        """The server of MariaDB."""
        server: MariadbServer = self._request.getfixturevalue("mariadb_server")
        return server

    def _sqlite(self) -> AgencyTestDatabase:
        path = self._folder / f"agency-{self._made}.db"
        sqlite3.connect(path).close()
        return AgencyTestDatabase("sqlite", sqlite_url(path), lambda: sqlite3.connect(path), "?")

    def _postgres(self) -> AgencyTestDatabase:
        address: str = self._request.getfixturevalue("make_database")()
        parts = conninfo_to_dict(address)
        url = f"postgresql://{parts['user']}@{parts['host']}:{parts['port']}/{parts['dbname']}"
        return AgencyTestDatabase("postgres", url, lambda: psycopg.connect(address), "%s")

    def _mariadb(self) -> AgencyTestDatabase:
        server = self.mariadb
        name = server.create()
        self._drop.append(lambda: server.drop(name))
        url = f"mysql://root@127.0.0.1:{server.port}/{name}"
        return AgencyTestDatabase("mariadb", url, lambda: server.root(name), "%s")
