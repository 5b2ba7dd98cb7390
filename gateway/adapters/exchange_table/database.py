"""An agency's database: one transaction a call, in threads of its own, within a time."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, TypeVar

from gateway.adapters.exchange_table.dialect import (
    PROBE,
    DatabaseLogin,
    Dialect,
    DialectConnection,
    DialectCursor,
    Row,
    Value,
)
from gateway.adapters.exchange_table.statements import statements
from gateway.errors import PeerFailure, PeerUnavailable

T = TypeVar("T")
CALL_S: Final = 25.0
"""How long a call may take in all: much less than the lease on the messages it delivers."""
_THREADS: Final = 2
_LOOKS: Final = ("look_dispatches", "look_results", "look_errors")


class TableSession:
    """What one transaction does, by named statements."""

    def __init__(
        self, connection: DialectConnection, dialect: Dialect, login: DatabaseLogin
    ) -> None:
        self._connection, self._dialect, self._login = connection, dialect, login
        self._mark = dialect.mark
        self._texts = statements(dialect.kind)
        self._tables = {
            str(name): ".".join(
                f"{dialect.quote}{part}{dialect.quote}" for part in (login.schema, table) if part
            )
            for name, table in login.tables.items()
        }

    def rows(self, name: str, *values: Value) -> Sequence[Row]:
        """Return the rows of a statement."""
        return self._run(name, values).fetchall()

    def keeps_every_character(self) -> bool:
        """Say whether every character of Unicode can be kept in the tables."""
        return self._dialect.character_set_fits(self._connection, self._login)

    def rows_among(self, name: str, values: Sequence[str]) -> Sequence[Row]:
        """Return the rows of a statement about several values."""
        return self._run(name, values, marks=", ".join("?" * len(values))).fetchall()

    def change(self, name: str, *values: Value) -> int:
        """Run a statement that changes rows; return how many it changed."""
        return self._run(name, values).rowcount

    def _run(self, name: str, values: Sequence[Value], marks: str = "") -> DialectCursor:
        text = self._texts[name].format(marks=marks, **self._tables)
        return self._connection.run(text.replace("?", self._mark), values)


class AgencyDatabase:
    """The database of one agency; a connection is opened for each call and closed after it."""

    def __init__(self, dialect: Dialect, login: DatabaseLogin, *, agency: str) -> None:
        self.dialect, self.login, self.agency = dialect, login, agency
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix=f"tables-{agency}")
        self._is_sound = False

    def close(self) -> None:
        """Take no more calls; what runs ends by its own limits of time."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def call(self, work: Callable[[TableSession], T], *, as_it_is: bool = False) -> T:
        """Run `work` in one transaction and return its result once it is committed.

        Tables and character set are looked at first, unless the database is taken `as_it_is`.

        Raises:
            PeerUnavailable: Why not. It may have been committed all the same.
        """
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CALL_S):
                run = partial(self._transact, work, as_it_is=as_it_is)
                return await loop.run_in_executor(self._threads, run)
        except TimeoutError:
            raise PeerUnavailable(self.agency, PeerFailure.TIMED_OUT) from None

    def _transact(self, work: Callable[[TableSession], T], *, as_it_is: bool) -> T:
        try:
            connection = self.dialect.connect(self.login)
            try:
                session = TableSession(connection, self.dialect, self.login)
                if not as_it_is:
                    self._make_sure(session)
                result = work(session)
                connection.commit()
                return result
            finally:
                connection.close()
        except PeerUnavailable:
            self._is_sound = False
            raise
        except Exception as exc:
            self._is_sound = False
            failure = self.dialect.failure(exc)
            if failure is None:
                raise
            # the driver's words may quote what a row holds: they go no further
            raise PeerUnavailable(self.agency, failure) from None

    def _make_sure(self, session: TableSession) -> None:
        """Look at tables and character set, at the first call and after each that failed."""
        if self._is_sound:
            return
        for name in _LOOKS:
            session.rows(name)
        if not session.keeps_every_character() or not comes_back(session):
            raise PeerUnavailable(self.agency, PeerFailure.TABLES_CHARACTER_SET)
        self._is_sound = True


def comes_back(session: TableSession) -> bool:
    """Say whether rare characters come back over the connection as they went."""
    return [as_text(value) for (value,) in session.rows("round_trip", PROBE)] == [PROBE]


def as_text(value: object) -> str:
    """Return a value of a row as text; of SQLite it comes as bytes, and may be anything."""
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", "replace")
    return "" if value is None else str(value)


def as_bytes(value: object) -> bytes:
    """Return a payload as bytes, empty where there is none."""
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    return b"" if value is None else str(value).encode("utf-8", "surrogatepass")
