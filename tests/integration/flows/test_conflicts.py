"""同一编号内容不同: compared with the first from the case itself, and masked as lists are."""

import json
from typing import Final

from gateway.ports.views import ConflictRow, MaskedDifference
from tests.builders.records import JINSHUI, MOBILE, application_json, citizen_number
from tests.integration.flows.desk import NUMBER, Desk

IN_UTC: Final = "2026-03-02T01:20:00Z"
"""When the outcomes of the builders were decided."""


async def conflicts(desk: Desk, number: str = NUMBER) -> list[ConflictRow]:
    return await desk.store.read(lambda views: views.conflicts(number))


async def test_another_application_under_the_number_is_compared_with_the_first(
    desk: Desk,
) -> None:
    await desk.pull(application_json())
    desk.portal.offer_again()
    desk.portal.feed.clear()
    await desk.pull(
        application_json(
            aac003="李小芳", aac147="430102199003070001", aac067="13900000000", policy="2020-3"
        )
    )
    (conflict,) = await conflicts(desk)
    assert (conflict.source, conflict.reason) == ("portal", "application.conflict")
    first = json.loads(application_json())
    assert conflict.differing == (
        MaskedDifference("/aac003", f"{first['aac003'][0]}*", "李**"),
        MaskedDifference("/aac067", "***", "***"),
        MaskedDifference("/aac147", "41" + "*" * 16, "43" + "*" * 16),
        MaskedDifference("/policy", first["policy"], "2020-3"),
    )
    assert await conflicts(desk, "SY-OTHER") == []


async def test_another_outcome_under_a_revision_is_compared_with_the_one_taken(
    desk: Desk,
) -> None:
    await desk.pull(application_json())
    await desk.decide(await desk.outcome(aae019="张伟"))
    await desk.report()  # and it is known after it was reported, too
    await desk.decide(await desk.outcome(aae019="王芳", acc020="Z-2"))
    (conflict,) = await conflicts(desk)
    assert (conflict.source, conflict.reason) == (JINSHUI, "outcome.conflict")
    assert conflict.differing is not None
    assert MaskedDifference("/aae019", "张*", "王*") in conflict.differing
    assert [one.pointer for one in conflict.differing] == ["/aae019", "/acc020"]


async def test_only_what_says_something_else_is_shown_as_different(desk: Desk) -> None:
    await desk.pull(application_json())
    first = await desk.outcome(aae019="张伟")
    await desk.decide(first)
    other = {**json.loads(first), "aae019": "王芳", "remarks": None, "aae036": IN_UTC}
    await desk.decide(json.dumps(other).encode())
    (conflict,) = await conflicts(desk)
    assert conflict.differing == (MaskedDifference("/aae019", "张*", "王*"),)


async def test_nothing_of_the_person_is_in_what_is_shown(desk: Desk) -> None:
    await desk.pull(application_json())
    desk.portal.offer_again()
    desk.portal.feed.clear()
    await desk.pull(application_json(aac010="郑州市某路2号", aac067="13900000000"))
    shown = repr(await conflicts(desk))
    for secret in (citizen_number(), MOBILE, "13900000000", "某路2号"):
        assert secret not in shown
