"""退回部端 at the national side: forwarded to the right place, once, and the person sees it."""

import json

import pytest

from tests.integration.simulator.docking import Docked, JsonObject, ProvinceSystem, an_outcome
from tests.integration.simulator.test_positions import NAMELESS, acknowledge, inject, positions
from tests.integration.simulator.test_registrations import said

RETURNS = "/national/v1/applications/returns"


def a_return(number: str | None, **changes: object) -> bytes:
    """Return a return as JSON; None takes a member out."""
    record = {
        "application_no": number,
        "revision": 1,
        "reason": "1",
        "returned_at": "2026-11-23T09:00:00+08:00",
        "returned_by": "模拟分派岗",
        **changes,
    }
    return json.dumps({name: value for name, value in record.items() if value is not None}).encode()


async def give_back(province: ProvinceSystem, *returns: bytes) -> list[JsonObject]:
    reply = await province.post(RETURNS, b'{"returns":[%s]}' % b",".join(returns))
    assert reply.status == 200, reply.body
    return reply.items("results")


async def misplaced(here: Docked, place: str = "430100") -> str:
    """File at `place`, forward to Henan by mistake, and have it stored there; return its number."""
    (number,) = await here.control.file(1, place)
    wanted: JsonObject = {"application_no": number, "to": "410000"}
    assert (await here.control.post("forwards", wanted)).status == 201
    assert await here.henan.numbers() == [number]
    await here.henan.acknowledge(number)
    return number


async def at_desk(here: Docked) -> list[JsonObject]:
    """Return what waits for a right place."""
    found = (await here.control.get("returns"))["returns"]
    assert isinstance(found, list)
    return [one for one in found if isinstance(one, dict)]


async def progress(here: Docked, number: str) -> str:
    async with here.session.get(f"{here.henan.base}/progress/{number}") as answer:
        return await answer.text()


async def test_it_goes_to_the_area_of_its_place_and_the_person_sees_it(here: Docked) -> None:
    number = await misplaced(here)
    assert said(await give_back(here.henan, a_return(number))) == ["accepted"]
    assert await here.henan.numbers() == []
    assert await here.hunan.numbers() == [number]
    page = await progress(here, number)
    assert "已转 湖南省" in page
    assert "待审核" in page
    await here.hunan.acknowledge(number)
    assert said(await here.hunan.upload(an_outcome(number))) == ["accepted"]
    assert "已审核" in await progress(here, number)


async def test_it_goes_to_the_division_that_the_return_names(here: Docked) -> None:
    number = await misplaced(here, "110101")
    given = a_return(number, reason="2", belongs_to="430102")
    assert said(await give_back(here.henan, given)) == ["accepted"]
    (item,) = (await here.hunan.get()).items()
    assert (item["application_no"], item["place_division"]) == (number, "430102")


async def test_a_repeat_gets_the_first_receipt_and_other_content_is_a_conflict(
    here: Docked,
) -> None:
    number = await misplaced(here)
    first, again = await give_back(here.henan, a_return(number), a_return(number))
    assert said([first, again]) == ["accepted", "duplicate"]
    assert first["receipt"] == again["receipt"]
    assert isinstance(first["receipt"], dict)
    assert (first["receipt"]["kind"], first["receipt"]["key"]) == ("application-return", number)
    other = a_return(number, reason="3")
    assert said(await give_back(here.henan, other)) == ["application-return.conflict"]
    assert await here.hunan.numbers() == [number], "forwarded once"


async def test_a_lower_revision_than_one_taken_is_a_conflict(here: Docked) -> None:
    number = await misplaced(here)
    assert said(await give_back(here.henan, a_return(number, revision=3))) == ["accepted"]
    late = await give_back(here.henan, a_return(number, revision=2))
    assert said(late) == ["application-return.conflict"]


async def test_what_comes_again_can_be_returned_again(here: Docked) -> None:
    number = await misplaced(here)
    await give_back(here.henan, a_return(number))
    await here.control.post("forwards", {"application_no": number, "to": "410000"})
    assert await here.henan.numbers() == [number]
    await here.henan.acknowledge(number)
    assert said(await give_back(here.henan, a_return(number, revision=2))) == ["accepted"]
    assert await here.hunan.numbers() == [number]


async def test_without_a_right_place_it_waits_at_the_desk_and_is_forwarded_from_there(
    here: Docked,
) -> None:
    number = await misplaced(here)
    given = a_return(number, reason="3")
    assert said(await give_back(here.henan, given)) == ["accepted"]
    (waiting,) = await at_desk(here)
    assert (waiting["application_no"], waiting["area"], waiting["reason"]) == (
        *(number, "410000", "3"),
    )
    assert "部端正在核对" in await progress(here, number)
    await here.control.post("forwards", {"application_no": number, "to": "430100"})
    assert await here.hunan.numbers() == [number]
    assert await at_desk(here) == []


async def test_an_item_without_a_number_is_returned_by_its_position(here: Docked) -> None:
    await inject(here, NAMELESS)
    (position,) = await positions(here.henan)
    given = a_return(None, position=position, reason="4")
    assert said(await give_back(here.henan, given)) == ["outcome.not-acknowledged"]
    await acknowledge(here.henan, position, NAMELESS)
    assert said(await give_back(here.hunan, given)) == ["application-return.unknown-application"]
    first, again = await give_back(here.henan, given, given)
    assert said([first, again]) == ["accepted", "duplicate"]
    (waiting,) = await at_desk(here)
    assert waiting["position"] == position


async def test_an_application_of_the_returning_area_stays_there(here: Docked) -> None:
    (number,) = await here.control.file(1, "410100")
    await here.henan.numbers()
    await here.henan.acknowledge(number)
    for given in (
        a_return(number),
        a_return(number, reason="2", belongs_to="430102"),
    ):
        assert said(await give_back(here.henan, given)) == ["application-return.belongs-here"]
    assert said(await give_back(here.henan, a_return(number, reason="3"))) == ["accepted"]


async def test_a_right_place_within_the_returning_area_is_none(here: Docked) -> None:
    number = await misplaced(here)
    given = a_return(number, reason="2", belongs_to="410102")
    assert said(await give_back(here.henan, given)) == ["application-return.belongs-here"]


async def test_what_is_not_this_areas_cannot_be_returned_by_it(here: Docked) -> None:
    (number,) = await here.control.file(1, "430100")
    unknown = ["application-return.unknown-application"]
    assert said(await give_back(here.henan, a_return(number))) == unknown
    assert said(await give_back(here.henan, a_return("SYDJ-NOWHERE"))) == unknown
    not_yet = await give_back(here.hunan, a_return(number, reason="3"))
    assert said(not_yet) == ["outcome.not-acknowledged"]


async def test_what_is_decided_or_withdrawn_is_not_returned(here: Docked) -> None:
    number = await misplaced(here)
    await here.henan.upload(an_outcome(number))
    decided = await give_back(here.henan, a_return(number))
    assert said(decided) == ["application-return.decided"]
    other = await misplaced(here)
    await here.control.post("withdrawals", {"application_no": other})
    assert said(await give_back(here.henan, a_return(other))) == ["case.withdrawn"]


@pytest.mark.parametrize(
    "changes", [{"reason": "11"}, {"reason": "2"}, {"note": "某人住址"}, {"returned_by": None}]
)
async def test_no_other_reason_and_no_free_text_crosses(
    here: Docked, changes: dict[str, object]
) -> None:
    number = await misplaced(here)
    given = a_return(number, **changes)
    assert said(await give_back(here.henan, given)) == ["message.invalid"]


async def test_a_result_of_the_former_area_comes_too_late(here: Docked) -> None:
    number = await misplaced(here)
    await give_back(here.henan, a_return(number))
    assert said(await here.henan.upload(an_outcome(number))) == ["auth.not-allowed"]
    assert said(await here.henan.acknowledge(number)) == ["acknowledgement.unknown"]
