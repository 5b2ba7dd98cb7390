"""The transport of outgoing calls: one aiohttp session, called directly or by httpx requests.

Signed calls take the direct way: building httpx's request and response costs more than sending.
It follows no redirect, keeps no cookie, reads no proxy from the environment, and sends each request
once. Of an answer it takes what was asked for: a body as it is, of a bounded size, whose headers do
not contradict each other. What is not, is refused before anything is built of it.
"""

import asyncio
import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver
from multidict import CIMultiDictProxy
from yarl import URL

from gateway.errors import PeerFailure
from schemas.records.json_errors import LONGEST_BODY_BYTES
from transport.tls import TlsInUse

CONNECT_S: Final = 5.0
CONNECTIONS: Final = 8
_IN_ONE_PIECE_BYTES: Final = 1 << 16
_OURS_TO_SET: Final = frozenset({b"content-length", b"transfer-encoding", b"connection"})
_ADDED_BY_AIOHTTP: Final = ("User-Agent", "Content-Type", "Accept", "Accept-Encoding")
_ONE_VALUE: Final = (
    "Content-Encoding",
    "Content-Length",
    "Content-Type",
    "Retry-After",
    "Transfer-Encoding",
)
_NOT_HANDED_ON: Final = frozenset(
    # judged here, and httpx would act on them: decode, or keep a cookie and send it
    {b"content-encoding", b"content-length", b"transfer-encoding", b"set-cookie", b"set-cookie2"}
)


class TlsFailed(httpx.ConnectError):
    """No TLS connection came about: the certificate, or what the two sides speak."""


class AnswerRefused(httpx.RemoteProtocolError):
    """An answer that nobody asked for; `failure` says in which respect."""

    def __init__(self, failure: PeerFailure) -> None:
        super().__init__(failure)
        self.failure = failure


# The narrower class stands before the wider one.
_HTTPX_ERRORS: Final[tuple[tuple[type[BaseException], type[httpx.TransportError]], ...]] = (
    (aiohttp.ConnectionTimeoutError, httpx.ConnectTimeout),
    (aiohttp.ServerTimeoutError, httpx.ReadTimeout),
    (aiohttp.ClientSSLError, TlsFailed),
    (aiohttp.ClientConnectorError, httpx.ConnectError),  # name not found, refused
    (aiohttp.ServerDisconnectedError, httpx.RemoteProtocolError),
    (aiohttp.ClientOSError, httpx.ReadError),
    (aiohttp.ClientPayloadError, httpx.RemoteProtocolError),
    (aiohttp.ClientResponseError, httpx.RemoteProtocolError),
    (aiohttp.InvalidURL, httpx.UnsupportedProtocol),
    (aiohttp.ClientError, httpx.NetworkError),
    (TimeoutError, httpx.ReadTimeout),
    (UnicodeError, httpx.ConnectError),  # a host that cannot be a name
)
_FAILURES: Final[tuple[tuple[type[httpx.TransportError], PeerFailure], ...]] = (
    (TlsFailed, PeerFailure.TLS),
    (httpx.ConnectTimeout, PeerFailure.CONNECT_TIMED_OUT),
    (httpx.TimeoutException, PeerFailure.TIMED_OUT),
    (httpx.ProtocolError, PeerFailure.NOT_HTTP),
    (httpx.TransportError, PeerFailure.NO_ANSWER),
)


def failure_of(exc: httpx.TransportError) -> PeerFailure:
    """Return what an error of this transport means, without a word of its text."""
    if isinstance(exc, AnswerRefused):
        return exc.failure
    return next(failure for kind, failure in _FAILURES if isinstance(exc, kind))


@dataclass(frozen=True, slots=True)
class TransportAnswer:
    """A whole answer: its headers as they came, its body within bounds."""

    status: int
    headers: CIMultiDictProxy[str]
    content: bytes


class AiohttpTransport(httpx.AsyncBaseTransport):
    """Carries requests over one aiohttp session, made at the first of them."""

    def __init__(
        self,
        *,
        connections: int = CONNECTIONS,
        resolver: AbstractResolver | None = None,
        tls: TlsInUse | None = None,
    ) -> None:
        """Without `tls`, https trusts the authorities of the system."""
        self._connections, self._resolver, self._tls = connections, resolver, tls
        self._session: aiohttp.ClientSession | None = None

    async def exchange(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None
    ) -> TransportAnswer:
        """Send a request as it is written and read its whole answer.

        Raises:
            httpx.TransportError: One of httpx's own, or of those above.
        """
        answer, content = await self._exchanged(method, url, headers.items(), body or b"")
        return TransportAnswer(answer.status, answer.headers, content)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send `request` and read its whole answer; raise httpx's own errors."""
        lines = [
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in request.headers.raw
            if name.lower() not in _OURS_TO_SET
        ]
        body = await request.aread()
        answer, content = await self._exchanged(request.method, str(request.url), lines, body)
        return httpx.Response(answer.status, headers=_handed_on(answer), content=content)

    async def _exchanged(
        self, method: str, url: str, lines: Iterable[tuple[str, str]], body: bytes
    ) -> tuple[aiohttp.ClientResponse, bytes]:
        try:
            async with self._opened().request(
                method,
                URL(url, encoded=True),
                data=_payload(body),
                headers=lines,
                allow_redirects=False,
                ssl=True if self._tls is None else self._tls.context,
            ) as answer:
                _check_headers(answer)
                return answer, await _whole(answer)
        except (aiohttp.ClientError, TimeoutError, UnicodeError) as exc:
            raise _as_httpx(exc) from exc

    async def aclose(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=self._connections,
                    resolver=self._resolver,
                ),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S),
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=_ADDED_BY_AIOHTTP,
                auto_decompress=False,
                trust_env=False,
                middlewares=(_only_once,),
            )
        return self._session


def _payload(body: bytes) -> bytes | io.BytesIO | None:
    """Return a body as aiohttp wants it: in pieces when large, so that others get their turn."""
    return io.BytesIO(body) if len(body) > _IN_ONE_PIECE_BYTES else body or None


async def _only_once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Keep aiohttp from repeating a GET by itself: a repeat has to be signed anew."""
    try:
        return await handler(request)
    except aiohttp.ClientError as exc:
        raise _as_httpx(exc) from exc


def _check_headers(answer: aiohttp.ClientResponse) -> None:
    """Refuse an answer that says a thing twice, or comes in an encoding that was not asked for."""
    lines = {name: answer.headers.getall(name, []) for name in _ONE_VALUE}
    if any(len(values) > 1 for values in lines.values()):
        raise AnswerRefused(PeerFailure.HEADER_REPEATED)
    if any(value.strip().lower() != "identity" for value in lines["Content-Encoding"]):
        raise AnswerRefused(PeerFailure.ENCODED)
    if any(value.strip().lower() != "chunked" for value in lines["Transfer-Encoding"]):
        raise AnswerRefused(PeerFailure.ENCODED)
    if (answer.content_length or 0) > LONGEST_BODY_BYTES:
        raise AnswerRefused(PeerFailure.TOO_LARGE)


def _handed_on(answer: aiohttp.ClientResponse) -> list[tuple[bytes, bytes]]:
    return [line for line in answer.raw_headers if line[0].lower() not in _NOT_HANDED_ON]


async def _whole(answer: aiohttp.ClientResponse) -> bytes:
    content = bytearray()
    with _ends_with_its_connection(answer):
        async for chunk in answer.content.iter_any():
            content += chunk
            if len(content) > LONGEST_BODY_BYTES:
                raise AnswerRefused(PeerFailure.TOO_LARGE)
    return bytes(content)


@contextmanager
def _ends_with_its_connection(answer: aiohttp.ClientResponse) -> Iterator[None]:
    """Let reading end when the connection does.

    After a fault in the framing aiohttp closes it, and reading would wait for the deadline.
    """
    stream, connection = answer.content, answer.connection
    protocol = None if connection is None else connection.protocol
    closed = None if protocol is None else protocol.closed
    if closed is None:  # the whole answer is here
        yield
        return

    def end(_: object) -> None:
        if not stream.is_eof() and stream.exception() is None:
            stream.set_exception(aiohttp.ClientPayloadError())

    closed.remove_done_callback(_note_end)  # of an earlier answer on the same connection
    closed.add_done_callback(_note_end)
    closed.add_done_callback(end)
    try:
        yield
    finally:
        closed.remove_done_callback(end)


def _note_end(closed: "asyncio.Future[None]") -> None:
    """Take note of how a connection ended, or asyncio complains that nobody did."""
    if not closed.cancelled():
        closed.exception()


def _as_httpx(exc: BaseException) -> httpx.TransportError:
    """Return the error that httpx would raise; the text of a library may quote the peer."""
    for ours, theirs in _HTTPX_ERRORS:
        if isinstance(exc, ours):
            return theirs(type(exc).__name__)
    return httpx.NetworkError(type(exc).__name__)
