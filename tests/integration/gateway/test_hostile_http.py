"""Bytes that no client should send: refused with one answer, never a 5xx, never a hang."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.web.calls import Answer, SignedCall
from tests.integration.gateway.acting import BODY, PATH, Acting, acting
from tests.support.raw_http import raw_connection
from transport.connection_limiter import ConnectionLimits

LIMITS: Final = ConnectionLimits(header_s=0.3, sweep_s=0.02)
GET: Final = b"GET /x HTTP/1.1\r\nHost: a\r\n"
POST: Final = b"POST /x HTTP/1.1\r\nHost: a\r\n"
CHUNKED: Final = (
    f"POST {PATH} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    "Transfer-Encoding: chunked\r\n\r\n"
).encode()
SMUGGLED: Final = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

MALFORMED: Final = {
    # two readings of where a request ends
    "two lengths": POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab" + SMUGGLED,
    "the same length twice": POST + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\na" + SMUGGLED,
    "a list of lengths": POST + b"Content-Length: 1, 1\r\n\r\na" + SMUGGLED,
    "length and chunked": (
        POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED
    ),
    "chunked twice": (
        POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    ),
    "an unknown transfer encoding": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a transfer encoding that is none": POST + b"Transfer-Encoding: identity\r\n\r\n" + SMUGGLED,
    "a negative length": POST + b"Content-Length: -1\r\n\r\n" + SMUGGLED,
    "a length with a sign": POST + b"Content-Length: +1\r\n\r\na" + SMUGGLED,
    "a length in hexadecimal": POST + b"Content-Length: 0x1\r\n\r\na" + SMUGGLED,
    "a length of forty digits": POST + b"Content-Length: " + b"9" * 40 + b"\r\n\r\n",
    "a chunk size that is none": CHUNKED + b"zz\r\nab\r\n0\r\n\r\n",
    "a negative chunk size": CHUNKED + b"-1\r\n\r\n",
    "a chunk size without end": CHUNKED + b"f" * 18 + b"\r\n",
    "a chunk with bare line feeds": CHUNKED + b"1\na\n0\n\n",
    # lines
    "a folded header": GET + b"A: b\r\n c\r\n\r\n",
    "bare line feeds": b"GET /x HTTP/1.1\nHost: a\n\n",
    "a bare line feed in a header": GET + b"A: b\nC: d\r\n\r\n",
    "a bare carriage return in a header": GET + b"A: b\rC: d\r\n\r\n",
    "NUL in a header": GET + b"A: b\x00c\r\n\r\n",
    "NUL in a name": GET + b"A\x00b: c\r\n\r\n",
    "a space before the colon": GET + b"A : b\r\n\r\n",
    "no colon": GET + b"Abc\r\n\r\n",
    "an empty name": GET + b": b\r\n\r\n",
    "a hundred headers": GET + b"".join(b"A%d: b\r\n" % n for n in range(100)) + b"\r\n",
    "a header of 64 kB": GET + b"A: " + b"b" * 65_536 + b"\r\n\r\n",
    "a header of 1 MB that does not end": GET + b"A: " + b"b" * (1 << 20),
    "1 MB without a line": b"G" * (1 << 20),
    # the request line
    "an unknown method": b"FROBNICATE /x HTTP/1.1\r\nHost: a\r\n\r\n",
    "a method of 9 kB": b"A" * 9_000 + b" /x HTTP/1.1\r\nHost: a\r\n\r\n",
    "a method in lower case": b"get /x HTTP/1.1\r\nHost: a\r\n\r\n",
    "a method of symbols": b"G@T /x HTTP/1.1\r\nHost: a\r\n\r\n",
    "a target of 64 kB": b"GET /" + b"x" * 65_536 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    "a target without a slash": b"GET x HTTP/1.1\r\nHost: a\r\n\r\n",
    "a target with a space": b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
    "NUL in the target": b"GET /x\x00y HTTP/1.1\r\nHost: a\r\n\r\n",
    "bytes above ASCII in the target": b"GET /\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n",
    "a port that is none": b"GET http://a:99999/x HTTP/1.1\r\nHost: a\r\n\r\n",
    "an address that is none": b"GET http://[::1/x HTTP/1.1\r\nHost: a\r\n\r\n",
    "tabs for spaces": b"GET\t/x\tHTTP/1.1\r\nHost: a\r\n\r\n",
    "no Host": b"GET /x HTTP/1.1\r\n\r\n",
    "two Hosts": b"GET /x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    # other protocols and versions
    "HTTP/3": b"GET /x HTTP/3.0\r\nHost: a\r\n\r\n",
    "HTTP/1.10": b"GET /x HTTP/1.10\r\nHost: a\r\n\r\n",
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    + b"\x00\x00\x00\x04"
    + b"\x00" * 5,
    "the hello of TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200,
    "every byte": bytes(range(256)) * 8,
}
STRANGE: Final = {
    "HTTP/0.9": b"GET /x\r\n\r\n",
    "half of HTTP/0.9": b"GET /x\r\n",
    "half a header": GET + b"A: ",
    "CONNECT": b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\nConnection: close\r\n\r\n",
    "TRACE": b"TRACE /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "OPTIONS of all": b"OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "an empty Host": b"GET /x HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n",
    "a Host that is none": b"GET /x HTTP/1.1\r\nHost: a b/c@d\r\nConnection: close\r\n\r\n",
    "another expectation": POST + b"Expect: x\r\nConnection: close\r\nContent-Length: 1\r\n\r\na",
    "a body that never comes": POST + b"Content-Length: 9\r\n\r\n",
    "a chunk extension of 70 kB": CHUNKED + b"1;" + b"a" * 70_000,
    "a target of another scheme": GET.replace(b"/x", b"ftp://a/x") + b"Connection: close\r\n\r\n",
    "dots above the root": GET.replace(b"/x", b"/../../x") + b"Connection: close\r\n\r\n",
    "two slashes": GET.replace(b"/x", b"//a/x") + b"Connection: close\r\n\r\n",
    "empty lines first": b"\r\n\r\n" + GET + b"Connection: close\r\n\r\n",
}


async def echo(call: SignedCall) -> Answer:
    return Answer(call.body)


@pytest.fixture
async def act(tmp_path: Path) -> AsyncIterator[Acting]:
    """Serve one signed endpoint; an unfinished header is cut soon."""
    async with asyncio.timeout(30), acting(tmp_path, echo, limits=LIMITS) as served:
        yield served


async def answer_to(act: Acting, data: bytes) -> bytes:
    """Return all that comes back until the connection ends."""
    async with asyncio.timeout(10), raw_connection(act.client.base) as line:
        line.send(data)
        return await line.ended()


def statuses(said: bytes) -> list[int]:
    """Return the statuses of all answers; one follows the body of another without a break."""
    return [int(status) for status in re.findall(rb"HTTP/[0-9]\.[0-9] ([0-9]{3}) ", said)]


async def assert_others_are_served(act: Acting) -> None:
    assert (await act.client.call("POST", PATH, BODY)).body == BODY


@pytest.mark.parametrize("shape", MALFORMED)
async def test_what_is_no_http_gets_one_problem_and_ends_the_connection(
    act: Acting, shape: str
) -> None:
    said = await answer_to(act, MALFORMED[shape])

    assert statuses(said) == [400]
    head, _, body = said.partition(b"\r\n\r\n")
    assert orjson.loads(body)["code"] == "message.malformed"
    assert b"Server: duijie\r\n" in head
    assert b"aiohttp" not in said
    await assert_others_are_served(act)


@pytest.mark.parametrize("shape", STRANGE)
async def test_what_is_strange_gets_at_most_one_refusal_and_no_hang(
    act: Acting, shape: str
) -> None:
    said = await answer_to(act, STRANGE[shape])

    assert all(400 <= status < 500 for status in statuses(said))
    assert len(statuses(said)) <= 1
    assert b"aiohttp" not in said
    await assert_others_are_served(act)


async def test_a_refused_upgrade_leaves_a_connection_that_reads_on(act: Acting) -> None:
    asked = GET + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"

    said = await answer_to(act, asked + GET + b"Connection: close\r\n\r\n")

    assert statuses(said) == [404, 404]


@given(
    shape=st.sampled_from(sorted(MALFORMED) + sorted(STRANGE)),
    at=st.integers(min_value=0, max_value=200),
    byte=st.binary(min_size=1, max_size=3),
)
@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_no_hostile_bytes_with_others_in_their_midst_make_a_fault(
    act: Acting, shape: str, at: int, byte: bytes
) -> None:
    whole = ({**MALFORMED, **STRANGE})[shape][:20_000]
    data = whole[: at % len(whole)] + byte + whole[at % len(whole) :]

    async with asyncio.timeout(10), raw_connection(act.client.base) as line:
        line.send(data)
        line.writer.write_eof()
        said = await line.ended()

    assert all(status < 500 for status in statuses(said))
