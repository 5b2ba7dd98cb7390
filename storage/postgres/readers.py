"""Reading a PostgreSQL database: views on a snapshot of their own, beside the writer threads."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Generic, TypeVar

import psycopg

from storage.errors import StoreUnavailable
from storage.postgres.connection import UNAVAILABLE, Connect, failure
from storage.postgres.session import PostgresSession
from storage.reasons import StoreReason
from storage.schema import Schema, Unit, Views
from storage.session import Row
from storage.statements import SqlStatement

T = TypeVar("T")
READERS: Final = 2


class PostgresReaders(Generic[Views]):
    """A few threads, each with a connection of its own, for the views of a schema."""

    def __init__(
        self, connect: Connect, statements: Mapping[str, SqlStatement], schema: Schema[Unit, Views]
    ) -> None:
        self._connect, self._statements, self._views = connect, statements, schema.views
        self._closed = False
        self._local = threading.local()
        self._connections: set[psycopg.Connection[Row]] = set()
        self._threads = ThreadPoolExecutor(READERS, "store-reader")

    async def read(self, view: Callable[[Views], T]) -> T:
        """Run a read-only `view` on one snapshot of the database.

        Raises:
            StoreUnavailable: The server cannot be reached, or the readers are closing.
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
            with connection.transaction():
                connection.execute(
                    b"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY", prepare=False
                )
                return view(self._views(PostgresSession(connection, self._statements)))
        except UNAVAILABLE as exc:
            raise StoreUnavailable(failure(exc)) from exc

    def _connection(self) -> psycopg.Connection[Row]:
        """Return the connection of this thread, a new one after a loss."""
        current: psycopg.Connection[Row] | None = getattr(self._local, "connection", None)
        if current is None or current.closed:
            if current is not None:
                self._connections.discard(current)
            current = self._local.connection = self._connect()
            self._connections.add(current)
        return current
