"""An empty database of either kind, a ledger in it, and the clock that it goes by."""

import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psycopg
import pytest

from gateway.adapters.ledger.store import LedgerStore, open_ledger
from storage.urls import sqlite_path, sqlite_url
from tests.builders.ledger import a_sealer
from tests.support.clock import SettableClock

Run = Callable[..., list[tuple[object, ...]]]


@pytest.fixture
def clock() -> SettableClock:
    """Return a clock that stands on a Monday morning in Beijing."""
    return SettableClock()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Name a database without a table, of each kind in turn."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "empty.db")
    return str(request.getfixturevalue("make_database")())


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Name a database for a ledger without a case, of each kind in turn."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "ledger.db")
    return str(request.getfixturevalue("make_ledger_database")())


@pytest.fixture
def postgres_url(make_ledger_database: Callable[[], str]) -> str:
    """Name a PostgreSQL database for a ledger without a case."""
    return make_ledger_database()


@pytest.fixture
async def store(url: str, anyio_backend: str, clock: SettableClock) -> AsyncIterator[LedgerStore]:
    """Give an empty ledger."""
    opened = open_ledger(url, sealer=a_sealer(), now=clock)
    yield opened
    await opened.close()


@pytest.fixture
def sql(url: str) -> Run:
    """Run a statement on the database itself, beside the store."""

    def run(statement: str, *values: object) -> list[tuple[object, ...]]:
        if (path := sqlite_path(url)) is not None:
            connection = sqlite3.connect(path)
            try:
                with connection:
                    return connection.execute(statement, values).fetchall()
            finally:
                connection.close()
        with psycopg.connect(url) as session:
            cursor = session.execute(statement.replace("?", "%s").encode(), values)
            return cursor.fetchall() if cursor.description else []

    return run
