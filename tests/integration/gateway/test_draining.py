"""Beginning and ending: readiness, a drain that loses nothing, failures that end the process."""

import asyncio
import os
import sys
from pathlib import Path

import aiohttp
import orjson
import pytest

from gateway.adapters.ledger.store import open_ledger
from gateway.app.lifecycle import Gateway
from gateway.errors import Misconfigured
from gateway.flows.failpoints import Failpoint
from schemas.reference.clock import utc_now
from storage.errors import StoreMisconfigured
from storage.sealing_keys import load_sealer
from tests.builders.records import JINSHUI, JIYUAN, application_json, outcome_json
from tests.integration.gateway.harness import a_harness, served_portal, stack_of_two
from tests.integration.gateway.peers import PortalServer
from tests.support.serving import served_bytes
from tests.support.stack import Stack, a_gateway


async def test_a_running_gateway_lives_is_ready_and_shows_its_figures(tmp_path: Path) -> None:
    async with asyncio.timeout(20), a_harness(stack_of_two(tmp_path)) as harness:
        harness.portal.forward(application_json())
        await harness.failpoints.passed(Failpoint.DISPATCH_SETTLED)

        assert await harness.health("/livez") == (200, "alive\n")
        assert await harness.health("/readyz") == (200, "ready\n")
        assert await harness.figure('duijie_pull_rows_total{verdict="accepted"}') == 1
        assert await harness.figure('duijie_cases{state="DISPATCHED"}') == 1
        assert await harness.figure("duijie_intake_ack_seconds_count") == 1
        assert await harness.figure('duijie_dispatch_attempts_total{result="settled"}') == 1
        assert await harness.figure("duijie_store_flushes") >= 1


async def test_readiness_is_lost_with_the_store_and_life_is_not(tmp_path: Path) -> None:
    async with asyncio.timeout(20), a_harness(stack_of_two(tmp_path)) as harness:
        await harness.gateway.store.close()

        assert (await harness.health("/readyz"))[0] == 503
        assert await harness.health("/livez") == (200, "alive\n")


async def test_a_drain_is_not_ready_takes_nobody_in_and_finishes_what_runs(
    tmp_path: Path,
) -> None:
    async with asyncio.timeout(20), a_harness(stack_of_two(tmp_path)) as harness:
        # Given a report that the portal has, but has not answered yet
        harness.portal.forward(application_json())
        await harness.failpoints.passed(Failpoint.DISPATCH_SETTLED)
        harness.portal.may_answer.clear()
        number = harness.pushed.delivered[0]["dispatch_no"]
        outcome = b'{"outcomes":[' + outcome_json(dispatch_no=number) + b"]}"
        await harness.jinshui.call("POST", "/agency/v1/outcomes", outcome)
        await harness.portal.confirmed.wait()

        # When it drains
        draining = asyncio.create_task(harness.gateway.drain())
        ready, _ = await harness.health("/readyz")
        alive, _ = await harness.health("/livez")
        async with aiohttp.ClientSession() as newcomer:
            with pytest.raises(aiohttp.ClientConnectorError):
                await newcomer.get(harness.jinshui.base)

        # Then it is alive but not ready, nobody new comes in, and the report is settled
        assert (ready, alive) == (503, 200)
        assert not draining.done()
        harness.portal.may_answer.set()
        await draining
        await harness.failpoints.passed(Failpoint.REPORT_SETTLED)


async def test_a_held_request_is_answered_when_it_drains(tmp_path: Path) -> None:
    async with asyncio.timeout(20), a_harness(stack_of_two(tmp_path)) as harness:
        held = asyncio.create_task(harness.jiyuan.call("GET", "/agency/v1/dispatches?wait=30"))
        await harness.jinshui.call("POST", "/agency/v1/ping", b'{"echo":"x"}')

        await harness.gateway.drain()

        assert orjson.loads((await held).body) == {"dispatches": [], "more": False}


async def test_what_was_ingested_before_the_drain_goes_on_after_the_restart(
    tmp_path: Path,
) -> None:
    stack = stack_of_two(tmp_path)
    async with asyncio.timeout(20):
        async with a_harness(stack) as before:
            before.portal.forward(application_json(place_division="419001"))
            await before.failpoints.passed(Failpoint.PAGE_ACKNOWLEDGED)
        async with a_harness(stack) as after:
            page = await after.jiyuan.call("GET", "/agency/v1/dispatches")

    assert len(orjson.loads(page.body)["dispatches"]) == 1
    assert after.portal.acknowledged == []


async def test_polling_once_takes_over_what_waits_and_tells_of_each(tmp_path: Path) -> None:
    stack, portal = stack_of_two(tmp_path), PortalServer()
    portal.forward(
        application_json(), application_json(application_no="SY-2", place_division="110101")
    )
    async with asyncio.timeout(20), served_portal(stack, portal):
        gateway = Gateway(stack.gateway_settings())
        try:
            rows = await gateway.poll_once()
            nothing = await gateway.poll_once()
        finally:
            await gateway.drain()

    assert [(row.key, row.held) for row in rows] == [
        ("SY2026030200001", None),
        ("SY-2", "place.out-of-province"),
    ]
    assert nothing == ()


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("ledger.json", "ledger_keys: .*No such"),
        ("portal-410000.json", "key file cannot be read"),
    ],
)
async def test_a_missing_key_is_told_before_anything_is_opened(
    tmp_path: Path, missing: str, message: str
) -> None:
    stack = stack_of_two(tmp_path)
    (stack.keys / missing).unlink()

    with pytest.raises((Misconfigured, StoreMisconfigured), match=message):
        await start(stack)

    assert not (tmp_path / "gateway.db").exists()


async def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    stack = stack_of_two(tmp_path)
    stack.portal().caller.private.chmod(0o644)

    with pytest.raises(Misconfigured, match="chmod 600"):
        await start(stack)


async def test_two_connections_with_one_key_are_refused(tmp_path: Path) -> None:
    stack = stack_of_two(tmp_path)
    jinshui, jiyuan = (stack.agency(code).caller.private for code in (JINSHUI, JIYUAN))
    jiyuan.write_bytes(jinshui.read_bytes())

    with pytest.raises(Misconfigured, match=r"key\.shared: the same key"):
        await start(stack)


async def test_an_address_in_use_is_refused_with_the_cure(tmp_path: Path) -> None:
    stack = stack_of_two(tmp_path)
    async with served_bytes(lambda _, writer: writer.close(), stack.plan.ports["gateway"]):
        with pytest.raises(Misconfigured, match="set another address"):
            await start(stack)


async def test_a_gateway_that_ends_gives_back_the_uses_of_its_key_that_it_did_not_need(
    tmp_path: Path,
) -> None:
    stack = stack_of_two(tmp_path)
    await start(stack)

    settings = stack.gateway_settings()
    ledger = open_ledger(settings.store, sealer=load_sealer(settings.ledger_keys), now=utc_now)
    reserved = await ledger.read(lambda views: dict(views.key_uses()))
    await ledger.close()
    assert max(reserved.values()) < 100


async def test_a_loop_that_breaks_ends_the_gateway_with_1(tmp_path: Path) -> None:
    def broken_dice() -> float:
        raise ZeroDivisionError

    settings = stack_of_two(tmp_path).gateway_settings()
    async with (
        asyncio.timeout(20),
        a_gateway(settings, jitter=broken_dice) as gateway,  # drawn after the first failed download
    ):
        assert await gateway.run_until(asyncio.Event()) == 1


async def start(stack: Stack) -> None:
    """Start a gateway and end it."""
    async with a_gateway(stack.gateway_settings()):
        pass


async def started(folder: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "gateway",
        "--config",
        str(folder / "gateway.toml"),
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )


async def event_of(process: asyncio.subprocess.Process, event: str) -> dict[str, object]:
    """Return the first log line with this event."""
    assert process.stderr is not None
    async for line in process.stderr:
        fields: dict[str, object] = orjson.loads(line)
        if fields["event"] == event:
            return fields
    raise AssertionError(f"it ended without {event}")


async def test_the_process_drains_at_a_signal_and_exits_0(tmp_path: Path) -> None:
    stack, portal = stack_of_two(tmp_path), PortalServer()
    async with asyncio.timeout(30), served_portal(stack, portal):
        process = await started(tmp_path)
        ready = await event_of(process, "gateway.ready")
        portal.forward(application_json(place_division="419001"))
        taken = await event_of(process, "page.taken-over")
        process.terminate()

        assert await event_of(process, "gateway.ended")
        assert await process.wait() == 0

    assert str(ready["address"]).startswith("http://127.0.0.1:")
    assert (taken["count"], taken["held"]) == (1, 0)
