"""Faults: armed through the control interface, met by real calls, told in the event log."""

import aiohttp
import orjson
import pytest

from tests.integration.simulator.docking import (
    ACKNOWLEDGEMENTS,
    APPLICATIONS,
    OUTCOMES,
    PING,
    Docked,
    JsonValue,
    an_outcome,
)

PLACE = "410100"
ECHO = b'{"echo":"a"}'


async def happened(here: Docked) -> list[JsonValue]:
    """Return the facts of each time a fault happened."""
    return [event["facts"] for event in await here.control.events("fault")]


async def test_lost_reply_lets_the_result_take_effect_and_cuts_the_connection(
    here: Docked,
) -> None:
    (number,) = await here.control.file(1, PLACE)
    await here.henan.numbers()
    await here.henan.acknowledge(number)
    await here.control.arm("lost-reply", "uploadOutcomes")

    with pytest.raises(aiohttp.ClientConnectionError):
        await here.henan.upload(an_outcome(number))
    assert (await here.control.get(f"applications/{number}"))["state"] == "已审核"

    (again,) = await here.henan.upload(an_outcome(number))
    assert again["status"] == "duplicate"
    assert await happened(here) == [
        {"fault": "lost-reply", "operation": "uploadOutcomes", "number": 1, "status": 200}
    ]


async def test_unavailable_answers_503_with_retry_after_and_nothing_takes_effect(
    here: Docked,
) -> None:
    await here.control.file(1, PLACE)
    numbers = await here.henan.numbers()
    await here.control.arm(
        "unavailable", "acknowledgeApplications", count=2, params={"retry_after_s": 7}
    )
    stored_at = "2026-11-23T01:00:00Z"
    said = {"application_no": numbers[0], "kind": "application", "stored_at": stored_at}
    body = orjson.dumps({"acknowledgements": [said]})
    replies = [await here.henan.post(ACKNOWLEDGEMENTS, body) for _ in range(2)]

    assert {(reply.status, reply.headers["Retry-After"]) for reply in replies} == {(503, "7")}
    assert all(reply.proven and reply.code() == "service.unavailable" for reply in replies)
    assert await here.henan.numbers() == numbers
    assert (await here.henan.acknowledge(*numbers))[0]["status"] == "accepted"
    assert len(await happened(here)) == 2


async def test_duplicate_sends_an_item_twice_in_the_first_page_that_has_one(here: Docked) -> None:
    await here.control.arm("duplicate", "downloadApplications")
    assert await here.henan.numbers() == []

    first, second = await here.control.file(2, PLACE)
    assert await here.henan.numbers() == [first, second, first]
    assert await here.henan.numbers() == [first, second]
    assert len(await happened(here)) == 1


async def test_a_page_with_a_duplicate_keeps_to_its_limit(here: Docked) -> None:
    first, second, third = await here.control.file(3, PLACE)
    await here.control.arm("duplicate", "downloadApplications", count=2)
    assert await here.henan.numbers("?limit=1") == [first]
    reply = await here.henan.get(f"{APPLICATIONS}?limit=2")
    assert [item["application_no"] for item in reply.items()] == [first, first]
    assert reply.json()["more"] is True
    assert await here.henan.numbers("?limit=3") == [first, second, first]
    assert await here.henan.numbers("?limit=3") == [first, second, third]


async def test_duplicate_sends_an_item_again_after_its_acknowledgement(here: Docked) -> None:
    filed = await here.control.file(2, PLACE)
    page = await here.henan.get()
    await here.control.arm(
        "duplicate", "acknowledgeApplications", params={"mode": "after-acknowledgement"}
    )
    await here.henan.acknowledge(*filed)

    assert (await here.henan.get()).body == page.body
    assert [one["status"] for one in await here.henan.acknowledge(*filed)] == ["duplicate"] * 2
    assert await here.henan.numbers() == []


async def test_delay_holds_the_answer_back(here: Docked) -> None:
    await here.control.arm("delay", "ping", params={"ms": 20, "after_ms": 20})
    reply = await here.henan.post(PING, ECHO)
    assert reply.status == 200
    ((fault),) = await happened(here)
    assert isinstance(fault, dict)
    assert (fault["ms"], fault["after_ms"]) == (20, 20)


@pytest.mark.parametrize(
    ("trigger", "statuses"),
    [
        ({}, [503, 200, 200, 200, 200]),
        ({"nth": 3}, [200, 200, 503, 200, 200]),
        ({"count": 2}, [503, 503, 200, 200, 200]),
        ({"every": 2}, [200, 503, 200, 503, 200]),
    ],
)
async def test_a_fault_meets_the_calls_it_is_armed_for(
    here: Docked, trigger: dict[str, JsonValue], statuses: list[int]
) -> None:
    await here.control.arm("unavailable", "ping", **trigger)
    assert [(await here.henan.post(PING, ECHO)).status for _ in statuses] == statuses


async def test_a_fault_meets_no_other_operation_and_goes_when_it_is_taken_away(
    here: Docked,
) -> None:
    await here.control.arm("unavailable", "uploadOutcomes", every=1)
    assert (await here.henan.post(PING, ECHO)).status == 200
    assert (await here.henan.post(OUTCOMES, b'{"outcomes":[{}]}')).status == 503

    async with here.session.delete(f"{here.control.base}/control/v1/faults?number=1") as answer:
        assert (await answer.json())["faults"] == []
    assert (await here.henan.post(OUTCOMES, b'{"outcomes":[{}]}')).status == 200


@pytest.mark.parametrize(
    "wanted",
    [
        {"fault": "earthquake", "operation": "ping"},
        {"fault": "delay", "operation": "dig"},
        {"fault": "delay", "operation": "ping", "nth": 1, "count": 1},
        {"fault": "delay", "operation": "ping", "nth": 0},
        {"fault": "delay", "operation": "ping", "params": {"hours": 1}},
        {"fault": "delay", "operation": "ping", "params": {"ms": -1}},
        {"fault": "duplicate", "operation": "ping", "params": {"mode": "thrice"}},
    ],
)
async def test_a_fault_that_cannot_be_armed_is_refused(
    here: Docked, wanted: dict[str, JsonValue]
) -> None:
    reply = await here.control.post("faults", wanted)
    assert (reply.status, reply.code()) == (422, "message.invalid")
    assert (await here.control.get("faults"))["faults"] == []
