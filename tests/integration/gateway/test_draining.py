"""Beginning and ending: readiness, a drain that loses nothing, failures that end the process."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import aiohttp
import orjson
import pytest

from gateway.app.lifecycle import Gateway
from gateway.errors import Misconfigured
from gateway.flows.failpoints import Failpoint
from schemas.signing import Link
from storage.errors import StoreMisconfigured
from tests.builders.records import application_json, outcome_json
from tests.integration.gateway.peers import PortalServer, served, signed_app
from tests.integration.gateway.running import a_scene, write_keys, write_settings

NOWHERE = "http://127.0.0.1:9"


async def test_a_running_gateway_lives_is_ready_and_shows_its_figures(tmp_path: Path) -> None:
    async with asyncio.timeout(20), a_scene(tmp_path) as scene:
        scene.portal.forward(application_json())
        await scene.failpoints.passed(Failpoint.DISPATCH_SETTLED)

        assert await scene.health("/livez") == (200, "alive\n")
        assert await scene.health("/readyz") == (200, "ready\n")
        assert await scene.figure('duijie_pull_rows_total{verdict="accepted"}') == 1
        assert await scene.figure('duijie_cases{state="DISPATCHED"}') == 1
        assert await scene.figure("duijie_intake_ack_seconds_count") == 1
        assert await scene.figure('duijie_dispatch_attempts_total{result="settled"}') == 1
        assert await scene.figure("duijie_store_flushes") >= 1


async def test_readiness_is_lost_with_the_store_and_life_is_not(tmp_path: Path) -> None:
    async with asyncio.timeout(20), a_scene(tmp_path) as scene:
        await scene.gateway.store.close()

        assert (await scene.health("/readyz"))[0] == 503
        assert await scene.health("/livez") == (200, "alive\n")


async def test_a_drain_is_not_ready_takes_nobody_in_and_finishes_what_runs(
    tmp_path: Path,
) -> None:
    async with asyncio.timeout(20), a_scene(tmp_path) as scene:
        # Given a report that the portal has, but has not answered yet
        scene.portal.forward(application_json())
        await scene.failpoints.passed(Failpoint.DISPATCH_SETTLED)
        scene.portal.may_answer.clear()
        number = scene.pushed.delivered[0]["dispatch_no"]
        outcome = b'{"outcomes":[' + outcome_json(dispatch_no=number) + b"]}"
        await scene.jinshui.call("POST", "/agency/v1/outcomes", outcome)
        await scene.portal.confirmed.wait()

        # When it drains
        draining = asyncio.create_task(scene.gateway.drain())
        ready, _ = await scene.health("/readyz")
        alive, _ = await scene.health("/livez")
        async with aiohttp.ClientSession() as newcomer:
            with pytest.raises(aiohttp.ClientConnectorError):
                await newcomer.get(scene.jinshui.base)

        # Then it is alive but not ready, nobody new comes in, and the report is settled
        assert (ready, alive) == (503, 200)
        assert not draining.done()
        scene.portal.may_answer.set()
        await draining
        await scene.failpoints.passed(Failpoint.REPORT_SETTLED)


async def test_a_held_request_is_answered_when_it_drains(tmp_path: Path) -> None:
    async with asyncio.timeout(20), a_scene(tmp_path) as scene:
        held = asyncio.create_task(scene.jiyuan.call("GET", "/agency/v1/dispatches?wait=30"))
        await scene.jinshui.call("POST", "/agency/v1/ping", b'{"echo":"x"}')

        await scene.gateway.drain()

        assert orjson.loads((await held).body) == {"dispatches": [], "more": False}


async def test_what_was_taken_over_before_the_drain_goes_on_after_the_restart(
    tmp_path: Path,
) -> None:
    made = write_keys(tmp_path)
    async with asyncio.timeout(20):
        async with a_scene(tmp_path, made) as before:
            before.portal.forward(application_json(place_division="419001"))
            await before.failpoints.passed(Failpoint.PAGE_ACKNOWLEDGED)
        async with a_scene(tmp_path, made) as after:
            page = await after.jiyuan.call("GET", "/agency/v1/dispatches")

    assert len(orjson.loads(page.body)["dispatches"]) == 1
    assert after.portal.acknowledged == []


async def test_polling_once_takes_over_what_waits_and_tells_of_each(tmp_path: Path) -> None:
    made, portal = write_keys(tmp_path), PortalServer()
    portal.forward(
        application_json(), application_json(application_no="SY-2", place_division="110101")
    )
    async with (
        asyncio.timeout(20),
        served(signed_app(Link(made["portal"], made["portal"]), portal.answer)) as url,
    ):
        gateway = Gateway(write_settings(tmp_path, portal=url, pushed=NOWHERE))
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
    ("missing", "told"),
    [("ledger.json", "ledger keys"), ("portal.json", "key file cannot be read")],
)
async def test_a_missing_key_is_told_before_anything_is_opened(
    tmp_path: Path, missing: str, told: str
) -> None:
    write_keys(tmp_path)
    (tmp_path / missing).unlink()
    gateway = Gateway(write_settings(tmp_path, portal=NOWHERE, pushed=NOWHERE))

    with pytest.raises((Misconfigured, StoreMisconfigured), match=told):
        await gateway.start()

    assert not (tmp_path / "gateway.db").exists()
    await gateway.drain()


async def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    write_keys(tmp_path)
    (tmp_path / "portal.json").chmod(0o644)
    gateway = Gateway(write_settings(tmp_path, portal=NOWHERE, pushed=NOWHERE))

    with pytest.raises(Misconfigured, match="chmod 600"):
        await gateway.start()


async def test_two_connections_with_one_key_id_are_refused(tmp_path: Path) -> None:
    write_keys(tmp_path)
    (tmp_path / "419001-01.json").write_bytes((tmp_path / "410105-01.json").read_bytes())
    gateway = Gateway(write_settings(tmp_path, portal=NOWHERE, pushed=NOWHERE))

    with pytest.raises(Misconfigured, match="a key of its own"):
        await gateway.start()


async def test_an_address_in_use_is_refused_with_the_cure(tmp_path: Path) -> None:
    taken = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    port = taken.sockets[0].getsockname()[1]
    write_keys(tmp_path)
    settings = write_settings(tmp_path, portal=NOWHERE, pushed=NOWHERE)
    gateway = Gateway(settings.model_copy(update={"listen": f"127.0.0.1:{port}"}))

    with pytest.raises(Misconfigured, match="set another address"):
        await gateway.start()

    await gateway.drain()
    taken.close()
    await taken.wait_closed()


async def test_a_loop_that_breaks_ends_the_gateway_with_1(tmp_path: Path) -> None:
    def broken_dice() -> float:
        raise ZeroDivisionError

    write_keys(tmp_path)
    settings = write_settings(tmp_path, portal=NOWHERE, pushed=NOWHERE)
    gateway = Gateway(settings, jitter=broken_dice)  # needed after the first failed download
    async with asyncio.timeout(20):
        await gateway.start()

        assert await gateway.run_until(asyncio.Event()) == 1


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


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
async def test_the_process_drains_at_a_signal_and_exits_0(
    tmp_path: Path, sent: signal.Signals
) -> None:
    made, portal = write_keys(tmp_path), PortalServer()
    link = Link(made["portal"], made["portal"])
    async with asyncio.timeout(30), served(signed_app(link, portal.answer)) as url:
        write_settings(tmp_path, portal=url, pushed=NOWHERE)
        process = await started(tmp_path)
        ready = await event_of(process, "gateway.ready")
        portal.forward(application_json(place_division="419001"))
        taken = await event_of(process, "page.taken-over")
        process.send_signal(sent)

        assert await event_of(process, "gateway.ended")
        assert await process.wait() == 0

    assert str(ready["address"]).startswith("http://127.0.0.1:")
    assert (taken["count"], taken["held"]) == (1, 0)


async def test_wrong_settings_are_told_in_one_line_and_exit_2(tmp_path: Path) -> None:
    (tmp_path / "gateway.toml").write_text('province = "410000"\nlisten = "x"\n', "utf-8")
    async with asyncio.timeout(30):
        process = await started(tmp_path)
        _, told = await process.communicate()

    assert process.returncode == 2
    assert b"3 settings are missing: store, ledger_keys, portal; listen: " in told
    assert b"Traceback" not in told
