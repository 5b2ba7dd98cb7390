"""本人承诺: nobody is registered without having consented, on either way in, by which article.

Source: 湖南基层公共就业服务经办规程 art. 2(4); 人社厅发〔2020〕3号 art. 3.
"""

import asyncio
from pathlib import Path
from typing import Any

import orjson

from tests.builders.extended import registration_json
from tests.builders.records import application_json, outcome_json
from tests.integration.gateway.harness import a_harness, stack_of_two
from tests.support.signing_client import SigningClient

UNCONSENTED = {"given": False, "date": "2026-03-01", "text_version": "2020-1"}
ARTICLE = "湖南基层公共就业服务经办规程 第二条（4）"


async def refused(agency: SigningClient, operation: str, item: bytes) -> dict[str, Any]:
    """Hand one item in; return the problem that it is answered."""
    body = b'{"%b":[%b]}' % (operation.encode(), item)
    answered = await agency.call("POST", f"/agency/v1/{operation}", body)
    (result,) = orjson.loads(answered.body)["results"]
    assert result["status"] == "refused"
    problem: dict[str, Any] = result["problem"]
    return problem


async def test_a_forwarded_application_without_consent_is_not_passed(tmp_path: Path) -> None:
    async with asyncio.timeout(20), a_harness(stack_of_two(tmp_path)) as harness:
        harness.portal.forward(application_json(commitment=UNCONSENTED))
        await harness.pushed.arrived.wait()
        number = str(harness.pushed.delivered[0]["dispatch_no"])
        passed = outcome_json(dispatch_no=number)
        problem = await refused(harness.jinshui, "outcomes", passed)
        assert problem["code"] == "outcome.commitment-missing"
        assert ARTICLE in problem["detail"]
        assert harness.portal.reported == []


async def test_a_local_registration_without_consent_is_not_passed(tmp_path: Path) -> None:
    async with asyncio.timeout(20), a_harness(stack_of_two(tmp_path)) as harness:
        sent = registration_json(commitment=UNCONSENTED)
        problem = await refused(harness.jiyuan, "registrations", sent)
        assert problem["code"] == "message.invalid"
        (error,) = problem["errors"]
        assert error["code"] == "field.value-error"
        assert ARTICLE in error["message"]
