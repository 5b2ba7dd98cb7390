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


async def test_nonces_long_expired_are_forgotten_while_others_are_spent(
    store: LedgerStore, sql: Callable[..., list[tuple[object, ...]]]
) -> None:
    expired = [a_nonce(f"old-{number}", AT - timedelta(days=1)) for number in range(40)]
    kept = a_nonce("just-expired", AT - timedelta(minutes=5))
    for nonce in [*expired, kept]:
        await store.transact(partial(consume, nonce=nonce))
    for number in range(600):
        fresh = a_nonce(f"new-{number}", AT + timedelta(minutes=5))
        await store.transact(partial(consume, nonce=fresh), durable=False)
    await store.close()
    assert sql("SELECT count(*) FROM nonces") == [(601,)]
