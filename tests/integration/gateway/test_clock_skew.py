"""A clock that is wrong is named in seconds: by the metric, and by `duijie doctor`."""

import asyncio
from pathlib import Path

import pytest

from duijie.checks.result import CheckResult
from duijie.doctor import run_checks
from schemas.reference.clock import utc_now
from tests.builders.records import application_json
from tests.integration.gateway.harness import AGENCIES, served_portal
from tests.integration.gateway.peers import PortalServer
from tests.support.clock import SettableClock
from tests.support.stack import Stack, a_gateway, make_stack
from tests.support.until import until


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    return make_stack(tmp_path, AGENCIES)


def a_portal_ahead_by(seconds: float) -> PortalServer:
    """Return a portal whose clock is ahead of ours."""
    clock = SettableClock(utc_now)
    clock.forward(seconds=seconds)
    return PortalServer(now=clock)


async def national_side(stack: Stack) -> CheckResult:
    """Return what the doctor says of the national side."""
    found = [one async for one in run_checks(stack.gateway_settings())]
    return next(one for one in found if one.subject.startswith("部端"))


@pytest.mark.parametrize(("ahead_s", "words"), [(50, "快 "), (-50, "慢 ")])
async def test_the_doctor_names_clocks_that_drift_apart_in_seconds(
    stack: Stack, ahead_s: int, words: str
) -> None:
    async with served_portal(stack, a_portal_ahead_by(ahead_s)):
        found = await national_side(stack)
    assert not found.is_ok
    assert f"对端时钟比本机{words}" in found.cause
    assert abs(int(found.cause.split()[1]) - abs(ahead_s)) <= 2


async def test_the_doctor_is_content_with_clocks_that_agree(stack: Stack) -> None:
    async with served_portal(stack, a_portal_ahead_by(1)):
        assert (await national_side(stack)).is_ok


async def test_a_refusal_for_the_sake_of_time_is_explained_by_the_clocks(stack: Stack) -> None:
    async with served_portal(stack, a_portal_ahead_by(-1000)):
        found = await national_side(stack)
    assert not found.is_ok
    assert "对端时钟比本机慢" in found.cause


async def test_the_skew_of_a_peer_is_a_metric(stack: Stack) -> None:
    portal = a_portal_ahead_by(40)
    portal.forward(application_json())
    async with (
        asyncio.timeout(20),
        served_portal(stack, portal),
        a_gateway(stack.gateway_settings()) as gateway,
    ):

        def skew_s() -> float:
            registry = gateway.metrics.registry
            found = registry.get_sample_value("duijie_clock_skew_seconds", {"peer": "portal"})
            return found or 0.0

        await until(lambda: 38 <= skew_s() <= 41, "the skew is shown", within_s=15)
