"""租约时钟: a wall clock that jumps makes no second leader, and locks no message away."""

import math
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Final

import pytest

from gateway.adapters.ledger.store import LedgerStore, open_ledger
from gateway.domain.retry_policy import LONGEST_WAIT
from gateway.errors import MessageReplayed
from gateway.ports.outbox import ClaimedMessage
from schemas.reference.clock import utc_now
from storage.lease_clock import LeaseClock
from tests.builders.ledger import AT, a_message, a_nonce, a_sealer
from tests.integration.ledger.test_outbox import LEASE, PEER, numbers, settle
from tests.support.clock import SettableClock

STEPS: Final = (
    timedelta(hours=1),
    -timedelta(hours=1),
    timedelta(days=366),
    -timedelta(days=366),
)
LENGTH: Final = timedelta(minutes=3)


class Uptime:
    """How long a machine has been up, as the test says."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        """Return it."""
        return self.seconds


@pytest.fixture
def wall() -> SettableClock:
    return SettableClock(utc_now())  # near the clock of the database, which is not to be set


@pytest.fixture
def uptime() -> Uptime:
    return Uptime()


@pytest.fixture
async def store(
    url: str, anyio_backend: str, wall: SettableClock, uptime: Uptime
) -> AsyncIterator[LedgerStore]:
    """Open a ledger whose leases go by a lease clock, on a machine whose wall clock is set."""
    opened = open_ledger(
        url, sealer=a_sealer(), now=wall, lease_clock=LeaseClock(wall, uptime, math.inf)
    )
    yield opened
    await opened.close()


async def claim(store: LedgerStore, now: datetime) -> list[ClaimedMessage]:
    return await store.transact(
        lambda ledger: ledger.outbox.claim(PEER, limit=50, now=now, until=now + LEASE)
    )


async def next_due(store: LedgerStore) -> datetime | None:
    return await store.transact(lambda ledger: ledger.outbox.next_due(PEER))


async def enqueue(store: LedgerStore, key: str, due_at: datetime) -> None:
    message = a_message(key, due_at=due_at)
    await store.transact(lambda ledger: ledger.outbox.enqueue([message]))


async def lead(store: LedgerStore, holder: str, now: datetime) -> bool:
    """Ask for the lease; say whether it was given."""
    lease = await store.transact(
        lambda ledger: ledger.leadership.acquire("work", holder=holder, now=now, length=LENGTH)
    )
    return lease is not None


@pytest.mark.parametrize("step", STEPS)
async def test_a_step_of_the_wall_clock_frees_no_message_and_locks_none_away(
    store: LedgerStore, wall: SettableClock, uptime: Uptime, step: timedelta
) -> None:
    # Given a message on the way, and one put off for five minutes
    await store.transact(lambda ledger: ledger.outbox.enqueue([a_message("A"), a_message("B")]))
    on_the_way, put_off = await claim(store, wall())
    later = wall() + timedelta(minutes=5)
    await store.transact(lambda ledger: ledger.outbox.postpone([put_off], later, "peer.busy"))

    # When the wall clock jumps, neither is claimed, and what is enqueued now is
    wall.ahead += step
    await enqueue(store, "C", wall())
    fresh = await claim(store, wall())
    assert numbers(fresh) == ["C-1"]
    await settle(store, fresh)

    # And each is free at its time, as the machine's uptime has it
    due = await next_due(store)
    assert due is not None
    assert timedelta(seconds=59) <= due - wall() <= timedelta(seconds=61)
    uptime.seconds += 61
    assert numbers(await claim(store, wall())) == [on_the_way.number]
    uptime.seconds += 240
    assert put_off.number in numbers(await claim(store, wall()))


@pytest.mark.parametrize("step", STEPS)
async def test_a_step_of_the_wall_clock_makes_no_second_leader(
    store: LedgerStore, wall: SettableClock, uptime: Uptime, step: timedelta
) -> None:
    assert await lead(store, "a", wall())
    wall.ahead += step
    assert not await lead(store, "b", wall())
    assert await lead(store, "a", wall())
    uptime.seconds += LENGTH.total_seconds() + 1
    assert await lead(store, "b", wall())
    assert not await lead(store, "a", wall())


async def test_what_a_process_with_a_wrong_clock_left_behind_is_free_soon(
    url: str, store: LedgerStore, wall: SettableClock, sql: Callable[..., object]
) -> None:
    year = int(timedelta(days=366).total_seconds() * 1e6)
    await store.transact(lambda ledger: ledger.outbox.enqueue([a_message("A"), a_message("B")]))
    sql(f"UPDATE outbox SET due_at = due_at + {year} WHERE case_key = 'A'")
    sql(f"UPDATE outbox SET lease_until = due_at + {year} WHERE case_key = 'B'")
    assert numbers(await claim(store, wall())) == ["B-1"]
    assert await next_due(store) is not None  # which is asked when nothing is due
    assert numbers(await claim(store, wall())) == ["A-1"]


async def test_the_longest_pause_that_a_peer_may_ask_for_is_kept(
    store: LedgerStore, wall: SettableClock
) -> None:
    await store.transact(lambda ledger: ledger.outbox.enqueue([a_message("A")]))
    until = wall() + LONGEST_WAIT
    claimed = await claim(store, wall())
    await store.transact(lambda ledger: ledger.outbox.postpone(claimed, until, "peer.busy"))
    assert await next_due(store) == until
    assert await claim(store, wall()) == []


async def test_a_clock_set_forward_for_a_while_makes_no_used_nonce_new(
    store: LedgerStore, wall: SettableClock
) -> None:
    nonce = a_nonce("n-1", wall() + timedelta(minutes=1))
    await store.transact(lambda ledger: ledger.nonces.consume(nonce))
    wall.forward(days=366)
    before = wall()
    assert await store.transact(lambda ledger: ledger.nonces.delete_expired(before, limit=9)) == 0
    wall.forward(days=-366)
    with pytest.raises(MessageReplayed):
        await store.transact(lambda ledger: ledger.nonces.consume(nonce))


async def test_replicas_whose_wall_clocks_differ_go_by_the_clock_of_the_database(
    make_ledger_database: Callable[[], str],
) -> None:
    # Given two gateways on one database, one of them a year ahead
    url = make_ledger_database()
    walls = SettableClock(AT), SettableClock(AT + timedelta(days=366))
    stores = [
        open_ledger(url, sealer=a_sealer(), now=wall, lease_clock=LeaseClock(wall))
        for wall in walls
    ]

    # When each enqueues a message, both are due to either
    for store, wall, key in zip(stores, walls, "AB", strict=True):
        await enqueue(store, key, wall())
    assert sorted(numbers(await claim(stores[0], walls[0]()))) == ["A-1", "B-1"]

    # Then what one has claimed the other does not claim, nor lead while it leads
    assert await claim(stores[1], walls[1]()) == []
    leaders = [
        await lead(store, holder, wall())
        for store, wall, holder in zip(stores, walls, "ab", strict=True)
    ]
    assert leaders == [True, False]
    for store in stores:
        await store.close()
