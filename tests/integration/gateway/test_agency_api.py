"""What agencies' systems can ask of a real gateway, and what each mistake is answered with."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest

from schemas.records.dispatches import CaseView, DispatchPage, Pong
from schemas.records.problems import Problem
from schemas.records.receipts import BatchAnswer, ItemStatus
from schemas.signing import SignatureRejected
from tests.builders.extended import return_json
from tests.builders.records import JIYUAN, application_json, as_json, outcome_json
from tests.integration.gateway.harness import Harness, a_harness, stack_of_two

OUTCOMES = "/agency/v1/outcomes"
DISPATCHES = "/agency/v1/dispatches"
ACKNOWLEDGE = f"{DISPATCHES}/acknowledgements"
RETURNS = f"{DISPATCHES}/returns"


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[Harness]:
    """A gateway with one case at 济源市, which fetches."""
    async with asyncio.timeout(30), a_harness(stack_of_two(tmp_path)) as running:
        running.portal.forward(application_json(place_division="419001"))
        yield running


async def fetched(harness: Harness) -> DispatchPage:
    return DispatchPage.read((await harness.jiyuan.call("GET", f"{DISPATCHES}?wait=20")).body)


async def fetched_at_once(harness: Harness) -> DispatchPage:
    return DispatchPage.read((await harness.jiyuan.call("GET", DISPATCHES)).body)


def acknowledging(*numbers: str) -> bytes:
    stored = [{"dispatch_no": n, "stored_at": "2026-03-03T15:00:00+08:00"} for n in numbers]
    return as_json({"acknowledgements": stored})


async def test_a_dispatch_is_offered_until_it_is_acknowledged(harness: Harness) -> None:
    first = (await fetched(harness)).dispatches
    again = (await fetched(harness)).dispatches
    assert first == again

    receipts = [
        BatchAnswer.read(
            (
                await harness.jiyuan.call("POST", ACKNOWLEDGE, acknowledging(first[0].dispatch_no))
            ).body
        ).results[0]
        for _ in range(2)
    ]

    assert [one.status for one in receipts] == [ItemStatus.ACCEPTED, ItemStatus.DUPLICATE]
    assert receipts[0].receipt == receipts[1].receipt
    empty = await harness.jiyuan.call("GET", DISPATCHES)
    assert empty.body == b'{"dispatches":[],"more":false}'


async def test_dispatches_of_another_agency_are_neither_offered_nor_acknowledged(
    harness: Harness,
) -> None:
    number = (await fetched(harness)).dispatches[0].dispatch_no

    offered = await harness.jinshui.call("GET", DISPATCHES)
    answered = await harness.jinshui.call("POST", ACKNOWLEDGE, acknowledging(number))

    assert DispatchPage.read(offered.body).dispatches == ()
    problem = BatchAnswer.read(answered.body).results[0].problem
    assert problem is not None
    assert problem.code == "dispatch.unknown"


async def test_each_item_of_a_batch_has_its_own_answer_in_order(harness: Harness) -> None:
    number = (await fetched(harness)).dispatches[0].dispatch_no
    items = (
        outcome_json(application_no="SY404", dispatch_no=number),
        outcome_json(dispatch_no=number, aae017=JIYUAN),
        outcome_json(dispatch_no=number, aae016="9"),
        b'{"application_no":"SY1","application_no":"SY2"}',
    )

    answered = await harness.jiyuan.call(
        "POST", OUTCOMES, b'{"outcomes":[' + b",".join(items) + b"]}"
    )

    results = BatchAnswer.read(answered.body).results
    codes = [one.problem.code if one.problem else one.status for one in results]
    assert answered.status == 200
    assert codes == [
        "outcome.unknown-application",
        ItemStatus.ACCEPTED,
        "message.invalid",
        "message.malformed",
    ]
    assert await harness.figure('duijie_outcomes_total{answer="message.malformed"}') == 1


async def test_an_outcome_of_the_wrong_agency_is_refused(harness: Harness) -> None:
    number = (await fetched(harness)).dispatches[0].dispatch_no

    answered = await harness.jiyuan.call(
        "POST", OUTCOMES, b'{"outcomes":[' + outcome_json(dispatch_no=number) + b"]}"
    )

    problem = BatchAnswer.read(answered.body).results[0].problem
    assert problem is not None
    assert problem.code == "outcome.wrong-agency"


async def test_a_dispatch_is_returned_once_and_waits_for_the_desk(harness: Harness) -> None:
    (dispatch,) = (await fetched(harness)).dispatches
    sent = b'{"returns":[' + return_json(dispatch_no=dispatch.dispatch_no) + b"]}"

    answers = [
        BatchAnswer.read((await harness.jiyuan.call("POST", RETURNS, sent)).body).results[0]
        for _ in range(2)
    ]
    theirs = BatchAnswer.read((await harness.jinshui.call("POST", RETURNS, sent)).body).results[0]

    assert [one.status for one in answers] == [ItemStatus.ACCEPTED, ItemStatus.DUPLICATE]
    assert answers[0].receipt == answers[1].receipt
    assert theirs.problem is not None
    assert theirs.problem.code == "dispatch.unknown"
    assert (await fetched_at_once(harness)).dispatches == ()
    asked = await harness.jiyuan.call("GET", f"{DISPATCHES}?superseded_hours=1")
    over = DispatchPage.read(asked.body).superseded
    assert over is not None
    assert [one.dispatch_no for one in over] == [dispatch.dispatch_no]
    theirs_asked = await harness.jinshui.call("GET", f"{DISPATCHES}?superseded_hours=168")
    assert theirs_asked.body == b'{"dispatches":[],"more":false,"superseded":[]}'
    assert await harness.figure('duijie_returns_total{answer="accepted"}') == 1
    assert await harness.figure('duijie_attention{reason="dispatch.returned"}') == 1


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", f"{DISPATCHES}?limit=0", None, 400, "query.invalid"),
        ("GET", f"{DISPATCHES}?limit=201", None, 400, "query.invalid"),
        ("GET", f"{DISPATCHES}?limit=%D9%A3", None, 400, "query.invalid"),
        ("GET", f"{DISPATCHES}?wait=31", None, 400, "query.invalid"),
        ("GET", f"{DISPATCHES}?superseded_hours=169", None, 400, "query.invalid"),
        ("GET", f"{DISPATCHES}?wait=-1", None, 400, "query.invalid"),
        ("POST", OUTCOMES, b"[]", 422, "message.invalid"),
        ("POST", OUTCOMES, b'{"outcomes":1}', 422, "message.invalid"),
        ("POST", OUTCOMES, b'{"outcomes":[]}', 422, "message.invalid"),
        ("POST", OUTCOMES, b'{"outcomes":[{}],"x":1}', 422, "message.invalid"),
        ("POST", OUTCOMES, b'{"outcomes":[' + b"{}," * 200 + b"{}]}", 413, "message.too-large"),
        ("POST", RETURNS, b'{"returns":[]}', 422, "message.invalid"),
        ("POST", RETURNS, b'{"returns":[' + b"{}," * 200 + b"{}]}", 413, "message.too-large"),
        ("POST", ACKNOWLEDGE, b'{"acknowledgements":[]}', 422, "message.invalid"),
        ("POST", ACKNOWLEDGE, b'{"a":1,"a":2}', 400, "message.malformed"),
        ("POST", "/agency/v1/ping", b'{"echo":"\\ud800"}', 400, "message.malformed"),
        ("POST", OUTCOMES, b"[", 400, "message.malformed"),
        ("POST", "/agency/v1/ping", b'{"echo":NaN}', 400, "message.malformed"),
        ("POST", "/agency/v1/ping", b'{"echo":""}', 422, "message.invalid"),
        ("GET", "/agency/v1/cases/SY404", None, 404, "case.unknown"),
    ],
)
async def test_a_request_that_cannot_be_read_is_refused_whole(
    harness: Harness, method: str, path: str, body: bytes | None, status: int, code: str
) -> None:
    answered = await harness.jiyuan.call(method, path, body)

    assert (answered.status, answered.code) == (status, code)
    assert Problem.read(answered.body).trace_id is not None


async def test_a_case_is_shown_to_its_agency_only(harness: Harness) -> None:
    await fetched(harness)

    ours = await harness.jiyuan.call("GET", "/agency/v1/cases/SY2026030200001")
    theirs = await harness.jinshui.call("GET", "/agency/v1/cases/SY2026030200001")

    view = CaseView.read(ours.body)
    assert view.history[0].step == "accept"
    assert (theirs.status, theirs.code) == (404, "case.unknown")


async def test_ping_proves_signature_clock_and_reach(harness: Harness) -> None:
    answered = await harness.jiyuan.call("POST", "/agency/v1/ping", '{"echo":"你好𠮷"}'.encode())

    assert Pong.read(answered.body).echo == "你好𠮷"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/agency/v1/nowhere", 404, "route.unknown"),
        ("DELETE", OUTCOMES, 405, "method.not-allowed"),
    ],
)
async def test_what_is_not_served_is_a_problem_too(
    harness: Harness, method: str, path: str, status: int, code: str
) -> None:
    answered = await harness.jiyuan.send(method, path, None, {})

    assert (answered.status, answered.code) == (status, code)
    assert ("Allow" in answered.headers) == (status == 405)


async def test_only_plain_json_is_read(harness: Harness) -> None:
    body = b'{"echo":"x"}'
    signed = harness.jiyuan.sign("POST", "/agency/v1/ping", body)

    answered = await harness.jiyuan.send(
        "POST", "/agency/v1/ping", body, {**signed.headers, "Content-Encoding": "gzip"}
    )

    assert (answered.status, answered.code) == (415, "message.unsupported-type")


async def test_the_trace_of_a_caller_is_in_the_answer_once_it_has_proven_who_it_is(
    harness: Harness,
) -> None:
    trace_id = "0af7651916cd43dd8448eb211c80319c"
    header = {"traceparent": f"00-{trace_id}-b7ad6b7169203331-01"}
    path = "/agency/v1/cases/none"
    signed = harness.jiyuan.sign("GET", path).headers

    proven = await harness.jiyuan.send("GET", path, None, {**signed, **header})
    unproven = await harness.jiyuan.send("GET", path, None, header)

    assert orjson.loads(proven.body)["trace_id"] == trace_id
    assert orjson.loads(unproven.body)["trace_id"] != trace_id
    assert all(one.startswith("00-") for one in harness.portal.traces)


async def test_an_answer_is_bound_to_its_request(harness: Harness) -> None:
    # The client of the harness verifies every signed answer; here it must not accept a wrong one.
    signed = harness.jiyuan.sign("POST", "/agency/v1/ping", b'{"echo":"x"}')
    answered = await harness.jiyuan.send("POST", "/agency/v1/ping", b'{"echo":"x"}', signed.headers)
    other = harness.jiyuan.sign("POST", "/agency/v1/ping", b'{"echo":"x"}')

    with pytest.raises(SignatureRejected):
        harness.jiyuan.verify(answered, other.signature)
    harness.jiyuan.verify(answered, signed.signature)
