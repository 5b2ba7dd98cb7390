"""/province/v1: the national side pushes; who may, what it is answered, and what is counted."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Final

import orjson
import pytest
from click.testing import CliRunner

from duijie.commands.gateway_case import case
from gateway.flows.failpoints import Failpoint
from schemas.reference.clock import utc_now
from schemas.signing import Link, Suite, new_key, write_key_file
from tests.builders.records import JINSHUI, application_json, withdrawal_json
from tests.integration.gateway.harness import Harness, a_harness, stack_of_two
from tests.support.signing_client import SigningClient

PUSH: Final = "/province/v1/applications"


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[Harness]:
    async with asyncio.timeout(60), a_harness(stack_of_two(tmp_path)) as running:
        yield running


def a_push(*items: bytes) -> bytes:
    return b'{"items":[%b]}' % b",".join(items)


def submitted(ago: timedelta, number: str) -> bytes:
    at = (utc_now() - ago).isoformat()
    return application_json(application_no=number, submitted_at=at, forwarded_at=at)


async def test_a_push_is_answered_item_by_item_and_goes_on_to_the_agency(harness: Harness) -> None:
    body = a_push(application_json(), withdrawal_json(application_no="SY-2"), b'{"kind":"other"}')

    answered = await harness.portal_as_caller.call("POST", PUSH, body)

    assert (answered.status, answered.results) == (200, ["accepted", "accepted", "message.invalid"])
    await harness.pushed.arrived.wait()
    assert harness.pushed.delivered[0]["agency_code"] == JINSHUI
    again = await harness.portal_as_caller.call("POST", PUSH, body)
    assert again.results == ["duplicate", "duplicate", "message.invalid"]
    assert again.receipts[:2] == answered.receipts[:2]
    assert harness.portal.acknowledged == []  # nothing was downloaded


async def test_only_the_key_of_pushes_may_push(harness: Harness, tmp_path: Path) -> None:
    # Given an agency, and who signs with the key of the portal's answers
    body = a_push(application_json())
    answers = SigningClient(
        harness.jinshui.base, stack_of_two(tmp_path).portal().of_answerer(), harness.session
    )

    by_agency = await harness.jinshui.call("POST", PUSH, body)
    signed = answers.sign("POST", PUSH, body)
    by_answer_key = await answers.send("POST", PUSH, body, signed.headers)

    assert (by_agency.status, by_agency.code) == (403, "auth.not-allowed")
    assert (by_answer_key.status, by_answer_key.code) == (401, "signature.unknown-key")
    assert await harness.figure('duijie_push_rows_total{verdict="accepted"}') == 0


async def test_a_push_that_is_replayed_is_refused_and_one_sent_again_is_a_duplicate(
    harness: Harness,
) -> None:
    body, portal = a_push(application_json()), harness.portal_as_caller
    signed = portal.sign("POST", PUSH, body)

    first = await portal.send("POST", PUSH, body, signed.headers)
    replayed = await portal.send("POST", PUSH, body, signed.headers)
    again = await portal.call("POST", PUSH, body)

    assert first.results == ["accepted"]
    assert (replayed.status, replayed.code) == (401, "signature.replayed")
    assert (again.results, again.receipts) == (["duplicate"], first.receipts)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b'{"items":[]}', 422, "message.invalid"),
        (b'{"items":[{}],"more":true}', 422, "message.invalid"),
        (b'{"items":[' + b",".join([b"{}"] * 201) + b"]}", 413, "message.too-large"),
        (b'{"items":[{]}', 400, "message.malformed"),
        (b"[]", 422, "message.invalid"),
    ],
)
async def test_a_push_that_is_no_batch_is_refused_whole(
    harness: Harness, body: bytes, status: int, code: str
) -> None:
    answered = await harness.portal_as_caller.call("POST", PUSH, body)
    assert (answered.status, answered.code) == (status, code)


async def test_what_comes_late_is_counted_logged_and_shown_whichever_way_it_came(
    harness: Harness, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "gateway")
    late, early = submitted(timedelta(minutes=75), "SY-L"), submitted(timedelta(minutes=5), "SY-E")
    ahead = submitted(timedelta(minutes=-3), "SY-A")

    # When items are pushed, pushed again, and others downloaded
    for _ in range(2):
        await harness.portal_as_caller.call("POST", PUSH, a_push(late, early, ahead))
    harness.portal.forward(submitted(timedelta(hours=3), "SY-P"))
    await harness.failpoints.passed(Failpoint.PAGE_ACKNOWLEDGED)

    # Then each counts once, by its way; a clock ahead of ours makes no lag
    lag = 'duijie_intake_lag_seconds_{}{{since="submitted",way="{}"}}'
    assert await harness.figure(lag.format("count", "push")) == 3
    assert await harness.figure(lag.format("count", "pull")) == 1
    assert 4800 <= await harness.figure(lag.format("sum", "push")) <= 4900
    for way in ("push", "pull"):
        assert await harness.figure(f'duijie_intake_late_total{{way="{way}"}}') == 1
    assert await harness.figure('duijie_intake_ahead_total{way="push"}') == 1
    assert await harness.figure('duijie_push_rows_total{verdict="accepted"}') == 3
    assert await harness.figure('duijie_push_rows_total{verdict="repeated"}') == 3
    said = [vars(record)["facts"] for record in caplog.records if record.msg == "page.late"]
    assert [(one["way"], one["count"]) for one in said] == [("push", 1), ("pull", 1)]
    assert 4500 <= said[0]["lag_s"] < 4600
    assert set(said[0]) == {"way", "count", "lag_s"}

    # And its page says by how much
    async with harness.session.get(f"{harness.gateway.addresses.console}/cases/SY-L") as page:
        assert "下载滞后：自提交至入库 75 分钟，超过 1 小时" in await page.text()
    async with harness.session.get(f"{harness.gateway.addresses.console}/cases/SY-E") as page:
        assert "下载滞后" not in await page.text()


async def test_the_command_says_by_how_much_a_case_came_too_late(
    harness: Harness, tmp_path: Path
) -> None:
    late, early = submitted(timedelta(minutes=75), "SY-L"), submitted(timedelta(minutes=5), "SY-E")
    await harness.portal_as_caller.call("POST", PUSH, a_push(late, early))
    config = str(tmp_path / "gateway.toml")

    shown, others, record = [
        await asyncio.to_thread(CliRunner().invoke, case, [*words, "--config", config])
        for words in (["SY-L"], ["SY-E"], ["SY-L", "--json"])
    ]

    assert "下载滞后：自提交至入库 75 分钟，超过 1 小时" in shown.output
    assert "下载滞后" not in others.output
    assert orjson.loads(record.output)["download_late_minutes"] == 75


async def test_what_is_refused_is_logged_by_its_code_alone(
    harness: Harness, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "gateway")
    other = application_json(aac010="中原区")
    await harness.portal_as_caller.call("POST", PUSH, a_push(application_json(), other, other))
    said = [vars(record)["facts"] for record in caplog.records if record.msg == "push.refused"]
    assert said == [{"code": "application.conflict", "count": 2}]


async def test_without_a_key_for_pushes_whoever_is_known_is_told_that_nothing_is_pushed_here(
    tmp_path: Path,
) -> None:
    stack = stack_of_two(tmp_path)
    written = stack.gateway_file.read_text("utf-8").splitlines()
    kept = [line for line in written if not line.startswith("push_key_file")]
    stack.gateway_file.write_text("\n".join(kept), "utf-8")
    async with asyncio.timeout(60), a_harness(stack) as harness:
        portal = SigningClient(harness.jinshui.base, stack.portal().of_answerer(), harness.session)
        for client in (harness.jinshui, portal):
            answered = await client.call("POST", PUSH, a_push(application_json()))
            assert (answered.status, answered.code) == (501, "operation.not-built")
        unknown = harness.portal_as_caller
        signed = unknown.sign("POST", PUSH, a_push(application_json()))
        refused = await unknown.send("POST", PUSH, a_push(application_json()), signed.headers)
        assert (refused.status, refused.code) == (401, "signature.unknown-key")


async def test_the_key_of_pushes_is_exchanged_while_the_gateway_runs(
    harness: Harness, tmp_path: Path
) -> None:
    # Given a new key of the national side in the file, under another key id
    stack = stack_of_two(tmp_path)
    before = await harness.portal_as_caller.call("POST", PUSH, a_push(application_json()))
    new = new_key("national-push-2", Suite.ED25519)
    path = stack.keys / "national-push.public.json"
    path.unlink()
    write_key_file(path, new.public_half())
    harness.gateway.reload_keys()

    # Then the new one pushes, and the old one is nobody's
    link = stack.pushes().of_caller()
    renewed = SigningClient(harness.jinshui.base, Link(new, link.theirs), harness.session)
    after = await renewed.call("POST", PUSH, a_push(application_json()))
    assert (before.results, after.results) == (["accepted"], ["duplicate"])
    signed = harness.portal_as_caller.sign("POST", PUSH, a_push(application_json()))
    old = await harness.portal_as_caller.send(
        "POST", PUSH, a_push(application_json()), signed.headers
    )
    assert old.code == "signature.unknown-key"
