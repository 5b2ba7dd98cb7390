"""机构清单 at the national side: taken part by part, in force once whole, found by anybody."""

import pytest

from gateway.domain.directory_version import PART, published_parts
from gateway.domain.listed_agencies import DirectoryContent
from schemas.records.agencies import AgencyDirectory
from tests.builders.directory import (
    PROVINCE,
    a_content,
    a_version,
    an_agency,
    at_jiyuan,
    many_agencies,
)
from tests.integration.simulator.docking import Docked, JsonObject, Reply
from tests.integration.simulator.test_pages import page

PATH = "/national/v1/agencies"
FOUR_LEVELS = a_content(
    an_agency("4101000001", name="郑州市公共就业服务中心", division="410100", level="1"),
    an_agency(),
    an_agency("4101050011", name="经八路街道服务所", division="410105001", level="3"),
    an_agency("4101050012", name="社区服务站", division="410105001001", level="4"),
)


def parts_of(content: DirectoryContent, number: int = 1) -> tuple[AgencyDirectory, ...]:
    parts = published_parts(a_version(content, number=number), PROVINCE)
    assert parts is not None
    return parts


async def put(here: Docked, part: AgencyDirectory | bytes) -> Reply:
    body = part if isinstance(part, bytes) else part.wire()
    return await here.henan.send(here.henan.sign("PUT", PATH, body))


async def publish(here: Docked, content: DirectoryContent, number: int = 1) -> None:
    for part in parts_of(content, number):
        assert (await put(here, part)).status == 200


async def lists(here: Docked) -> list[JsonObject]:
    found = (await here.control.get("agency-lists"))["lists"]
    assert isinstance(found, list)
    return [one for one in found if isinstance(one, dict)]


async def test_a_version_is_in_force_once_all_its_parts_are_there(here: Docked) -> None:
    first, last = parts_of(a_content(*many_agencies(PART + 1)))
    answer = (await put(here, last)).json()
    assert (answer["received"], answer["parts"], answer["in_force"]) == ([2], 2, False)
    (arriving,) = await lists(here)
    assert (arriving["in_force_at"], arriving["agencies"]) == (None, 1)
    answer = (await put(here, first)).json()
    assert (answer["received"], answer["in_force"]) == ([1, 2], True)
    (shown,) = await lists(here)
    assert (shown["area"], shown["version"], shown["agencies"]) == (PROVINCE, 1, PART + 1)
    assert shown["in_force_at"] is not None
    facts = [event["facts"] for event in await here.control.events("published")]
    assert [one["in_force"] for one in facts if isinstance(one, dict)] == [False, True]


async def test_a_version_in_force_stays_until_the_next_one_is_whole(here: Docked) -> None:
    await publish(here, a_content())
    first, last = parts_of(a_content(*many_agencies(PART + 1)), 2)
    await put(here, first)
    in_force, arriving = await lists(here)
    assert (in_force["version"], arriving["version"]) == (1, 2)
    await put(here, last)
    assert [one["version"] for one in await lists(here)] == [2]


async def test_the_same_part_again_changes_nothing(here: Docked) -> None:
    (part,) = parts_of(a_content())
    first, again = (await put(here, part)).json(), (await put(here, part)).json()
    assert first == again
    (shown,) = await lists(here)
    assert shown["repeats"] == 1


@pytest.mark.parametrize(
    "other",
    [
        a_content(an_agency(telephone="0371-00000009"), at_jiyuan()),
        a_content(*many_agencies(PART + 1)),
    ],
    ids=["content", "parts"],
)
async def test_other_content_under_a_version_that_is_there_is_a_conflict(
    here: Docked, other: DirectoryContent
) -> None:
    await publish(here, a_content())
    refused = await put(here, parts_of(other)[0])
    assert (refused.status, refused.code(), refused.proven) == (409, "directory.conflict", True)
    (shown,) = await lists(here)
    assert shown["agencies"] == 2


async def test_a_version_below_the_newest_comes_too_late(here: Docked) -> None:
    await publish(here, a_content(), 3)
    (part,) = parts_of(a_content(an_agency()), 2)
    refused = await put(here, part)
    assert (refused.status, refused.code()) == (409, "directory.superseded")


@pytest.mark.parametrize(
    "changes",
    [{"division": "430000"}, {"agencies": "outside"}],
    ids=["list of another area", "agency of another area"],
)
async def test_an_area_publishes_its_own_agencies_alone(
    here: Docked, changes: dict[str, str]
) -> None:
    (part,) = parts_of(a_content())
    if "agencies" in changes:
        outside = part.agencies[0].model_copy(update={"division": "430104"})
        part = part.model_copy(update={"agencies": (outside,)})
    else:
        part = part.model_copy(update=changes)
    refused = await put(here, part)
    assert (refused.status, refused.code()) == (403, "auth.not-allowed")
    assert await lists(here) == []
    assert len(await here.control.events("refused")) == 1


async def test_a_part_beyond_the_last_is_refused(here: Docked) -> None:
    (part,) = parts_of(a_content())
    refused = await put(here, part.model_copy(update={"part": 2}))
    assert (refused.status, refused.code()) == (422, "message.invalid")


@pytest.mark.parametrize(
    ("body", "status"), [(b"{", 400), (b"{}", 422), (b'{"division":"410000"}', 422)]
)
async def test_what_is_no_part_is_refused(here: Docked, body: bytes, status: int) -> None:
    assert (await put(here, body)).status == status


async def test_anybody_finds_an_agency_by_division_level_and_name(here: Docked) -> None:
    await publish(here, FOUR_LEVELS)
    status, text = await page(here, "/agencies")
    assert status == 200
    assert "共 4 家" in text
    for shown in ("市（州、地）级", "县（市、区）级", "街道（乡镇）级", "社区（村）级"):
        assert f"<td>{shown}</td>" in text
    assert "郑州市金水区模拟路1号" in text
    assert "0371-00000001" in text

    for query, count in (
        ("?division=410105", 3),
        ("?division=金水区", 3),
        ("?division=410000&level=4", 1),
        ("?name=街道", 1),
        ("?division=430000", 0),
        ("?division=nowhere", 0),
        ("?level=9", 0),
    ):
        assert f"共 {count} 家" in (await page(here, f"/agencies{query}"))[1], query


async def test_an_agency_is_found_on_the_days_on_which_it_is_listed(here: Docked) -> None:
    past = an_agency(valid_to=an_agency().valid_from)
    await publish(here, a_content(past, at_jiyuan()))
    assert "共 1 家" in (await page(here, "/agencies"))[1]


async def test_what_is_looked_for_is_shown_and_not_run(here: Docked) -> None:
    text = (await page(here, "/agencies?name=%3Cscript%3E&division=%00&level=%22"))[1]
    assert "<script>" not in text
    assert "共 0 家" in text


async def test_a_reset_forgets_what_was_published(here: Docked) -> None:
    await publish(here, a_content())
    await here.control.post("reset")
    assert await lists(here) == []
