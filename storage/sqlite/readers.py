"""Reading a SQLite file beside its writer: connections that never write and never checkpoint."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, Generic, TypeVar

from storage.errors import StoreUnavailable
from storage.reasons import StoreReason
from storage.schema import Schema, Unit, Views
from storage.sqlite.error_codes import quote_sqlite
from storage.sqlite.file import open_reader
from storage.sqlite.session import SqliteSession
from storage.statements import load_statements

T = TypeVar("T")
READERS: Final = 2


class SqliteReaders(Generic[Views]):
    """A few threads, each with a read-only connection of its own, for the views of a schema.

    They may stand beside the store of another process: the file is opened when they first read.
    """

    def __init__(self, path: Path, schema: Schema[Unit, Views]) -> None:
        self._path, self._views = path, schema.views
        self._statements = load_statements(schema.statements, "sqlite")
        self._closed = False
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._threads = ThreadPoolExecutor(READERS, "store-reader")

    async def read(self, view: Callable[[Views], T]) -> T:
        """Run a read-only `view` on one snapshot of the file.

        Raises:
            StoreUnavailable: The file cannot be read now, or the readers are closing.
        """
        if self._closed:
            raise StoreUnavailable(StoreReason.CLOSING.at())
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._run, view)

    async def close(self) -> None:
        """Finish what is being read, then close every connection."""
        self._closed = True
        await asyncio.to_thread(self._threads.shutdown)
        for connection in self._connections:
            connection.close()
        self._connections.clear()

    def _run(self, view: Callable[[Views], T]) -> T:
        try:
            connection = self._connection()
            connection.execute("BEGIN")
            try:
                return view(self._views(SqliteSession(connection, self._statements)))
            finally:
                connection.execute("COMMIT")
        except sqlite3.ProgrammingError:
            raise  # a fault of the view
        except sqlite3.DatabaseError as exc:
            raise StoreUnavailable(
                StoreReason.SQLITE_FAILED.at("sqlite", self._path, said=quote_sqlite(exc))
            ) from exc

    def _connection(self) -> sqlite3.Connection:
        """Return the connection of this thread, opened at its first use."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            self._local.connection = connection = open_reader(self._path)
            self._connections.append(connection)
        return connection
