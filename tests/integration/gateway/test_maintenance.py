"""维护: one process tidies the ledger, another takes over when it is gone."""

from typing import Final

import pytest

from gateway.adapters.ledger.store import LedgerStore
from gateway.errors import LeaseLost, MessageReplayed
from gateway.flows.maintenance import LEASE_LENGTH, NONCES_AT_ONCE, delete_expired_nonces, lead
from gateway.jobs.maintenance import MaintenanceLoop, new_holder
from gateway.metrics import Metrics
from gateway.ports.ledger import Ledger
from tests.builders.ledger import a_nonce
from tests.support.clock import SettableClock

METRICS: Final = Metrics(version="0", contract="0")


async def use_nonces(store: LedgerStore, clock: SettableClock, count: int) -> None:
    """Use up nonces that expire now."""

    def work(ledger: Ledger) -> None:
        for number in range(count):
            ledger.nonces.consume(a_nonce(f"n-{number}", clock()))

    await store.transact(work)


async def test_nonces_outlive_their_use_a_while_and_are_deleted_then(
    store: LedgerStore, clock: SettableClock
) -> None:
    loop = MaintenanceLoop(holder="a", store=store, now=clock, metrics=METRICS)
    count = NONCES_AT_ONCE + 20
    await use_nonces(store, clock, count)
    clock.forward(minutes=9)
    assert await loop.turn() == 0
    with pytest.raises(MessageReplayed):
        await use_nonces(store, clock, 1)
    clock.forward(minutes=2)
    assert await loop.turn() == count
    assert await loop.turn() == 0


async def test_only_one_process_tidies_and_another_when_that_one_is_gone(
    store: LedgerStore, clock: SettableClock
) -> None:
    first, second = (
        MaintenanceLoop(holder=new_holder(), store=store, now=clock, metrics=METRICS)
        for _ in range(2)
    )
    assert await first.turn() == 0
    await use_nonces(store, clock, 3)
    clock.forward(minutes=11)
    assert await first.turn() == 3
    await use_nonces(store, clock, 3)
    assert await second.turn() == 0  # it stands by
    clock.forward(minutes=11)  # the first is gone, and so is its lease
    assert await second.turn() == 3
    assert await first.turn() == 0


async def test_a_loop_that_stops_lets_another_lead_at_once(
    store: LedgerStore, clock: SettableClock
) -> None:
    first, second = (
        MaintenanceLoop(holder=new_holder(), store=store, now=clock, metrics=METRICS)
        for _ in range(2)
    )
    await use_nonces(store, clock, 3)
    await first.turn()
    first.stop()
    await first.run()
    clock.forward(minutes=11)
    assert await second.turn() == 3


async def test_a_leader_that_was_followed_deletes_nothing(
    store: LedgerStore, clock: SettableClock
) -> None:
    lease = await lead(holder="a", store=store, now=clock)
    assert lease is not None
    await use_nonces(store, clock, 3)
    clock.forward(seconds=LEASE_LENGTH.total_seconds())
    assert await lead(holder="b", store=store, now=clock) is not None
    clock.forward(minutes=11)
    with pytest.raises(LeaseLost):
        await delete_expired_nonces(lease, store=store, now=clock)
    assert await MaintenanceLoop(holder="b", store=store, now=clock, metrics=METRICS).turn() == 3
