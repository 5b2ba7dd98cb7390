"""响应丢失等: lost replies, repeats, slow and absent peers: all come back, once."""

import asyncio
from pathlib import Path

import pytest

from duijie.clients.control_client import ControlClient, checked_request
from simulator.web.control.requests import ArmFaultRequest
from tests.system.kills.checker import Report, check
from tests.system.kills.harness import KillHarness, a_kill_harness
from tests.system.kills.load import Load
from tests.system.kills.transcript import transcribe
from tests.system.kills.transcript_shape import Transcript, read_transcript


def fault(name: str, operation: str, **more: object) -> ArmFaultRequest:
    return checked_request(ArmFaultRequest, fault=name, operation=operation, **more)


async def survived(harness: KillHarness, *faults: ArmFaultRequest) -> tuple[Transcript, Report]:
    """Arm faults, let people file, and wait until all is back; return the transcript."""
    async with ControlClient(harness.simulator.addresses.control) as control:
        for one in faults:
            await control.arm(one)
        load = Load(harness.simulator, harness.clock)
        async with asyncio.TaskGroup() as people:
            people.create_task(load.run(people))
            await harness.finish(load)
        armed = await control.faults()
    assert all(one.happened > 0 for one in armed)
    transcript = read_transcript(await transcribe(harness.simulator, load))
    return transcript, check(transcript)


CAME_AGAIN = {
    "downloadApplications": "redelivered",
    "uploadOutcomes": "rereported",
    "deliverDispatches": "redispatched",
}
OPERATIONS = [*CAME_AGAIN, "acknowledgeApplications"]


@pytest.mark.parametrize(("operation", "came_again"), CAME_AGAIN.items())
async def test_a_lost_reply_is_unknown_and_goes_again(
    tmp_path: Path, operation: str, came_again: str
) -> None:
    async with a_kill_harness(tmp_path) as harness:
        _, report = await survived(harness, fault("lost-reply", operation, count=2))

    assert report.findings == ()
    assert getattr(report, came_again) > 0
    assert report.filed == report.back + report.withdrawn == 13


async def test_a_lost_reply_to_an_acknowledgement_changes_nothing(tmp_path: Path) -> None:
    async with a_kill_harness(tmp_path) as harness:
        _, report = await survived(harness, fault("lost-reply", "acknowledgeApplications", count=2))

    assert report.findings == ()
    assert report.redelivered == report.redispatched == 0


@pytest.mark.parametrize(
    ("operation", "mode"),
    [("downloadApplications", "page"), ("acknowledgeApplications", "after-acknowledgement")],
)
async def test_an_application_that_comes_twice_is_taken_once(
    tmp_path: Path, operation: str, mode: str
) -> None:
    async with a_kill_harness(tmp_path) as harness:
        transcript, report = await survived(
            harness, fault("duplicate", operation, count=2, params={"mode": mode})
        )

    assert report.findings == ()
    assert report.redispatched == 0
    assert sum(len(agency["dispatches"]) for agency in transcript["agencies"]) == 12


@pytest.mark.parametrize(
    "operation", ["downloadApplications", "acknowledgeApplications", "uploadOutcomes"]
)
async def test_a_national_side_that_is_away_is_asked_again(tmp_path: Path, operation: str) -> None:
    async with a_kill_harness(tmp_path) as harness:
        _, report = await survived(harness, fault("unavailable", operation))

    assert report.findings == ()
    assert report.rereported == 0


async def test_an_agency_that_is_away_gets_its_dispatches_later(tmp_path: Path) -> None:
    async with a_kill_harness(tmp_path) as harness:
        _, report = await survived(harness, fault("unavailable", "deliverDispatches"))

    assert report.findings == ()
    assert report.redispatched == 0


@pytest.mark.parametrize("moment", ["ms", "after_ms"])
async def test_slow_peers_only_cost_time(tmp_path: Path, moment: str) -> None:
    delays = [fault("delay", one, nth=2, params={moment: 150}) for one in OPERATIONS]
    async with a_kill_harness(tmp_path) as harness:
        _, report = await survived(harness, *delays)

    assert report.findings == ()
    assert report.redispatched == report.rereported == 0


async def test_all_faults_at_once_lose_and_double_nothing(tmp_path: Path) -> None:
    async with a_kill_harness(tmp_path) as harness:
        _, report = await survived(
            harness,
            *(fault("lost-reply", operation, nth=1) for operation in OPERATIONS),
            *(fault("delay", operation, nth=2, params={"ms": 20}) for operation in OPERATIONS),
            fault("duplicate", "acknowledgeApplications", params={"mode": "after-acknowledgement"}),
            fault("unavailable", "uploadOutcomes", nth=2),
        )

    assert report.findings == ()
    assert report.filed == report.back + report.withdrawn == 13
