"""Messages that prove nothing change nothing: each its own code, the ledger as before."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from gateway.flows.failpoints import Failpoint
from schemas.calls.content_headers import PROBLEM_JSON
from schemas.records.problems import Problem
from schemas.reference.clock import utc_now
from schemas.signing import (
    Direction,
    KeySet,
    Link,
    TagForm,
    Tags,
    Validity,
    new_key,
    read_key_set,
    write_key_set,
)
from tests.builders.records import JINSHUI, application_json, outcome_json
from tests.integration.gateway.harness import Harness, a_harness, stack_of_two
from tests.support.signing_client import Answered
from tests.support.stack import Stack

OUTCOMES = "/agency/v1/outcomes"


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    return stack_of_two(tmp_path)


@pytest.fixture
async def harness(stack: Stack) -> AsyncIterator[Harness]:
    """A gateway with one case at 金水区."""
    async with asyncio.timeout(30), a_harness(stack) as running:
        running.portal.forward(application_json())
        await running.failpoints.passed(Failpoint.DISPATCH_SETTLED)
        yield running


def outcome_of(harness: Harness, **changes: object) -> bytes:
    dispatch_no = harness.pushed.delivered[0]["dispatch_no"]
    return b'{"outcomes":[' + outcome_json(dispatch_no=dispatch_no, **changes) + b"]}"


async def state_of_the_case(harness: Harness) -> object:
    answered = await harness.jinshui.call("GET", "/agency/v1/cases/SY2026030200001")
    return orjson.loads(answered.body)["state"]


def assert_refused(answered: Answered, status: int, code: str) -> None:
    assert (answered.status, answered.code) == (status, code)
    assert answered.headers["Content-Type"] == PROBLEM_JSON
    body = Problem.read(answered.body)
    assert body.trace_id is not None
    assert "张" not in answered.body.decode()


def without(headers: Mapping[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in headers.items() if key != name}


@pytest.mark.parametrize(
    ("missing", "code"),
    [
        ("Signature", "signature.missing"),
        ("Signature-Input", "signature.missing"),
        ("Content-Digest", "signature.digest-missing"),
    ],
)
async def test_an_unsigned_message_changes_nothing(
    harness: Harness, missing: str, code: str
) -> None:
    before = await state_of_the_case(harness)
    body = outcome_of(harness)
    signed = harness.jinshui.sign("POST", OUTCOMES, body)

    answered = await harness.jinshui.send("POST", OUTCOMES, body, without(signed.headers, missing))

    assert_refused(answered, 401, code)
    assert await state_of_the_case(harness) == before
    reason = code.removeprefix("signature.")
    assert await harness.figure(f'duijie_signature_refused_total{{reason="{reason}"}}') == 1


async def test_an_unknown_key_is_refused(harness: Harness) -> None:
    before = await state_of_the_case(harness)
    unknown_caller = harness.jinshui.with_unknown_key()
    body = outcome_of(harness)

    answered = await unknown_caller.send(
        "POST", OUTCOMES, body, unknown_caller.sign("POST", OUTCOMES, body).headers
    )

    assert_refused(answered, 401, "signature.unknown-key")
    assert await state_of_the_case(harness) == before


async def test_a_known_key_id_with_another_secret_is_refused(harness: Harness) -> None:
    before = await state_of_the_case(harness)
    impostor = harness.jinshui.with_forged_key()
    body = outcome_of(harness)

    answered = await impostor.send(
        "POST", OUTCOMES, body, impostor.sign("POST", OUTCOMES, body).headers
    )

    assert_refused(answered, 401, "signature.mismatch")
    assert await state_of_the_case(harness) == before


async def test_the_key_of_the_portal_may_not_act_as_an_agency(harness: Harness) -> None:
    before = await state_of_the_case(harness)
    body = outcome_of(harness)
    signed = harness.portal_as_caller.sign("POST", OUTCOMES, body)

    answered = await harness.portal_as_caller.send("POST", OUTCOMES, body, signed.headers)

    assert_refused(answered, 403, "auth.not-allowed")
    assert await state_of_the_case(harness) == before


@pytest.mark.parametrize(
    ("alter", "code"),
    [
        (lambda body: body.replace(b'"aae016":"1"', b'"aae016":"2"'), "signature.digest-mismatch"),
        (lambda body: body + b" ", "signature.digest-mismatch"),
        (lambda _: None, "signature.body-unexpected"),
    ],
    ids=["one-byte", "longer", "gone"],
)
async def test_an_altered_body_changes_nothing(
    harness: Harness, alter: Callable[[bytes], bytes | None], code: str
) -> None:
    before = await state_of_the_case(harness)
    body = outcome_of(harness)
    signed = harness.jinshui.sign("POST", OUTCOMES, body)

    answered = await harness.jinshui.send(
        "POST", OUTCOMES, alter(body), {**signed.headers, "Content-Type": "application/json"}
    )

    assert_refused(answered, 401, code)
    assert await state_of_the_case(harness) == before


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/agency/v1/dispatches/acknowledgements"),
        ("POST", "/agency/v1/outcomes?limit=1"),
        ("POST", "/agency/v1/ping"),
    ],
)
async def test_a_signature_holds_for_its_own_path_and_query_only(
    harness: Harness, method: str, path: str
) -> None:
    body = outcome_of(harness)
    signed = harness.jinshui.sign("POST", OUTCOMES, body)

    answered = await harness.jinshui.send(method, path, body, signed.headers)

    assert_refused(answered, 401, "signature.mismatch")
    assert await state_of_the_case(harness) == "DISPATCHED"


@pytest.mark.parametrize(
    ("ago", "code"),
    [
        (timedelta(seconds=310), "signature.expired"),
        (timedelta(seconds=-70), "signature.not-yet-valid"),
    ],
)
async def test_a_message_outside_its_window_changes_nothing(
    harness: Harness, ago: timedelta, code: str
) -> None:
    body = outcome_of(harness)
    signed = harness.jinshui.sign("POST", OUTCOMES, body, at=utc_now() - ago)

    answered = await harness.jinshui.send("POST", OUTCOMES, body, signed.headers)

    assert_refused(answered, 401, code)
    assert await state_of_the_case(harness) == "DISPATCHED"


async def test_a_replay_is_refused_and_its_refusal_is_signed(harness: Harness) -> None:
    body = outcome_of(harness)
    signed = harness.jinshui.sign("POST", OUTCOMES, body)
    first = await harness.jinshui.send("POST", OUTCOMES, body, signed.headers)

    again = await harness.jinshui.send("POST", OUTCOMES, body, signed.headers)

    assert first.status == 200
    assert_refused(again, 401, "signature.replayed")
    assert "Signature" in again.headers
    assert await harness.figure("duijie_replay_refused_total") == 1


async def test_the_same_message_signed_anew_is_a_duplicate_with_the_first_receipt(
    harness: Harness,
) -> None:
    body = outcome_of(harness)
    first = orjson.loads((await harness.jinshui.call("POST", OUTCOMES, body)).body)["results"][0]
    again = orjson.loads((await harness.jinshui.call("POST", OUTCOMES, body)).body)["results"][0]

    assert (first["status"], again["status"]) == ("accepted", "duplicate")
    assert again["receipt"] == first["receipt"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/agency/v1/dispatches?wait=0", None),
        ("GET", "/agency/v1/cases/unknown", None),
        ("GET", "/agency/v1/dispatches?limit=0", None),
        ("POST", "/agency/v1/ping", b'{"echo":"x"}'),
        ("POST", "/agency/v1/ping", b"not json"),
        ("POST", OUTCOMES, b'{"outcomes":[]}'),
    ],
)
async def test_a_nonce_is_consumed_whatever_became_of_its_message(
    harness: Harness, method: str, path: str, body: bytes | None
) -> None:
    signed = harness.jinshui.sign(method, path, body)
    first = await harness.jinshui.send(method, path, body, signed.headers)

    again = await harness.jinshui.send(method, path, body, signed.headers)

    assert first.status != 401
    assert_refused(again, 401, "signature.replayed")


async def test_a_replay_is_refused_after_a_restart(tmp_path: Path) -> None:
    stack = stack_of_two(tmp_path)
    async with asyncio.timeout(30):
        async with a_harness(stack) as before:
            body = b'{"echo":"x"}'
            signed = before.jinshui.sign("POST", "/agency/v1/ping", body)
            assert (
                await before.jinshui.send("POST", "/agency/v1/ping", body, signed.headers)
            ).status == 200
        async with a_harness(stack) as after:
            again = await after.jinshui.send("POST", "/agency/v1/ping", body, signed.headers)

    assert_refused(again, 401, "signature.replayed")


async def test_of_copies_at_the_same_moment_one_takes_effect(harness: Harness) -> None:
    body = outcome_of(harness)
    signed = harness.jinshui.sign("POST", OUTCOMES, body)

    answers = await asyncio.gather(
        *(harness.jinshui.send("POST", OUTCOMES, body, signed.headers) for _ in range(8))
    )

    assert sorted(answered.status for answered in answers) == [200, *[401] * 7]


@pytest.mark.parametrize(
    "validity",
    [
        Validity(revoked=True),
        Validity(until=utc_now() - timedelta(minutes=1)),
        Validity(since=utc_now() + timedelta(days=1)),
    ],
    ids=["revoked", "expired", "not yet valid"],
)
async def test_a_key_that_does_not_count_is_refused_from_the_reload_on(
    harness: Harness, stack: Stack, validity: Validity
) -> None:
    # Given an agency whose key file ends the key that it signs with, and brings the next one
    path = stack.agency(JINSHUI).answerer.public
    (old,) = read_key_set(path)
    write_key_set(path, KeySet((old.valid(validity), new_key("next", old.suite))))
    body = outcome_of(harness)

    # When the gateway has read it again
    harness.gateway.reload_keys()

    # Then a message under the old key changes nothing, like one under a key that nobody knows
    signed = harness.jinshui.sign("POST", OUTCOMES, body)
    answered = await harness.jinshui.send("POST", OUTCOMES, body, signed.headers)
    assert_refused(answered, 401, "signature.unknown-key")
    assert await harness.figure('duijie_key_reloads_total{result="done"}') == 1
    (_, new) = read_key_set(path)
    again = replace(harness.jinshui, link=Link(new, new))
    assert (await again.call("POST", OUTCOMES, body)).results == ["accepted"]


async def test_what_the_gateway_sent_to_an_agency_cannot_be_sent_back_to_it(
    tmp_path: Path,
) -> None:
    # Given a secret that both parties share, and tags that say the direction
    stack = stack_of_two(tmp_path)
    file = stack.gateway_file
    file.write_text(file.read_text() + 'tag = "directed"\n')  # of the last agency
    async with asyncio.timeout(30), a_harness(stack) as running:
        tags = Tags.of(Direction.PROVINCE_TO_AGENCY, TagForm.DIRECTED)
        as_gateway = replace(running.jiyuan, link=replace(running.jiyuan.link, tags=tags))
        path = "/agency/v1/dispatches"

        # When somebody sends the agency's gateway a message that the gateway itself signed
        signed = as_gateway.sign("GET", path)
        answered = await as_gateway.send("GET", path, None, signed.headers)

        # Then it is refused, and what the agency signs is taken in both forms
        assert_refused(answered, 401, "signature.wrong-tag")
        assert (await running.jiyuan.call("GET", path)).status == 200
        own = Tags.of(Direction.AGENCY_TO_PROVINCE, TagForm.DIRECTED_ONLY)
        as_agency = replace(running.jiyuan, link=replace(running.jiyuan.link, tags=own))
        assert (await as_agency.call("GET", path)).status == 200
