"""A ledger that a test opens, and opens again."""

from collections.abc import AsyncIterator, Callable

import pytest

from gateway.adapters.ledger.store import LedgerStore, open_ledger
from storage.sealing import Sealer
from tests.builders.ledger import AT, a_sealer

StoreOpener = Callable[..., LedgerStore]


@pytest.fixture
async def open_at(anyio_backend: str) -> AsyncIterator[StoreOpener]:
    """Give a function that opens a store at a URL; all are closed after the test."""
    opened: list[LedgerStore] = []

    def opener(url: str, sealer: Sealer | None = None) -> LedgerStore:
        opened.append(open_ledger(url, sealer=sealer or a_sealer(), now=lambda: AT))
        return opened[-1]

    yield opener
    for store in opened:
        await store.close()


@pytest.fixture
async def store(url: str, open_at: StoreOpener) -> LedgerStore:
    """Open the store at `url`."""
    return open_at(url)
