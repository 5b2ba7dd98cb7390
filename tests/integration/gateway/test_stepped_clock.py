"""A wall clock that steps: no wait within the process is shorter or longer for it."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from gateway.app.build import build
from gateway.app.build_context import BuildContext
from gateway.app.lifecycle import Gateway
from gateway.domain.retry_policy import Breaker
from gateway.errors import PeerFailure, PeerUnavailable
from gateway.flows.failpoints import no_hook
from gateway.flows.relay import Relayed
from gateway.jobs.relay import RelayLoop
from gateway.metrics import Metrics
from tests.integration.gateway.harness import stack_of_two
from tests.support.clock import SettableClock

STEPS: Final = (timedelta(days=1), -timedelta(days=1), timedelta(seconds=30))


@pytest.fixture
def wall() -> SettableClock:
    return SettableClock()


@pytest.fixture
def monotonic() -> SettableClock:
    return SettableClock()


@pytest.mark.parametrize("step", STEPS)
async def test_an_open_circuit_closes_at_its_time_whatever_the_wall_clock_does(
    wall: SettableClock, monotonic: SettableClock, step: timedelta
) -> None:
    # Given a circuit that five failures in a row have opened for some seconds
    calls = 0

    async def fail(*, limit: int) -> Relayed:
        nonlocal calls
        calls += 1
        failure = PeerUnavailable("410105-01", PeerFailure.STATUS, status=503)
        return Relayed(limit, postponed=limit, failure=failure)

    metrics = Metrics(version="0", contract="0")
    relay = RelayLoop(
        "410105-01", fail, now=wall, monotonic=monotonic, jitter=lambda: 0.999, metrics=metrics
    )
    while calls < 8:
        monotonic.forward(seconds=await relay.turn())
    left_s = await relay.turn()
    assert left_s > 2

    # When the wall clock steps, then the peer is left alone for just as long as before
    wall.ahead += step
    assert await relay.turn() == left_s
    monotonic.forward(seconds=left_s)
    assert not relay.is_circuit_open
    await relay.turn()
    assert calls == 10


@pytest.mark.parametrize("step", STEPS)
async def test_every_wait_of_a_gateway_goes_by_its_monotonic_clock(
    tmp_path: Path, wall: SettableClock, monotonic: SettableClock, step: timedelta
) -> None:
    metrics = Metrics(version="0", contract="0")
    context = BuildContext(wall, lambda: 0.999, no_hook, metrics, monotonic=monotonic)
    async with asyncio.timeout(30), AsyncExitStack() as closing:
        settings = stack_of_two(tmp_path).gateway_settings()
        parts = build(settings, context, closing=closing, on_broken=lambda _: None)

        # Given a portal that does not answer, and an agency whose circuit is open
        await parts.intake.turn()
        reports, agency = parts.relays
        agency.breaker = Breaker(5, monotonic() + timedelta(minutes=1))
        loops = parts.intake, reports, agency
        assert [await loop.turn() for loop in loops] == [1.0, 1.0, 60.0]

        # When the wall clock steps, then no wait is another
        wall.ahead += step
        assert [await loop.turn() for loop in loops] == [1.0, 1.0, 60.0]
        monotonic.forward(seconds=5)
        figures = metrics.exposition()
        assert b"duijie_breakers_open 1.0" in figures
        assert b"duijie_pull_lag_seconds 5.0" in figures


def test_a_gateway_that_is_told_no_time_waits_by_a_clock_that_nothing_sets(tmp_path: Path) -> None:
    settings = stack_of_two(tmp_path).gateway_settings()
    context = Gateway(settings)._context
    assert context.monotonic is not None
    assert context.monotonic is not context.lease_clock
