"""Waiting for others: a peer is left alone as long as it asks, our own store never for long."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gateway.adapters.ledger.store import open_ledger
from gateway.errors import PeerFailure, PeerUnavailable
from gateway.flows.failpoints import no_hook
from gateway.flows.relay import Relayed
from gateway.jobs.connection_pause import ConnectionPause
from gateway.jobs.intake import IntakeLoop, IntakeTerms
from gateway.jobs.maintenance import MaintenanceLoop
from gateway.jobs.relay import RelayLoop
from gateway.jobs.wake_event import WakeEvent
from gateway.metrics import Metrics
from gateway.ports.store import Store
from storage import sealing_keys
from storage.errors import StoreUnavailable
from storage.reasons import StoreReason
from storage.sealing import Sealer
from tests.builders.records import application_json, rules
from tests.support.clock import SettableClock
from tests.support.peers import ScriptedPortal

DAYS = 200


def busy(retry_after_s: float | None) -> PeerUnavailable:
    """Return a signed 503 that asks for a wait."""
    return PeerUnavailable("portal", PeerFailure.STATUS, status=503, retry_after_s=retry_after_s)


class Sends:
    """What each call comes to; new messages come at every wake-up, so something is always due."""

    def __init__(self, clock: SettableClock, *plan: Exception | None) -> None:
        self._clock, self._plan = clock, list(plan)
        self.at: list[float] = []

    async def __call__(self, *, limit: int) -> Relayed:
        """Do what is planned next."""
        self.at.append(self._clock.ahead.total_seconds())
        failure = self._plan.pop(0) if self._plan else None
        if isinstance(failure, PeerUnavailable):
            return Relayed(limit, postponed=limit, failure=failure)
        if failure is not None:
            raise failure
        return Relayed(1, settled=1)


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(version="0", contract="0")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    sealer = Sealer(sealing_keys.create(tmp_path / "ledger.json"))
    clock = SettableClock()
    opened = open_ledger(f"sqlite:///{tmp_path}/gateway.db", sealer=sealer, now=clock)
    yield opened
    await opened.close()


@pytest.mark.parametrize(("asked_s", "granted_s"), [(0.0, 1), (600.0, 600), (1e9, 3600)])
async def test_what_a_peer_asks_binds_new_messages_too_whoever_wakes_the_loop(
    metrics: Metrics, asked_s: float, granted_s: int
) -> None:
    clock = SettableClock()
    sends = Sends(clock, busy(asked_s))
    relay = RelayLoop("410105-01", sends, now=clock, jitter=lambda: 0.0, metrics=metrics)

    await relay.turn()
    while len(sends.at) == 1:
        relay.wake_event.wake()  # a new message, or the tick
        await relay.turn()
        clock.forward(seconds=granted_s / 8)

    assert sends.at[1] >= granted_s
    assert sends.at[1] <= granted_s * 9 / 8


async def test_what_the_portal_asks_of_the_intake_binds_the_reports_and_the_other_way(
    store: Store, metrics: Metrics
) -> None:
    clock = SettableClock()
    pause = ConnectionPause(clock)
    portal = ScriptedPortal(plan=[busy(600), [application_json()]])
    terms = IntakeTerms(rules(), clock, lambda: 0.0, no_hook, 60, 25)
    intake = IntakeLoop(portal, store=store, terms=terms, metrics=metrics, pause=pause)
    sends = Sends(clock, busy(900))
    relay = RelayLoop("portal", sends, now=clock, jitter=lambda: 0.0, metrics=metrics, pause=pause)

    assert await intake.turn() == 600
    assert await relay.turn() == 600
    assert not sends.at
    clock.forward(seconds=600)
    assert await relay.turn() == 900
    assert await intake.turn() == 900
    assert len(portal.asked) == 1
    clock.forward(seconds=900)
    assert await intake.turn() == 0.0
    assert len(portal.acknowledged) == 1


async def test_a_tick_ends_the_pause_of_the_intake_but_never_the_one_the_portal_asked_for(
    store: Store, metrics: Metrics
) -> None:
    clock = SettableClock()
    portal = ScriptedPortal(plan=[busy(None), busy(3600), [application_json()]])
    terms = IntakeTerms(rules(), clock, lambda: 0.999, no_hook, 60, 25)
    intake = IntakeLoop(portal, store=store, terms=terms, metrics=metrics)

    assert await intake.turn() > 1.5
    clock.forward(seconds=1)  # our own pause is longer, and a tick ends it
    assert await intake.turn() == 3600
    clock.forward(seconds=3599)
    assert await intake.turn() == 1
    assert len(portal.asked) == 2
    clock.forward(seconds=1)
    assert await intake.turn() == 0.0


@pytest.mark.parametrize("failure", [busy(None), PeerUnavailable("portal"), KeyError("unexpected")])
async def test_a_failing_peer_is_tried_once_a_second_at_most(
    metrics: Metrics, failure: Exception
) -> None:
    clock = SettableClock()
    sends = Sends(clock, *[failure] * 50)
    relay = RelayLoop("410105-01", sends, now=clock, jitter=lambda: 0.0, metrics=metrics)

    for _ in range(300):
        relay.wake_event.wake()
        await relay.turn()
        clock.forward(seconds=0.1)

    gaps = [later - earlier for earlier, later in zip(sends.at, sends.at[1:], strict=False)]
    assert len(gaps) > 10
    assert min(gaps) >= 1.0 - 1e-6


async def test_a_fault_of_our_own_store_is_tried_again_within_seconds_as_long_as_it_lasts(
    store: Store, metrics: Metrics
) -> None:
    clock = SettableClock()
    sends = Sends(clock, *[StoreUnavailable(StoreReason.CLOSING.at())] * DAYS)
    relay = RelayLoop("portal", sends, now=clock, jitter=lambda: 0.999, metrics=metrics)
    portal = ScriptedPortal(plan=[StoreUnavailable(StoreReason.CLOSING.at())] * DAYS)
    terms = IntakeTerms(rules(), clock, lambda: 0.999, no_hook, 60, 25)
    intake = IntakeLoop(portal, store=store, terms=terms, metrics=metrics)

    for loop in (relay, intake):
        pauses = [await loop.turn() for _ in range(DAYS)]
        assert min(pauses) >= 1.0
        assert max(pauses) <= 2.0
    assert relay.breaker.failures == 0
    assert await relay.turn() == 0.0


async def test_the_maintenance_tries_a_failing_store_again_within_seconds(
    store: Store, metrics: Metrics
) -> None:
    tried = asyncio.Event()
    turns = 0

    def failing_clock() -> datetime:
        nonlocal turns
        turns += 1
        if turns > 1:
            tried.set()
        raise StoreUnavailable(StoreReason.CLOSING.at())

    loop = MaintenanceLoop(
        holder="a", store=store, now=failing_clock, metrics=metrics, jitter=lambda: 0.0
    )
    running = asyncio.create_task(loop.run())
    async with asyncio.timeout(10):
        await tried.wait()
        loop.stop()
        await running


async def test_only_stopping_ends_a_rest() -> None:
    wake_event = WakeEvent()
    resting = asyncio.create_task(wake_event.rest(3600))
    wake_event.wake()
    await asyncio.wait([resting], timeout=0.01)
    assert not resting.done()
    wake_event.stop()
    async with asyncio.timeout(10):
        await resting
        await wake_event.rest(3600)
    await WakeEvent().rest(timedelta(milliseconds=1).total_seconds())
