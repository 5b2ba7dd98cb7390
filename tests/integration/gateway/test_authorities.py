"""A message is for the gateway it was signed for, under the names that the gateway is given."""

import asyncio
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import orjson
import pytest

from gateway.web.authorities import Authorities, Scheme
from gateway.web.calls import Answer, SignedCall
from tests.integration.gateway.acting import BODY, BY_ADDRESS, PATH, Acting, acting
from tests.integration.gateway.harness import a_harness, stack_of_two
from tests.support.raw_http import RawAnswer, body_headers, raw_connection, request_head

CASES = "/agency/v1/cases/"
BEHIND_TLS = Authorities.of(["gw.example", "[2001:DB8::7]:8443"], Scheme.HTTPS)
BEHIND_PLAIN = Authorities.of(["gw.example:80"], Scheme.HTTP)
BY_NAME = Authorities(listened="gw-1.example")


async def echo(call: SignedCall) -> Answer:
    return Answer(call.body)


async def answer_to(act: Acting, signed_for: str, host: str, target: str = PATH) -> RawAnswer:
    """Return the answer to a request signed for one base URL and sent with this Host and target."""
    port = str(urlsplit(act.client.base).port)
    signer = replace(act.client, base=signed_for.replace("PORT", port))
    lines = body_headers(BODY, signer.sign("POST", PATH, BODY))
    head = request_head(f"http://{host}", "POST", target, lines).replace(b"PORT", port.encode())
    async with raw_connection(act.client.base) as line:
        line.send(head + BODY)
        return await line.answer()


@pytest.mark.parametrize(
    ("authorities", "signed_for", "host", "target"),
    [
        (BY_ADDRESS, "http://127.0.0.1:PORT", "127.0.0.1:PORT", PATH),
        (BY_ADDRESS, "http://localhost:PORT", "localhost:PORT", PATH),
        (BY_ADDRESS, "http://LocalHost:PORT", "LOCALHOST:PORT", PATH),
        (BY_ADDRESS, "http://[::1]:PORT", "[::1]:PORT", PATH),
        (BY_ADDRESS, "http://127.0.0.1:PORT", "127.0.0.1:PORT", f"http://127.0.0.1:PORT{PATH}"),
        (BY_ADDRESS, "http://127.0.0.1:PORT", "127.0.0.1:PORT", f"HTTP://127.0.0.1:PORT{PATH}"),
        (BY_NAME, "http://gw-1.example:PORT", "gw-1.example:PORT", PATH),
        (BEHIND_TLS, "https://gw.example", "gw.example:443", PATH),
        (BEHIND_TLS, "https://gw.example", "gw.example", PATH),
        (BEHIND_TLS, "https://GW.example:443", "gw.Example", PATH),
        (BEHIND_TLS, "https://gw.example", "gw.example:443", f"https://gw.example{PATH}"),
        (BEHIND_TLS, "https://[2001:db8::7]:8443", "[2001:db8::7]:8443", PATH),
        (BEHIND_PLAIN, "http://gw.example", "gw.example:80", PATH),
    ],
)
async def test_a_message_for_a_name_of_the_gateway_is_taken(
    tmp_path: Path, authorities: Authorities, signed_for: str, host: str, target: str
) -> None:
    async with asyncio.timeout(20), acting(tmp_path, echo, authorities=authorities) as act:
        answered = await answer_to(act, signed_for, host, target)

    assert (answered.status, answered.body) == (200, BODY)


@pytest.mark.parametrize(
    ("authorities", "signed_for", "host", "target", "code"),
    [
        # captured at another gateway, sent on to this one with its own Host or with ours
        (BY_ADDRESS, "http://test.example", "test.example", PATH, "signature.mismatch"),
        (BY_ADDRESS, "http://test.example", "127.0.0.1:PORT", PATH, "signature.mismatch"),
        (BY_ADDRESS, "http://127.0.0.1:1", "127.0.0.1:1", PATH, "signature.mismatch"),
        (BY_ADDRESS, "http://127.0.0.1", "127.0.0.1", PATH, "signature.mismatch"),
        (BEHIND_TLS, "https://test.example", "test.example", PATH, "signature.mismatch"),
        (BEHIND_TLS, "http://gw.example", "gw.example:80", PATH, "signature.mismatch"),
        (BEHIND_TLS, "http://127.0.0.1:PORT", "127.0.0.1:PORT", PATH, "signature.mismatch"),
        (BEHIND_PLAIN, "https://gw.example:443", "gw.example:443", PATH, "signature.mismatch"),
        (
            BEHIND_TLS,
            "https://gw.example",
            "gw.example",
            f"https://test.example{PATH}",
            "signature.malformed",
        ),
        (
            BEHIND_TLS,
            "https://gw.example",
            "test.example",
            f"https://gw.example{PATH}",
            "signature.malformed",
        ),
        (BY_ADDRESS, "http://127.0.0.1:PORT", "127.0.0.1:PORT", f"{PATH}#a", "signature.malformed"),
    ],
)
async def test_a_message_for_another_authority_is_refused(
    tmp_path: Path, authorities: Authorities, signed_for: str, host: str, target: str, code: str
) -> None:
    async with asyncio.timeout(20), acting(tmp_path, echo, authorities=authorities) as act:
        answered = await answer_to(act, signed_for, host, target)

    assert (answered.status, orjson.loads(answered.body)["code"]) == (401, code)


async def test_what_a_proxy_says_of_the_scheme_or_host_is_not_believed(tmp_path: Path) -> None:
    claims = [
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Host", "test.example"),
        ("Forwarded", "host=test.example;proto=https"),
    ]
    async with asyncio.timeout(20), acting(tmp_path, echo, authorities=BEHIND_PLAIN) as act:
        signer = replace(act.client, base="https://gw.example")
        lines = body_headers(BODY, signer.sign("POST", PATH, BODY))
        async with raw_connection(act.client.base) as line:
            head = request_head("http://gw.example:443", "POST", PATH, [*lines, *claims])
            line.send(head + BODY)
            answered = await line.answer()

    assert orjson.loads(answered.body)["code"] == "signature.mismatch"


@pytest.mark.parametrize(
    ("signed", "sent", "code"),
    [
        ("{b}", "{b}", "case.unknown"),  # verified, and no such case
        ("%7Bb%7D", "%7Bb%7D", "case.unknown"),
        ("{b}", "%7Bb%7D", "signature.mismatch"),
        ("%7Bb%7D", "{b}", "signature.mismatch"),
        ("%7bb%7d", "%7Bb%7D", "signature.mismatch"),
        ("SY%31", "SY1", "signature.mismatch"),
        ("a+b", "a%20b", "signature.mismatch"),
        ("a/../b", "b", "signature.mismatch"),
        ("b", "./b", "signature.mismatch"),
        ("b?", "b", "case.unknown"),  # an empty query is none (RFC 9421 section 2.2.7)
        ("b?x=%31", "b?x=1", "signature.mismatch"),
        ("b?x=1&y=2", "b?y=2&x=1", "signature.mismatch"),
    ],
)
async def test_a_path_is_read_as_it_was_sent_byte_for_byte(
    tmp_path: Path, signed: str, sent: str, code: str
) -> None:
    async with asyncio.timeout(30), a_harness(stack_of_two(tmp_path)) as harness:
        client = harness.jinshui
        headers = client.sign("GET", f"{CASES}{signed}").headers
        async with raw_connection(client.base) as line:
            line.send(request_head(client.base, "GET", f"{CASES}{sent}", headers.items()))
            answered = await line.answer()

    assert orjson.loads(answered.body)["code"] == code
