"""A request is judged by its headers: whoever is refused is refused before a byte of the body."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from gateway.web.calls import Answer, SignedCall
from schemas.records.json_errors import LONGEST_BODY_BYTES
from schemas.reference.clock import utc_now
from tests.integration.gateway.acting import BODY, PATH, Acting, acting
from tests.support.raw_http import Lines, body_headers, raw_connection, request_head


async def echo(call: SignedCall) -> Answer:
    return Answer(call.body)


async def never(_: SignedCall) -> Answer:
    raise AssertionError("its headers do not hold")


def expired(act: Acting) -> Lines:
    return body_headers(
        BODY, act.client.sign("POST", PATH, BODY, at=utc_now() - timedelta(hours=1))
    )


def of_the_future(act: Acting) -> Lines:
    return body_headers(
        BODY, act.client.sign("POST", PATH, BODY, at=utc_now() + timedelta(hours=1))
    )


def by_nobody(act: Acting) -> Lines:
    return body_headers(BODY, act.client.with_unknown_key().sign("POST", PATH, BODY))


def by_an_impostor(act: Acting) -> Lines:
    return body_headers(BODY, act.client.with_forged_key().sign("POST", PATH, BODY))


def with_a_short_nonce(act: Acting) -> Lines:
    signed = act.client.sign("POST", PATH, BODY)
    field = signed.headers["Signature-Input"].replace(signed.nonce, "short")
    return body_headers(BODY, signed, signature_input=field)


def without_a_signature(act: Acting) -> Lines:
    return body_headers(BODY, act.client.sign("POST", PATH, BODY), signature=None)


def without_a_digest(act: Acting) -> Lines:
    return body_headers(BODY, act.client.sign("POST", PATH, BODY), content_digest=None)


def too_long(act: Acting) -> Lines:
    length = str(LONGEST_BODY_BYTES + 1)
    return body_headers(BODY, act.client.sign("POST", PATH, BODY), content_length=length)


def of_another_type(act: Acting) -> Lines:
    return body_headers(BODY, act.client.sign("POST", PATH, BODY), content_type="text/plain")


def compressed(act: Acting) -> Lines:
    return body_headers(BODY, act.client.sign("POST", PATH, BODY), content_encoding="gzip")


@pytest.mark.parametrize(
    ("lines", "status", "code"),
    [
        (expired, 401, "signature.expired"),
        (of_the_future, 401, "signature.not-yet-valid"),
        (by_nobody, 401, "signature.unknown-key"),
        (by_an_impostor, 401, "signature.mismatch"),
        (with_a_short_nonce, 401, "signature.nonce-unfit"),
        (without_a_signature, 401, "signature.missing"),
        (without_a_digest, 401, "signature.digest-missing"),
        (too_long, 413, "message.too-large"),
        (of_another_type, 401, "signature.mismatch"),
        (compressed, 415, "message.unsupported-type"),
    ],
)
async def test_headers_that_do_not_hold_are_refused_while_the_body_is_still_to_come(
    tmp_path: Path, lines: Callable[[Acting], Lines], status: int, code: str
) -> None:
    async with (
        asyncio.timeout(20),
        acting(tmp_path, never, body_s=20) as act,
        raw_connection(act.client.base) as line,
    ):
        line.send(request_head(act.client.base, "POST", PATH, lines(act)))  # and no body

        answered = await line.answer()

        assert (answered.status, orjson.loads(answered.body)["code"]) == (status, code)
        assert answered.headers["connection"] == "close"


async def test_a_body_is_awaited_once_its_headers_hold(tmp_path: Path) -> None:
    async with (
        asyncio.timeout(20),
        acting(tmp_path, echo) as act,
        raw_connection(act.client.base) as line,
    ):
        lines = body_headers(BODY, act.client.sign("POST", PATH, BODY))
        line.send(request_head(act.client.base, "POST", PATH, lines))
        line.send(BODY[:3])
        line.send(BODY[3:])

        answered = await line.answer()

    assert (answered.status, answered.body) == (200, BODY)
    assert "connection" not in answered.headers


async def test_who_asks_first_whether_to_send_a_body_is_told_by_its_headers(
    tmp_path: Path,
) -> None:
    async with asyncio.timeout(20), acting(tmp_path, echo) as act:
        async with raw_connection(act.client.base) as known:
            signed = act.client.sign("POST", PATH, BODY)
            asking = body_headers(BODY, signed, expect="100-continue")
            known.send(request_head(act.client.base, "POST", PATH, asking))
            assert (await known.answer()).status == 100
            known.send(BODY)
            assert (await known.answer()).body == BODY
        async with raw_connection(act.client.base) as unknown:
            signed = act.client.with_unknown_key().sign("POST", PATH, BODY)
            asking = body_headers(BODY, signed, expect="100-continue")
            unknown.send(request_head(act.client.base, "POST", PATH, asking))
            assert (await unknown.answer()).status == 401


async def test_headers_that_hold_do_not_make_another_body_hold(tmp_path: Path) -> None:
    async with (
        asyncio.timeout(20),
        acting(tmp_path, never) as act,
        raw_connection(act.client.base) as line,
    ):
        lines = body_headers(BODY, act.client.sign("POST", PATH, BODY))
        line.send(request_head(act.client.base, "POST", PATH, lines) + BODY[::-1])

        answered = await line.answer()

    assert orjson.loads(answered.body)["code"] == "signature.digest-mismatch"
