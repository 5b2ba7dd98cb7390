"""The transport against a server that misbehaves on a real socket: each fault its own error."""

import asyncio
import gzip
import socket
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import cache

import httpx
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from gateway.adapters.aiohttp_transport import (
    AiohttpTransport,
    AnswerRefused,
    failure_of,
)
from gateway.errors import PeerFailure
from schemas.records.json_errors import LONGEST_BODY_BYTES
from tests.support.serving import served_bytes

Misbehave = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@asynccontextmanager
async def serving(misbehave: Misbehave) -> AsyncIterator[str]:
    """Serve raw bytes on a free loopback port; give its base URL."""

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await misbehave(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    async with served_bytes(one) as url:
        yield url


class NobodyKnown(AbstractResolver):
    """A name service that knows no name."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Fail as the system does."""
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    async def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """A client over our transport."""
    async with httpx.AsyncClient(transport=AiohttpTransport(), trust_env=False) as opened:
        yield opened


def saying(*parts: bytes) -> Misbehave:
    """Read one request, say `parts`, hang up."""

    async def misbehave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for part in parts:
            writer.write(part)
            await writer.drain()

    return misbehave


async def test_an_answer_arrives_with_its_status_headers_and_body(
    client: httpx.AsyncClient,
) -> None:
    async with serving(saying(OK + b"X-One: a\r\nX-One: b\r\nContent-Length: 2\r\n\r\n{}")) as url:
        answer = await client.post(f"{url}/path?x=%2F", content=b'{"a":1}')

    assert (answer.status_code, answer.content) == (200, b"{}")
    assert answer.headers.get_list("x-one") == ["a", "b"]


@cache
def bomb() -> bytes:
    """Return 64 KiB that would be 64 MiB."""
    return gzip.compress(bytes(64 << 20))


@pytest.mark.parametrize(
    ("lines", "failure"),
    [
        (b"Content-Encoding: gzip\r\n", PeerFailure.ENCODED),
        (b"Content-Encoding: GZIP\r\n", PeerFailure.ENCODED),
        (b"Content-Encoding: br\r\n", PeerFailure.ENCODED),
        (b"Content-Encoding: identity, gzip\r\n", PeerFailure.ENCODED),
        (b"Content-Encoding:\r\n", PeerFailure.ENCODED),
        (
            b"Content-Encoding: identity\r\nContent-Encoding: gzip\r\n",
            PeerFailure.HEADER_REPEATED,
        ),
        (b"content-encoding: identity\r\nX: y\r\nCONTENT-ENCODING: gzip\r\n", None),
        (b"Transfer-Encoding: gzip, chunked\r\n", None),
        (b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", None),
    ],
    ids=lambda one: None if one is None or isinstance(one, PeerFailure) else one.decode().strip(),
)
async def test_an_encoding_nobody_asked_for_is_refused_and_never_inflated(
    client: httpx.AsyncClient, lines: bytes, failure: PeerFailure | None
) -> None:
    content = bomb()
    framed = b"" if b"Transfer" in lines else b"Content-Length: %d\r\n" % len(content)
    tracemalloc.start()
    try:
        async with serving(saying(OK + lines + framed + b"\r\n", content)) as url:
            with pytest.raises(httpx.TransportError) as refused:
                await client.get(url)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 8 << 20
    if failure is not None:
        assert failure_of(refused.value) is failure


@pytest.mark.parametrize("name", ["Content-Type", "Retry-After", "Content-Length"])
async def test_a_header_given_twice_where_one_value_is_meant_is_refused(
    client: httpx.AsyncClient, name: str
) -> None:
    lines = b"Content-Length: 2\r\n" + f"{name}: 2\r\nX: y\r\n{name.lower()}: 2\r\n".encode()
    async with serving(saying(b"HTTP/1.1 200 OK\r\n" + lines + b"\r\n{}")) as url:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(url)


async def test_a_cookie_is_neither_kept_nor_sent(client: httpx.AsyncClient) -> None:
    heads: list[bytes] = []

    async def set_cookie(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            heads.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(OK + b"Set-Cookie: id=1; Path=/\r\nContent-Length: 2\r\n\r\n{}")
            await writer.drain()

    async with serving(set_cookie) as url:
        answers = [await client.get(url) for _ in range(2)]

    assert not list(client.cookies.jar)
    assert all("set-cookie" not in answer.headers for answer in answers)
    assert b"cookie" not in heads[1].lower()


async def test_what_is_sent_is_what_was_written(client: httpx.AsyncClient) -> None:
    seen: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        seen.append(await reader.readexactly(7))
        writer.write(OK + b"Content-Length: 0\r\n\r\n")
        await writer.drain()

    async with serving(listen) as url:
        await client.post(
            f"{url}/a%2Fb/%E5%8A%9E?q=%E4%BD%A0&z=1",
            content=b'{"a":1}',
            headers={"Content-Type": "application/json"},
        )

    head, body = seen
    assert head.startswith(b"POST /a%2Fb/%E5%8A%9E?q=%E4%BD%A0&z=1 HTTP/1.1\r\n")
    assert head.lower().count(b"content-length: 7\r\n") == 1
    assert head.lower().count(b"content-type:") == 1
    assert body == b'{"a":1}'


async def test_the_direct_way_sends_its_headers_alone_and_gives_the_answer_as_it_came() -> None:
    heads: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(OK + b"X-One: a\r\nX-One: b\r\nContent-Length: 2\r\n\r\n{}")
        await writer.drain()

    transport = AiohttpTransport()
    async with serving(listen) as url:
        answer = await transport.exchange("GET", f"{url}/a%2Fb", headers={"X-Two": "2"}, body=None)
    await transport.aclose()

    names = {line.partition(b":")[0].lower() for line in heads[0].splitlines()[1:] if line}
    assert heads[0].startswith(b"GET /a%2Fb HTTP/1.1\r\n")
    assert names == {b"host", b"x-two"}
    assert (answer.status, answer.content) == (200, b"{}")
    assert answer.headers.getall("x-one") == ["a", "b"]


async def test_the_direct_way_refuses_what_nobody_asked_for_and_raises_the_same_errors() -> None:
    twice = OK + b"Content-Type: text/html\r\nContent-Length: 2\r\n\r\n{}"
    transport = AiohttpTransport()
    async with serving(saying(twice)) as url:
        with pytest.raises(AnswerRefused):
            await transport.exchange("GET", url, headers={}, body=None)
    with pytest.raises(httpx.ConnectError):
        await transport.exchange("GET", url, headers={}, body=None)
    await transport.aclose()


@pytest.mark.parametrize(
    ("parts", "error"),
    [
        ((), httpx.RemoteProtocolError),
        ((OK + b"Content-Length: 10\r\n\r\n{}",), httpx.RemoteProtocolError),
        ((OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}",), httpx.RemoteProtocolError),
        ((b"\x00\xff garbage\r\n\r\n",), httpx.RemoteProtocolError),
        (
            (OK + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",),
            httpx.RemoteProtocolError,
        ),
        (
            (OK + b"Content-Length: %d\r\n\r\n" % (LONGEST_BODY_BYTES + 1),),
            httpx.RemoteProtocolError,
        ),
        (
            (OK + b"\r\n", b"x" * LONGEST_BODY_BYTES, b"x"),
            httpx.RemoteProtocolError,
        ),
    ],
    ids=["hang-up", "cut", "bad-chunk", "garbage", "encoding", "too-long", "endless"],
)
async def test_a_broken_answer_is_a_protocol_error(
    client: httpx.AsyncClient, parts: tuple[bytes, ...], error: type[httpx.TransportError]
) -> None:
    async with serving(saying(*parts)) as url:
        with pytest.raises(error):
            await client.get(url)


async def test_a_fault_in_the_framing_ends_the_call_at_once_although_the_line_stays_open(
    client: httpx.AsyncClient,
) -> None:
    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n")
        await writer.drain()
        head_read.set()
        await said.wait()
        writer.write(b"ffffffffffffffffff\r\n{}")
        await reader.read()

    head_read, said = asyncio.Event(), asyncio.Event()
    async with serving(hold) as url, asyncio.timeout(5):
        call = asyncio.create_task(client.get(url))
        await head_read.wait()
        asyncio.get_running_loop().call_later(0.05, said.set)  # the head has been read by then
        with pytest.raises(httpx.RemoteProtocolError):
            await call


async def test_a_refused_connection_is_a_connect_error(client: httpx.AsyncClient) -> None:
    async with serving(saying()) as url:
        pass

    with pytest.raises(httpx.ConnectError):
        await client.get(url)


async def test_a_name_that_does_not_exist_is_a_connect_error_and_no_timeout() -> None:
    transport = AiohttpTransport(resolver=NobodyKnown())
    async with httpx.AsyncClient(transport=transport, trust_env=False) as lost:
        with pytest.raises(httpx.ConnectError):
            await lost.get("http://portal.example/")


async def test_a_host_that_cannot_be_a_name_is_a_connect_error(client: httpx.AsyncClient) -> None:
    with pytest.raises(httpx.ConnectError):
        await client.get(f"http://{'x' * 64}.localhost/")


async def test_a_redirect_is_an_answer_and_is_not_followed(client: httpx.AsyncClient) -> None:
    moved = b"HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"
    async with serving(saying(moved)) as url:
        answer = await client.get(url)

    assert answer.status_code == 307


async def test_a_get_that_got_no_answer_on_a_kept_connection_is_not_repeated(
    client: httpx.AsyncClient,
) -> None:
    heads: list[bytes] = []

    async def answer_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(OK + b"Content-Length: 2\r\n\r\n{}")
        await writer.drain()
        heads.append(await reader.readuntil(b"\r\n\r\n"))

    async with serving(answer_once) as url:
        await client.get(url)
        with pytest.raises(httpx.TransportError):
            await client.get(url)

    assert len(heads) == 2
