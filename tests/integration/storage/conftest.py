"""A store over the tables of a tiny bank, on each of the two databases."""

from collections.abc import AsyncIterator, Callable

import pytest

from storage.store import Store, open_store
from tests.integration.storage.bank import BANK, Bank, BankStatement

BankStore = Store[Bank, BankStatement]
StoreOpener = Callable[[str], BankStore]


@pytest.fixture
def url(empty_url: str) -> str:
    """Name an empty database: the tables here are not the ledger's."""
    return empty_url


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
