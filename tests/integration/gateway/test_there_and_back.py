"""One application the whole way through a real gateway, its peers scripted."""

import asyncio
from pathlib import Path

import orjson

from tests.builders.records import JINSHUI, JIYUAN, application_json, outcome_json
from tests.integration.gateway.harness import a_harness, stack_of_two


async def test_an_application_is_pushed_decided_and_reported(tmp_path: Path) -> None:
    async with asyncio.timeout(20), a_harness(stack_of_two(tmp_path)) as harness:
        # Given an application forwarded to a place whose agency takes pushes
        harness.portal.forward(application_json())
        await harness.pushed.arrived.wait()
        dispatch = harness.pushed.delivered[0]
        assert harness.portal.acknowledged == ["SY2026030200001"]
        assert dispatch["agency_code"] == JINSHUI
        assert dispatch["due_on"] is not None

        # When the agency returns its outcome
        outcome = outcome_json(dispatch_no=dispatch["dispatch_no"])
        answered = await harness.jinshui.call(
            "POST", "/agency/v1/outcomes", b'{"outcomes":[' + outcome + b"]}"
        )

        # Then it is accepted, and the portal has it at once
        assert orjson.loads(answered.body)["results"][0]["status"] == "accepted"
        await harness.portal.confirmed.wait()
        assert orjson.loads(harness.portal.reported[0]) == orjson.loads(outcome)


async def test_an_agency_that_fetches_is_woken_by_the_dispatch(tmp_path: Path) -> None:
    async with asyncio.timeout(20), a_harness(stack_of_two(tmp_path)) as harness:
        waiting = asyncio.create_task(
            harness.jiyuan.call("GET", "/agency/v1/dispatches?limit=10&wait=15")
        )
        harness.portal.forward(application_json(place_division="419001"))

        page = orjson.loads((await waiting).body)

        assert [one["agency_code"] for one in page["dispatches"]] == [JIYUAN]
        assert page["more"] is False
