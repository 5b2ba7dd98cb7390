"""The two stores, each over an empty database of its own, with the tables of a tiny bank."""

import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psycopg
import pytest

from storage.store import Store, open_store
from storage.urls import sqlite_path, sqlite_url
from tests.integration.storage.bank import BANK, Bank, Statement

BankStore = Store[Bank, Statement]
StoreOpener = Callable[[str], BankStore]
Run = Callable[..., list[tuple[object, ...]]]


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Name an empty database of either kind."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "bank.db")
    return str(request.getfixturevalue("make_database")())


@pytest.fixture
def postgres_url(make_database: Callable[[], str]) -> str:
    """Name an empty PostgreSQL database."""
    return make_database()


@pytest.fixture
async def open_at(anyio_backend: str) -> AsyncIterator[StoreOpener]:
    """Give a function that opens a store at a URL; all are closed after the test."""
    opened: list[BankStore] = []

    def opener(url: str) -> BankStore:
        opened.append(open_store(url, BANK))
        return opened[-1]

    yield opener
    for store in opened:
        await store.close()


@pytest.fixture
async def store(url: str, open_at: StoreOpener) -> BankStore:
    """Open the store at `url`."""
    return open_at(url)


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
