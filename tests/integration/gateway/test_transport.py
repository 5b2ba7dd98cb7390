"""The transport against a server that misbehaves on a real socket: each fault its own error."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from gateway.adapters.aiohttp_transport import MAX_ANSWER_BYTES, AiohttpTransport

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

    server = await asyncio.start_server(one, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await server.wait_closed()


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
            (OK + b"Content-Length: %d\r\n\r\n" % (MAX_ANSWER_BYTES + 1),),
            httpx.RemoteProtocolError,
        ),
        (
            (OK + b"\r\n", b"x" * MAX_ANSWER_BYTES, b"x"),
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
