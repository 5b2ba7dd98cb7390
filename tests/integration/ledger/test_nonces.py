"""随机数: a nonce is good once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from gateway.adapters.ledger.store import LedgerStore
from gateway.errors import MessageReplayed
from gateway.ports.ledger import Ledger
from gateway.ports.nonces import Nonce
from tests.builders.ledger import AT, a_nonce
from tests.integration.ledger.conftest import StoreOpener


def consume(ledger: Ledger, nonce: Nonce) -> None:
    ledger.nonces.consume(nonce)


async def test_a_nonce_is_good_once_also_after_reopening(
    url: str, store: LedgerStore, open_at: StoreOpener
) -> None:
    await store.transact(lambda ledger: ledger.nonces.consume(a_nonce("n1")))
    with pytest.raises(MessageReplayed):
        await store.transact(lambda ledger: ledger.nonces.consume(a_nonce("n1")))
    await store.transact(lambda ledger: ledger.nonces.consume(a_nonce("n2")))
    await store.transact(
        lambda ledger: ledger.nonces.consume(replace(a_nonce("n1"), key_id="other"))
    )
    await store.close()
    again = open_at(url)
    with pytest.raises(MessageReplayed):
        await again.transact(lambda ledger: ledger.nonces.consume(a_nonce("n2")))


async def test_nonces_are_deleted_the_oldest_first_and_a_few_at_a_time(
    store: LedgerStore, sql: Callable[..., list[tuple[object, ...]]]
) -> None:
    for age in range(5):
        nonce = a_nonce(f"n-{age}", AT - timedelta(minutes=age))
        await store.transact(partial(consume, nonce=nonce))
    before = AT - timedelta(minutes=1)
    counts = [
        await store.transact(lambda ledger: ledger.nonces.delete_expired(before, limit=2))
        for _ in range(3)
    ]
    assert counts == [2, 1, 0]
    assert sql("SELECT nonce FROM nonces ORDER BY nonce") == [("n-0",), ("n-1",)]
