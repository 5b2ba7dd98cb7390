"""The control interface: steering a simulator, and seeing all that happened."""

from base64 import b64encode
from pathlib import Path

import aiohttp
import pytest

from schemas.signing import Suite, new_key
from simulator.app import Simulator
from simulator.config import NationalSettings, SimulatorSettings
from simulator.errors import SettingsRefused
from simulator.web.control.responses import (
    ApplicationPage,
    ApplicationView,
    ArmedFaults,
    ControlResponse,
    EventPage,
    Summary,
)
from tests.integration.simulator.docking import (
    Docked,
    JsonObject,
    a_province_setting,
    an_outcome,
    docked,
)

PLACE = "410100"


async def test_the_summary_counts_the_way_there_and_back(here: Docked) -> None:
    first, second, third, fourth = await here.control.file(4, PLACE)
    await here.henan.numbers()
    await here.henan.acknowledge(first, second)
    await here.henan.upload(an_outcome(first), an_outcome(first))
    await here.control.post("withdrawals", {"application_no": fourth})

    summary = await here.control.get("summary")
    counted = {name: summary[name] for name in ("count", "back", "owed", "waiting", "withdrawn")}
    assert counted == {"count": 4, "back": 1, "owed": 1, "waiting": 1, "withdrawn": 1}
    assert (summary["effects"], summary["repeats"], summary["doubled"]) == (1, 1, 0)
    assert summary["p50_ms"] == summary["p99_ms"] == summary["max_ms"]
    assert isinstance(summary["max_ms"], float)
    assert third not in {first, second}


async def test_the_summary_tells_the_bound_addresses(here: Docked) -> None:
    listening = (await here.control.get("summary"))["listening"]
    assert listening == {"national": here.henan.base, "control": here.control.base}


async def test_an_application_is_shown_with_its_times_and_counts_and_no_person(
    here: Docked,
) -> None:
    (number,) = await here.control.file(1, "419001")
    await here.henan.numbers()
    await here.henan.numbers()
    await here.henan.acknowledge(number)

    shown = await here.control.get(f"applications/{number}")
    assert shown["state"] == "审核中"
    assert (shown["deliveries"], shown["acknowledgements"]) == (2, 1)
    assert str(shown["place_name"]).startswith("河南省济源市")
    times = ("filed_at", "forwarded_at", "first_delivered_at", "last_delivered_at")
    instants = [str(shown[name]) for name in (*times, "acknowledged_at")]
    assert instants == sorted(instants)
    assert shown["decided_at"] is None
    assert not {"name", "certificate_no", "aac003", "aac147", "mobile"} & set(shown)


async def test_the_same_seed_brings_the_same_people_and_reset_brings_them_again(
    here: Docked,
) -> None:
    await here.control.file(3, PLACE)
    first = (await here.henan.get()).items()
    assert (await here.control.post("reset")).status == 200
    assert await here.henan.numbers() == []

    await here.control.file(3, PLACE)
    second = (await here.henan.get()).items()
    assert [one["aac147"] for one in first] == [one["aac147"] for one in second]
    assert {one["application_no"] for one in first}.isdisjoint(
        {one["application_no"] for one in second}
    )


async def test_more_people_of_the_same_seed_are_other_people(here: Docked) -> None:
    await here.control.file(3, PLACE)
    await here.control.file(3, PLACE)
    certificates = {one["aac147"] for one in (await here.henan.get()).items()}
    assert len(certificates) == 6


@pytest.mark.parametrize(
    "content",
    [
        '{"kind":"application","application_no":"RAW-1","application_no":"RAW-1"}',
        '{"kind":"application","application_no":"RAW-1","aac003":"\\ud800"}',
        '{"kind":"application","application_no":"RAW-1","aac067":19000000001}',
        '{"kind":"application","application_no":"RAW-1"',
        "NaN",
    ],
)
async def test_a_raw_item_goes_out_as_it_is_and_the_event_log_says_that_nothing_was_checked(
    here: Docked, content: str
) -> None:
    wanted: JsonObject = {"province": "410000", "content": content, "application_no": "RAW-1"}
    assert (await here.control.post("applications/raw", wanted)).status == 201

    assert content.encode() in (await here.henan.get()).body
    (event,) = await here.control.events("injected")
    assert event["facts"] == {"area": "410000", "bytes": len(content), "checked": False}
    assert (await here.henan.acknowledge("RAW-1"))[0]["status"] == "accepted"
    assert (await here.henan.get()).items() == []
    assert (await here.control.get("summary"))["injected"] == 1


async def test_a_raw_item_without_a_number_goes_out_as_often_as_wanted(here: Docked) -> None:
    wanted: JsonObject = {
        "province": "410000",
        "content_base64": b64encode(b'"\xff"').decode(),
        "deliveries": 2,
    }
    await here.control.post("applications/raw", wanted)
    pages = [(await here.henan.get()).body for _ in range(3)]
    assert [b'"\xff"' in page for page in pages] == [True, True, False]


async def test_a_withdrawal_that_cannot_be_is_refused(here: Docked) -> None:
    (number,) = await here.control.file(1, PLACE)
    wanted: JsonObject = {"application_no": number, "reason": "已找到工作"}
    assert (await here.control.post("withdrawals", wanted)).status == 201
    assert (await here.control.post("withdrawals", wanted)).code() == "case.illegal-step"
    unknown = await here.control.post("withdrawals", {"application_no": "SYDJ-0"})
    assert (unknown.status, unknown.code()) == (404, "case.unknown")


async def test_a_client_reads_each_answer_with_the_model_it_was_written_from(
    here: Docked,
) -> None:
    (number,) = await here.control.file(1, PLACE)
    await here.henan.numbers()
    await here.henan.acknowledge(number)
    await here.henan.upload(an_outcome(number))
    await here.control.arm("delay", "ping", params={"ms": 20})
    answers: dict[str, type[ControlResponse]] = {
        "summary": Summary,
        "applications": ApplicationPage,
        f"applications/{number}": ApplicationView,
        "events": EventPage,
        "faults": ArmedFaults,
    }
    for path, model in answers.items():
        async with here.session.get(f"{here.control.base}/control/v1/{path}") as answer:
            body = await answer.read()
        assert model.model_validate_json(body).model_dump_json().encode() == body


async def test_lists_are_read_in_parts(here: Docked) -> None:
    numbers = await here.control.file(5, PLACE)
    part = await here.control.get("applications?after=3&limit=1")
    shown = part["applications"]
    assert isinstance(shown, list)
    assert [one["application_no"] for one in shown if isinstance(one, dict)] == [numbers[3]]
    assert part["more"] is True
    rest = await here.control.get("events?after=4")
    events = rest["events"]
    assert isinstance(events, list)
    assert [one["no"] for one in events if isinstance(one, dict)] == [5]


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("applications", {"count": 0}),
        ("applications", {"count": "1"}),
        ("applications", {"places": ["999999"]}),
        ("applications", {"people": 1}),
        ("applications/raw", {"province": "410000"}),
        ("applications/raw", {"province": "990000", "content": "{}"}),
        ("applications/raw", {"province": "410000", "content_base64": "*"}),
    ],
)
async def test_a_request_that_cannot_be_understood_is_refused(
    here: Docked, path: str, wanted: JsonObject
) -> None:
    reply = await here.control.post(path, wanted)
    assert (reply.status, reply.code()) == (422, "message.invalid")


def test_the_control_interface_does_not_listen_beyond_this_machine_by_accident() -> None:
    open_to_all = NationalSettings(control="0.0.0.0:0")
    with pytest.raises(SettingsRefused, match="control_beyond_loopback"):
        Simulator(SimulatorSettings(national=open_to_all))
    meant = open_to_all.model_copy(update={"control_beyond_loopback": True})
    assert Simulator(SimulatorSettings(national=meant)).agencies == {}


async def test_a_port_in_use_stops_the_start_and_leaves_nothing_open(tmp_path: Path) -> None:
    async with docked(tmp_path) as here:
        taken = here.control.base.removeprefix("http://")
        national = NationalSettings(listen="127.0.0.1:0", control=taken)
        second = Simulator(SimulatorSettings(national=national))
        with pytest.raises(SettingsRefused, match=r"national\.control: .* in use"):
            await second.start()
        with pytest.raises(RuntimeError):
            _ = second.addresses


async def test_after_stop_nothing_listens(tmp_path: Path) -> None:
    async with docked(tmp_path) as here:
        base = here.control.base
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.get(f"{base}/control/v1/summary")


def test_two_provinces_cannot_share_a_key(tmp_path: Path) -> None:
    key = new_key("shared", Suite.HMAC_SHA256)
    folders = [tmp_path / name for name in ("a", "b")]
    for folder in folders:
        folder.mkdir()
    from_henan = a_province_setting(folders[0], "410000", key)
    from_hunan = a_province_setting(folders[1], "430000", key)
    with pytest.raises(SettingsRefused, match="share"):
        Simulator(SimulatorSettings(province=(from_henan, from_hunan)))
