"""主节点租约: one leader at a time, whoever dies and whatever a clock says."""

import asyncio
import signal
import subprocess
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import psycopg
import pytest

from gateway.adapters.ledger.store import LedgerStore
from gateway.errors import LeaseLost
from gateway.ports.leadership import LeaderLease
from gateway.ports.ledger import Ledger
from tests.builders.ledger import AT
from tests.integration.ledger.conftest import StoreOpener

ROOT: Final = Path(__file__).parents[3]
LENGTH: Final = timedelta(minutes=1)
MOMENT: Final = timedelta(microseconds=1)


async def acquire(
    store: LedgerStore, holder: str, now: datetime = AT, name: str = "work"
) -> LeaderLease | None:
    """Ask for the lease as `holder`."""
    return await store.transact(
        lambda ledger: ledger.leadership.acquire(name, holder=holder, now=now, length=LENGTH)
    )


async def acquired(store: LedgerStore, holder: str, now: datetime = AT) -> LeaderLease:
    """Become the leader."""
    lease = await acquire(store, holder, now)
    assert lease is not None
    return lease


async def check(store: LedgerStore, lease: LeaderLease) -> None:
    """Do something as the leader."""
    await store.transact(lambda ledger: ledger.leadership.ensure_held(lease))


async def test_who_comes_first_leads_and_the_others_stand_by(store: LedgerStore) -> None:
    lease = await acquired(store, "a")
    assert lease == LeaderLease("work", "a", AT + LENGTH, fence=1)
    assert await acquire(store, "b") is None
    assert await acquire(store, "b", name="other work") is not None
    await check(store, lease)


async def test_a_leader_that_renews_goes_on_under_the_same_fence(store: LedgerStore) -> None:
    first = await acquired(store, "a")
    again = await acquired(store, "a", AT + LENGTH / 2)
    assert (again.fence, again.until) == (first.fence, AT + 1.5 * LENGTH)
    assert await acquire(store, "b", first.until) is None
    await check(store, first)  # the same leader, the same fence


async def test_a_lease_that_has_ended_is_handed_over(store: LedgerStore) -> None:
    first = await acquired(store, "a")
    assert await acquire(store, "b", first.until - MOMENT) is None
    second = await acquired(store, "b", first.until)
    assert second.fence == first.fence + 1
    await check(store, second)


async def test_a_leader_that_slept_through_the_end_finds_out_before_it_acts(
    store: LedgerStore,
) -> None:
    slept = await acquired(store, "a")
    await acquired(store, "b", slept.until)
    with pytest.raises(LeaseLost):
        await check(store, slept)
    assert await acquire(store, "a", slept.until) is None


async def test_a_leader_that_steps_down_is_followed_at_once(store: LedgerStore) -> None:
    lease = await acquired(store, "a")
    await store.transact(lambda ledger: ledger.leadership.release(lease))
    second = await acquired(store, "b")
    await store.transact(lambda ledger: ledger.leadership.release(lease))  # too late to matter
    await check(store, second)


async def test_a_process_whose_clock_jumps_ahead_takes_over_and_the_old_leader_is_fenced(
    store: LedgerStore,
) -> None:
    before = await acquired(store, "a")
    await acquired(store, "b", AT + timedelta(days=1))
    with pytest.raises(LeaseLost):
        await check(store, before)


async def test_a_clock_that_jumped_ahead_and_died_does_not_keep_the_lease_for_days(
    store: LedgerStore,
) -> None:
    wrong = await acquired(store, "a", AT + timedelta(days=1))
    right = await acquired(store, "b", AT)
    assert right.fence == wrong.fence + 1
    with pytest.raises(LeaseLost):
        await check(store, wrong)


async def test_a_clock_a_little_behind_does_not_take_the_lease_away(store: LedgerStore) -> None:
    lease = await acquired(store, "a")
    assert await acquire(store, "b", AT - LENGTH) is None
    await check(store, lease)


async def test_two_replicas_that_ask_at_once_are_never_both_leaders(
    postgres_url: str, open_at: StoreOpener
) -> None:
    stores = [open_at(postgres_url), open_at(postgres_url)]
    now, fences = AT, []
    for _ in range(20):
        asked = [acquire(store, f"p{n}", now) for n, store in enumerate(stores) for _ in range(3)]
        leases = [lease for lease in await asyncio.gather(*asked) if lease]
        assert len({lease.holder for lease in leases}) == 1
        fences.append(leases[0].fence)
        now += LENGTH
    assert fences == sorted(fences)


async def test_nobody_becomes_the_leader_while_the_leader_acts(
    postgres_url: str, open_at: StoreOpener
) -> None:
    stores = [open_at(postgres_url), open_at(postgres_url)]
    lease = await acquired(stores[0], "a")
    acting, followed, order = threading.Event(), threading.Event(), list[str]()

    def act(ledger: Ledger) -> None:
        ledger.leadership.ensure_held(lease)
        acting.set()
        while not (followed.is_set() or someone_waits(postgres_url)):
            pass
        order.append("a acted")

    async def follow() -> None:
        await acquired(stores[1], "b", lease.until)
        order.append("b leads")
        followed.set()

    waiting = asyncio.create_task(stores[0].transact(act))
    await asyncio.to_thread(acting.wait, 10)
    await asyncio.gather(waiting, follow())
    assert order == ["a acted", "b leads"]


def someone_waits(url: str) -> bool:
    """Tell whether a connection to the database waits for a lock."""
    with psycopg.connect(url) as connection:
        found = connection.execute(
            b"SELECT 1 FROM pg_stat_activity"
            b" WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return found.fetchone() is not None


def kill_a_leader(url: str) -> None:
    """Have another process become the leader, and kill it."""
    command = [sys.executable, "-m", "tests.integration.ledger.leader", url]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as leader:
        assert leader.stdout is not None
        assert leader.stdout.readline() == "leads\n"
        leader.send_signal(signal.SIGKILL)


async def test_a_leader_that_is_killed_is_followed_when_its_lease_ends(
    url: str, open_at: StoreOpener
) -> None:
    kill_a_leader(url)
    store = open_at(url)
    assert await acquire(store, "b", AT + LENGTH - MOMENT) is None
    assert (await acquired(store, "b", AT + LENGTH)).fence == 2
