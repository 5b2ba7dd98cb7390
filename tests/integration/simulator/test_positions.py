"""位置: every item of the feed can be acknowledged, whatever is in it, by whose feed it is in."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import orjson

from schemas.reference.clock import utc_now
from simulator.national.positions import PositionCounter
from tests.integration.simulator.docking import (
    ACKNOWLEDGEMENTS,
    APPLICATIONS,
    Docked,
    JsonObject,
    ProvinceSystem,
    docked,
)
from tests.integration.simulator.test_registrations import said

NAMELESS = '{"kind":"application","aac003":"无编号"}'


async def positions(province: ProvinceSystem, limit: int = 200) -> list[int]:
    """Download a page with positions, and return them."""
    reply = await province.get(f"{APPLICATIONS}?limit={limit}&positions=1")
    assert reply.status == 200, reply.body
    found = reply.json()["positions"]
    assert isinstance(found, list)
    return [one for one in found if isinstance(one, int)]


async def acknowledge(
    province: ProvinceSystem, position: int, content: str | bytes
) -> list[JsonObject]:
    """Acknowledge the item at a position by the digest of its bytes; return the results."""
    written = content.encode() if isinstance(content, str) else content
    one = {
        "kind": "position",
        "position": position,
        "digest": sha256(written).hexdigest(),
        "stored_at": "2026-11-23T09:00:00+08:00",
    }
    reply = await province.post(ACKNOWLEDGEMENTS, orjson.dumps({"acknowledgements": [one]}))
    assert reply.status == 200, reply.body
    return reply.items("results")


async def one_placed(province: ProvinceSystem) -> tuple[int, bytes]:
    """Download a page of one item, and return its position and its bytes."""
    reply = await province.get(f"{APPLICATIONS}?positions=1")
    (position,) = await positions(province)
    return position, reply.body.partition(b'"items":[')[2].rpartition(b'],"more"')[0]


async def inject(here: Docked, *contents: str, province: str = "410000") -> None:
    for content in contents:
        wanted: JsonObject = {"province": province, "content": content, "deliveries": 1000}
        assert (await here.control.post("applications/raw", wanted)).status == 201


async def test_who_does_not_ask_gets_the_page_of_contract_1_0(here: Docked) -> None:
    await here.control.file(2, "410100")
    page = (await here.henan.get(APPLICATIONS)).json()
    assert [*page] == ["items", "more"]
    assert [*(await here.henan.get(f"{APPLICATIONS}?positions=0")).json()] == ["items", "more"]


async def test_who_asks_gets_a_position_for_each_item_before_the_items(here: Docked) -> None:
    await here.control.file(3, "410100")
    page = (await here.henan.get(f"{APPLICATIONS}?limit=2&positions=1")).json()
    assert [*page] == ["positions", "items", "more"]
    first, second = await positions(here.henan, limit=2)
    assert first < second
    assert await positions(here.henan, limit=2) == [first, second], "a repeat has the same"


async def test_a_page_that_asks_for_anything_else_is_refused(here: Docked) -> None:
    reply = await here.henan.get(f"{APPLICATIONS}?positions=2")
    assert (reply.status, reply.code()) == (400, "query.invalid")


async def test_an_item_without_a_number_leaves_the_feed_by_its_position(here: Docked) -> None:
    await inject(here, NAMELESS)
    (number,) = await here.control.file(1, "410100")
    (position, _) = await positions(here.henan)
    (result,) = await acknowledge(here.henan, position, NAMELESS)
    receipt = result["receipt"]
    assert isinstance(receipt, dict)
    assert (receipt["kind"], receipt["key"], receipt["revision"]) == ("position", str(position), 1)
    assert receipt["digest"] == sha256(NAMELESS.encode()).hexdigest()
    assert await here.henan.numbers() == [number]


async def test_a_repeat_gets_the_first_receipt_again(here: Docked) -> None:
    await inject(here, NAMELESS)
    (position,) = await positions(here.henan)
    (first,) = await acknowledge(here.henan, position, NAMELESS)
    (again,) = await acknowledge(here.henan, position, NAMELESS)
    assert said([first, again]) == ["accepted", "duplicate"]
    assert first["receipt"] == again["receipt"]


async def test_a_position_that_was_never_given_is_unknown(here: Docked) -> None:
    await inject(here, NAMELESS)
    (position,) = await positions(here.henan)
    answers = await acknowledge(here.henan, position + 1, NAMELESS)
    assert said(answers) == ["acknowledgement.unknown-position"]
    assert await positions(here.henan) == [position]


async def test_a_position_of_another_area_is_not_this_areas_to_acknowledge(here: Docked) -> None:
    await inject(here, NAMELESS)
    (position,) = await positions(here.henan)
    answers = await acknowledge(here.hunan, position, NAMELESS)
    assert said(answers) == ["acknowledgement.position-of-another-area"]
    assert await positions(here.henan) == [position]


async def test_a_position_is_acknowledged_for_the_bytes_that_stood_there_only(
    here: Docked,
) -> None:
    await inject(here, NAMELESS)
    (position,) = await positions(here.henan)
    answers = await acknowledge(here.henan, position, NAMELESS + " ")
    assert said(answers) == ["acknowledgement.position-conflict"]
    assert await positions(here.henan) == [position]


async def test_an_application_can_be_acknowledged_by_its_position_as_well(here: Docked) -> None:
    (number,) = await here.control.file(1, "410100")
    position, content = await one_placed(here.henan)
    assert said(await acknowledge(here.henan, position, content)) == ["accepted"]
    assert await here.henan.numbers() == []
    assert said(await here.henan.acknowledge(number)) == ["duplicate"]


async def test_one_that_was_acknowledged_by_its_number_takes_its_position_late(
    here: Docked,
) -> None:
    (number,) = await here.control.file(1, "410100")
    position, content = await one_placed(here.henan)
    await here.henan.acknowledge(number)
    assert said(await acknowledge(here.henan, position, content)) == ["accepted"]


async def test_what_is_doubled_in_a_page_has_its_position_twice(here: Docked) -> None:
    await here.control.file(1, "410100")
    await here.control.arm("duplicate", "downloadApplications")
    first, second = await positions(here.henan)
    assert first == second


async def test_no_position_is_given_again_after_a_reset_or_a_restart(
    here: Docked, tmp_path: Path
) -> None:
    await inject(here, NAMELESS)
    given: Sequence[int] = await positions(here.henan)
    await here.control.post("reset")
    await inject(here, NAMELESS)
    after_reset = await positions(here.henan)
    folder = tmp_path / "anew"
    folder.mkdir()
    async with docked(folder) as anew:
        await inject(anew, NAMELESS)
        after_restart = await positions(anew.henan)
    assert len({*given, *after_reset, *after_restart}) == 3


def test_a_counter_counts_on_from_its_time() -> None:
    counter = PositionCounter(utc_now)
    first, second = counter.next(), counter.next()
    assert second == first + 1
    assert first < PositionCounter(utc_now).next()
