"""The contract's operations at the national side, over real HTTP."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from contracts.verify.schema_validator import SchemaValidator
from schemas.records.outcomes import RefusalReason
from schemas.records.problems import Problem
from schemas.records.version import CONTRACT_VERSION
from schemas.reference.clock import utc_now
from schemas.signing import Suite, new_key
from tests.integration.simulator.docking import (
    ACKNOWLEDGEMENTS,
    APPLICATIONS,
    OUTCOMES,
    PING,
    Docked,
    JsonObject,
    ProvinceSystem,
    Reply,
    a_refusal,
    an_outcome,
    docked,
)
from tests.support.until import until

ZHENGZHOU, CHANGSHA, JIYUAN = "410100", "430100", "419001"
VALIDATOR = SchemaValidator.load()


def refused_with(result: JsonObject) -> object:
    problem = result["problem"]
    assert result["status"] == "refused"
    assert isinstance(problem, dict)
    return problem["code"]


async def handed_over(here: Docked, count: int = 1) -> list[str]:
    """File applications in Henan, download and acknowledge them."""
    await here.control.file(count, ZHENGZHOU)
    numbers = await here.henan.numbers()
    await here.henan.acknowledge(*numbers)
    return numbers


@pytest.mark.parametrize("suite", Suite)
async def test_an_application_is_forwarded_by_its_registration_place_only(
    tmp_path: Path, suite: Suite
) -> None:
    async with docked(tmp_path, suite=suite) as here:
        in_henan = await here.control.file(2, ZHENGZHOU, JIYUAN)
        in_hunan = await here.control.file(1, CHANGSHA)

        assert await here.henan.numbers() == in_henan
        assert await here.hunan.numbers() == in_hunan


async def test_a_page_is_what_the_contract_publishes_and_its_answer_is_bound_to_the_request(
    here: Docked,
) -> None:
    await here.control.file(3, ZHENGZHOU)
    reply = await here.henan.get(f"{APPLICATIONS}?limit=2")

    assert reply.status == 200
    assert reply.proven
    assert reply.headers["Duijie-Contract"] == CONTRACT_VERSION
    assert VALIDATOR.check("feed-page", reply.body) == ()
    assert len(reply.items()) == 2
    assert reply.json()["more"] is True


async def test_unacknowledged_items_come_again_and_acknowledged_ones_do_not(here: Docked) -> None:
    filed = await here.control.file(3, ZHENGZHOU)
    assert await here.henan.numbers() == filed
    assert await here.henan.numbers() == filed

    results = await here.henan.acknowledge(filed[0])
    assert [result["status"] for result in results] == ["accepted"]
    assert await here.henan.numbers() == filed[1:]


async def test_an_acknowledgement_said_twice_gets_the_first_receipt(here: Docked) -> None:
    number = (await handed_over(here))[0]
    (again,) = await here.henan.acknowledge(number)
    (once_more,) = await here.henan.acknowledge(number)
    assert again["status"] == once_more["status"] == "duplicate"
    assert again["receipt"] == once_more["receipt"]


async def test_only_what_was_downloaded_here_can_be_acknowledged(here: Docked) -> None:
    (filed,) = await here.control.file(1, ZHENGZHOU)
    (too_early,) = await here.henan.acknowledge(filed)
    (elsewhere,) = await here.hunan.acknowledge(filed)
    (unknown,) = await here.henan.acknowledge("SYDJ-0")
    codes = {refused_with(result) for result in (too_early, elsewhere, unknown)}
    assert codes == {"acknowledgement.unknown"}
    assert await here.henan.numbers() == [filed]


async def a_long_poll(here: Docked) -> asyncio.Task[Reply]:
    """Return a poll that the national side holds open."""
    polling = asyncio.create_task(here.henan.get(f"{APPLICATIONS}?wait=30"))
    arrival = here.simulator.entry.book.feed("410000").arrival
    await until(lambda: bool(arrival.waiting), "the poll is held open", every_s=0)
    return polling


@pytest.mark.parametrize("end", ["stop", "reset"])
async def test_a_long_poll_is_answered_empty_when_the_book_is_closed(
    here: Docked, end: str
) -> None:
    polling = await a_long_poll(here)
    if end == "stop":
        await here.simulator.stop()
    else:
        await here.control.post("reset")
    async with asyncio.timeout(5):
        assert (await polling).json() == {"items": [], "more": False}


async def test_a_long_poll_is_answered_the_moment_somebody_files(here: Docked) -> None:
    polling = await a_long_poll(here)
    filed = await here.control.file(1, ZHENGZHOU)
    async with asyncio.timeout(5):
        reply = await polling
    assert [item["application_no"] for item in reply.items()] == filed


async def test_a_long_poll_whose_caller_is_gone_takes_no_delivery(here: Docked) -> None:
    polling = await a_long_poll(here)
    polling.cancel()
    arrival = here.simulator.entry.book.feed("410000").arrival
    await until(lambda: not arrival.waiting, "the end of the poll is noticed", every_s=0)
    (filed,) = await here.control.file(1, ZHENGZHOU)
    assert (await here.control.get(f"applications/{filed}"))["deliveries"] == 0


async def test_without_waiting_an_empty_feed_is_answered_at_once(here: Docked) -> None:
    reply = await here.henan.get()
    assert (reply.status, reply.json()) == (200, {"items": [], "more": False})


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "limit=１", "wait=31"])
async def test_a_query_out_of_range_is_refused(here: Docked, query: str) -> None:
    path = f"{APPLICATIONS}?{query}".replace("１", "%EF%BC%91")
    reply = await here.henan.get(path)
    assert (reply.status, reply.code()) == (400, "query.invalid")


async def test_an_outcome_takes_effect_once_and_its_repeat_gets_the_first_receipt_byte_for_byte(
    here: Docked,
) -> None:
    (number,) = await handed_over(here)
    batch = b'{"outcomes":[%s]}' % an_outcome(number).wire()
    first = await here.henan.post(OUTCOMES, batch)
    again = await here.henan.post(OUTCOMES, batch)

    assert first.proven
    assert again.body == first.body.replace(b"accepted", b"duplicate")
    shown = await here.control.get(f"applications/{number}")
    effects = shown["effects"]
    assert shown["state"] == "已审核"
    assert isinstance(effects, list)
    assert len(effects) == 1
    assert isinstance(effects[0], dict)
    assert effects[0]["repeats"] == 1


async def test_the_same_outcome_with_its_members_in_another_order_is_a_repeat(here: Docked) -> None:
    (number,) = await handed_over(here)
    outcome = an_outcome(number).wire()
    turned = orjson.dumps(dict(reversed(orjson.loads(outcome).items())))
    (first,), (again,) = await here.henan.upload(outcome), await here.henan.upload(turned)
    assert (first["status"], again["status"]) == ("accepted", "duplicate")
    assert first["receipt"] == again["receipt"]


@pytest.mark.parametrize(
    ("written", "otherwise"),
    [
        (b'"review_state"', b'"remarks":null,"review_state"'),
        (b'"revision":1', b'"revision":1.0'),
        (b'+08:00"', b'+08:00"'.replace(b"+08:00", b".000+08:00")),
    ],
    ids=["null for absent", "a fraction", "an instant with zeros"],
)
async def test_the_same_outcome_in_another_spelling_is_a_repeat(
    here: Docked, written: bytes, otherwise: bytes
) -> None:
    (number,) = await handed_over(here)
    outcome = an_outcome(number).wire()
    (first,) = await here.henan.upload(outcome)
    (again,) = await here.henan.upload(outcome.replace(written, otherwise))
    assert (again["status"], again["receipt"]) == ("duplicate", first["receipt"])


async def test_other_content_under_the_same_revision_is_a_conflict(here: Docked) -> None:
    (number,) = await handed_over(here)
    await here.henan.upload(an_outcome(number))
    (result,) = await here.henan.upload(an_outcome(number, handler="另一经办人"))
    assert refused_with(result) == "outcome.conflict"


async def test_a_correction_is_a_new_revision_and_an_older_one_comes_too_late(here: Docked) -> None:
    (number,) = await handed_over(here)
    accepted = await here.henan.upload(an_outcome(number), an_outcome(number, revision=3))
    (late,) = await here.henan.upload(an_outcome(number, revision=2))
    (repeat,) = await here.henan.upload(an_outcome(number))
    assert [result["status"] for result in accepted] == ["accepted", "accepted"]
    assert refused_with(late) == "outcome.superseded"
    assert repeat["status"] == "duplicate"


async def test_each_outcome_that_may_not_be_gets_its_own_answer_and_the_others_go_on(
    here: Docked,
) -> None:
    (number,) = await handed_over(here)
    (waiting,) = await here.control.file(1, JIYUAN)
    (foreign,) = await here.control.file(1, CHANGSHA)
    results = await here.henan.upload(
        an_outcome("SYDJ-0"),
        an_outcome(waiting),
        an_outcome(foreign),
        b'{"application_no":"%s","application_no":"2"}' % number.encode(),
        an_outcome(number).wire().replace(b'"revision":1', b'"revision":"1"'),
        an_outcome(number),
    )
    assert [refused_with(result) for result in results[:-1]] == [
        "outcome.unknown-application",
        "outcome.not-acknowledged",
        "auth.not-allowed",
        "message.malformed",
        "message.invalid",
    ]
    assert results[-1]["status"] == "accepted"


async def test_a_refused_item_names_the_member_and_the_rule(here: Docked) -> None:
    (result,) = await here.henan.upload(a_refusal("SYDJ-1").wire().replace(b'"06"', b'"08"'))
    problem = Problem.read(orjson.dumps(result["problem"]))
    assert problem.code == "message.invalid"
    assert "/refusal_reason" in {error.pointer for error in problem.errors}


async def test_after_a_withdrawal_only_the_result_withdrawn_is_taken(here: Docked) -> None:
    (number,) = await handed_over(here)
    assert (await here.control.post("withdrawals", {"application_no": number})).status == 201

    (item,) = (await here.henan.get()).items()
    assert (item["kind"], item["application_no"]) == ("withdrawal", number)
    await here.henan.acknowledge(number, kind="withdrawal")
    passed, withdrawn = await here.henan.upload(
        an_outcome(number), a_refusal(number, RefusalReason.WITHDRAWN)
    )
    assert refused_with(passed) == "case.withdrawn"
    assert withdrawn["status"] == "accepted"
    assert await here.henan.numbers() == []


async def test_ping_gives_the_text_back_with_time_and_contract(here: Docked) -> None:
    reply = await here.henan.post(PING, '{"echo":"连通性测试"}'.encode())
    assert VALIDATOR.check("pong", reply.body) == ()
    assert (reply.json()["echo"], reply.json()["contract"]) == ("连通性测试", CONTRACT_VERSION)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b'{"outcomes":[]}', 422, "message.invalid"),
        (b'{"outcomes":[{}],"more":1}', 422, "message.invalid"),
        (b'{"outcome":[{}]}', 422, "message.invalid"),
        (b"[]", 422, "message.invalid"),
        (b"{", 400, "message.malformed"),
        (b'{"outcomes":[' + b",".join([b"{}"] * 201) + b"]}", 413, "message.too-large"),
    ],
)
async def test_a_batch_that_cannot_be_read_is_refused_whole(
    here: Docked, body: bytes, status: int, code: str
) -> None:
    reply = await here.henan.post(OUTCOMES, body)
    assert (reply.status, reply.code()) == (status, code)
    assert VALIDATOR.check("problem", reply.body) == ()


async def test_another_content_type_is_refused(here: Docked) -> None:
    request = here.henan.sign("POST", OUTCOMES, b'{"outcomes":[{}]}', content_type="text/plain")
    reply = await here.henan.send(request)
    assert (reply.status, reply.code()) == (415, "message.unsupported-type")


async def test_a_path_that_does_not_exist_gets_a_problem_body_too(here: Docked) -> None:
    assert (await here.henan.get("/national/v1/nothing")).code() == "route.unknown"
    assert (await here.henan.post(APPLICATIONS, b"{}")).code() == "method.not-allowed"


async def test_what_is_not_properly_signed_is_refused_and_changes_nothing(here: Docked) -> None:
    (filed,) = await here.control.file(1, ZHENGZHOU)
    good = here.henan.sign("POST", ACKNOWLEDGEMENTS, b'{"acknowledgements":[]}')
    unknown_caller = ProvinceSystem(
        here.session, here.henan.base, new_key("unknown", Suite.HMAC_SHA256)
    )
    impostor = ProvinceSystem(
        here.session, here.henan.base, new_key(here.henan.key.key_id, Suite.HMAC_SHA256)
    )
    an_hour_ago = utc_now() - timedelta(hours=1)
    bad = {
        "signature.missing": replace(good, headers={"Content-Type": "application/json"}),
        "signature.digest-mismatch": replace(good, body=b'{"acknowledgements":[1]}'),
        "signature.unknown-key": unknown_caller.sign("GET", APPLICATIONS),
        "signature.mismatch": impostor.sign("GET", APPLICATIONS),
        "signature.expired": here.henan.sign("GET", APPLICATIONS, now=lambda: an_hour_ago),
    }
    for code, request in bad.items():
        reply = await here.henan.send(request)
        assert (reply.status, reply.code(), reply.proven) == (401, code, False)
    shown = await here.control.get(f"applications/{filed}")
    assert (shown["deliveries"], shown["acknowledgements"]) == (0, 0)


async def test_a_request_sent_twice_is_refused_the_second_time(here: Docked) -> None:
    request = here.henan.sign("GET", APPLICATIONS)
    assert (await here.henan.send(request)).status == 200
    replay = await here.henan.send(request)
    assert (replay.status, replay.code()) == (401, "signature.replayed")


async def test_the_trace_of_the_caller_is_in_the_answer_and_in_a_problem(here: Docked) -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    request = here.henan.sign("GET", f"{APPLICATIONS}?limit=0")
    request.headers["traceparent"] = trace
    reply = await here.henan.send(request)
    assert reply.headers["traceparent"].split("-")[1] == trace.split("-")[1]
    assert reply.json()["trace_id"] == trace.split("-")[1]
