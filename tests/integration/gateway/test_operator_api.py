"""What a system of operators can ask of a real gateway: the same acts as by command, each once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest

from schemas.records.dispatches import CaseView, DispatchPage
from schemas.records.operator_acts import ActAnswer, ActCode, ResendAnswer
from schemas.records.problems import Problem
from tests.builders.extended import return_json
from tests.builders.records import JINSHUI, JIYUAN, application_json, as_json, outcome_json
from tests.integration.gateway.harness import Harness, a_harness, stack_of_two

NUMBER = "SY2026030200001"
DISPATCHES = "/agency/v1/dispatches"
OPERATOR = "/operator/v1"
ACT = {"keys": [NUMBER], "operator": "李敏"}


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[Harness]:
    """A gateway with one case at 济源市, which fetches."""
    async with asyncio.timeout(30), a_harness(stack_of_two(tmp_path)) as running:
        running.portal.forward(application_json(place_division="419001"))
        assert (await fetched(running)).dispatches
        yield running


async def fetched(harness: Harness) -> DispatchPage:
    return DispatchPage.read((await harness.jiyuan.call("GET", f"{DISPATCHES}?wait=20")).body)


async def acted(harness: Harness, path: str, **members: object) -> list[ActCode]:
    answered = await harness.operators.call("POST", f"{OPERATOR}{path}", as_json(ACT | members))
    assert answered.status == 200, answered.body
    return [one.result for one in ActAnswer.read(answered.body).results]


async def test_a_case_is_given_to_another_agency_and_the_old_dispatch_is_over(
    harness: Harness,
) -> None:
    (dispatch,) = (await fetched(harness)).dispatches

    done = await acted(harness, "/assignments", to=JINSHUI, reason="本人常住金水区")
    again = await acted(harness, "/assignments", to=JINSHUI, reason="本人常住金水区")

    assert (done, again) == ([ActCode.DONE], [ActCode.ALREADY])
    late = outcome_json(dispatch_no=dispatch.dispatch_no, aae017=JIYUAN)
    sent = await harness.jiyuan.call("POST", "/agency/v1/outcomes", b'{"outcomes":[%b]}' % late)
    assert sent.results == ["outcome.superseded-dispatch"]
    view = CaseView.read((await harness.jinshui.call("GET", f"/agency/v1/cases/{NUMBER}")).body)
    assert view.dispatch_no not in {None, dispatch.dispatch_no}
    assert (
        await harness.figure('duijie_operator_acts_total{operation="assignCases",result="done"}')
        == 1
    )


async def test_a_case_is_held_annotated_and_released(harness: Harness) -> None:
    (dispatch,) = (await fetched(harness)).dispatches

    assert await acted(harness, "/holds", reason="待核实") == [ActCode.DONE]
    assert await acted(harness, "/holds", reason="待核实") == [ActCode.ALREADY]
    assert await acted(harness, "/annotations", text="已去电") == [ActCode.DONE]
    assert await acted(harness, "/annotations", text="已去电") == [ActCode.ALREADY]
    assert await acted(harness, "/releases") == [ActCode.RELEASED]
    assert await acted(harness, "/releases") == [ActCode.NOT_HELD]

    (same,) = (await fetched(harness)).dispatches
    assert same.dispatch_no == dispatch.dispatch_no
    view = CaseView.read((await harness.jiyuan.call("GET", f"/agency/v1/cases/{NUMBER}")).body)
    assert [one.step for one in view.history] == ["accept", "hold", "note", "assign"]


async def test_what_a_returned_case_waits_for_is_done_by_the_system_too(harness: Harness) -> None:
    (dispatch,) = (await fetched(harness)).dispatches
    returned = b'{"returns":[%b]}' % return_json(dispatch_no=dispatch.dispatch_no)
    await harness.jiyuan.call("POST", f"{DISPATCHES}/returns", returned)

    body = as_json(ACT | {"to": JINSHUI, "reason": "本人常住金水区"})
    answered = await harness.operators.call("POST", f"{OPERATOR}/assignments", body)

    (entry,) = ActAnswer.read(answered.body).results
    assert (entry.result, entry.agency_code, entry.held_for) == (ActCode.DONE, JINSHUI, None)


async def test_a_case_of_the_province_is_not_given_back_by_the_system_either(
    harness: Harness,
) -> None:
    assert await acted(harness, "/returns", reason="1") == [ActCode.BELONGS_HERE]
    assert await acted(harness, "/returns", reason="3", note="另有一件") == [ActCode.DONE]
    assert await acted(harness, "/returns", reason="3") == [ActCode.ALREADY]
    assert await acted(harness, "/assignments", to=JINSHUI, reason="x") == [ActCode.GOING_BACK]


async def test_each_case_has_its_own_answer_in_order(harness: Harness) -> None:
    keys = ["SY404", NUMBER, "SY404"]

    assert await acted(harness, "/holds", keys=keys, reason="待核实") == [
        ActCode.UNKNOWN,
        ActCode.DONE,
    ]


async def test_messages_that_wait_for_a_person_are_shown_before_they_go_again(
    harness: Harness,
) -> None:
    body = as_json({"peer": "portal", "preview": True, "operator": "李敏"})

    answered = await harness.operators.call("POST", f"{OPERATOR}/resends", body)

    assert answered.status == 200
    assert ResendAnswer.read(answered.body).messages == ()


@pytest.mark.parametrize(
    ("path", "members", "status", "code", "pointer"),
    [
        ("/assignments", {"to": "9999", "reason": "x"}, 422, "agency.unknown", "/to"),
        ("/returns", {"reason": "2"}, 422, "message.invalid", ""),
        ("/returns", {"reason": "9"}, 422, "message.invalid", "/reason"),
        (
            *("/returns", {"reason": "2", "belongs_to": "999999"}),
            *(422, "message.invalid", "/belongs_to"),
        ),
        ("/assignments", {"to": JINSHUI, "reason": ""}, 422, "message.invalid", "/reason"),
        ("/assignments", {"reason": "x"}, 422, "message.invalid", "/to"),
        ("/holds", {"keys": [], "reason": "x"}, 422, "message.invalid", "/keys"),
        ("/holds", {"keys": ["x"] * 101, "reason": "x"}, 422, "message.invalid", "/keys"),
        ("/holds", {"reason": "a\x00b"}, 400, "message.malformed", ""),
        ("/annotations", {"text": "a", "operator": ""}, 422, "message.invalid", "/operator"),
        ("/releases", {"to": JINSHUI}, 422, "message.invalid", "/to"),
        ("/resends", {"peer": "portal"}, 422, "message.invalid", ""),
        ("/resends", {"keys": None, "peer": "9999"}, 422, "agency.unknown", "/peer"),
    ],
)
async def test_what_cannot_be_asked_for_is_refused_whole_and_moves_nothing(
    harness: Harness,
    path: str,
    members: dict[str, object],
    status: int,
    code: str,
    pointer: str,
) -> None:
    body = as_json(ACT | members)

    answered = await harness.operators.call("POST", f"{OPERATOR}{path}", body)

    problem = Problem.read(answered.body)
    assert (answered.status, problem.code) == (status, code)
    assert [one.pointer for one in problem.errors] == [pointer]
    assert len((await fetched(harness)).dispatches) == 1


async def test_the_history_says_which_person_in_which_system_acted(harness: Harness) -> None:
    await acted(harness, "/holds", reason="待核实")

    page = await harness.session.get(f"{harness.gateway.addresses.console}/cases/{NUMBER}")

    assert "李敏@desk" in await page.text()


async def test_a_replayed_act_is_refused(harness: Harness) -> None:
    body = as_json(ACT | {"reason": "待核实"})
    signed = harness.operators.sign("POST", f"{OPERATOR}/holds", body)

    first = await harness.operators.send("POST", f"{OPERATOR}/holds", body, signed.headers)
    again = await harness.operators.send("POST", f"{OPERATOR}/holds", body, signed.headers)

    assert (first.status, again.status, again.code) == (200, 401, "signature.replayed")


async def test_no_agency_and_not_the_portal_may_act(harness: Harness) -> None:
    body = as_json(ACT | {"reason": "待核实"})

    for client in (harness.jiyuan, harness.portal_as_caller):
        answered = await client.call("POST", f"{OPERATOR}/holds", body)
        assert (answered.status, orjson.loads(answered.body)["code"]) == (403, "auth.not-allowed")
