"""The transport of outgoing calls: httpx requests over one aiohttp session.

It follows no redirect, reads no proxy from the environment, and sends each request once.
"""

import io
import ssl
from typing import Final

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver
from yarl import URL

MAX_ANSWER_BYTES: Final = 4 << 20
CONNECT_S: Final = 5.0
CONNECTIONS: Final = 8
_IN_ONE_PIECE_BYTES: Final = 1 << 16
_OURS_TO_SET: Final = frozenset({b"content-length", b"transfer-encoding", b"connection"})
_ADDED_BY_AIOHTTP: Final = ("User-Agent", "Content-Type", "Accept", "Accept-Encoding")
# The narrower class stands before the wider one.
_HTTPX_ERRORS: Final[tuple[tuple[type[BaseException], type[httpx.TransportError]], ...]] = (
    (aiohttp.ConnectionTimeoutError, httpx.ConnectTimeout),
    (aiohttp.ServerTimeoutError, httpx.ReadTimeout),
    (aiohttp.ClientConnectorError, httpx.ConnectError),  # name not found, refused, TLS
    (aiohttp.ServerDisconnectedError, httpx.RemoteProtocolError),
    (aiohttp.ClientOSError, httpx.ReadError),
    (aiohttp.ClientPayloadError, httpx.RemoteProtocolError),
    (aiohttp.ClientResponseError, httpx.RemoteProtocolError),
    (aiohttp.InvalidURL, httpx.UnsupportedProtocol),
    (aiohttp.ClientError, httpx.NetworkError),
    (TimeoutError, httpx.ReadTimeout),
    (UnicodeError, httpx.ConnectError),  # a host that cannot be a name
)


class AiohttpTransport(httpx.AsyncBaseTransport):
    """Carries httpx requests over one aiohttp session, made at the first request."""

    def __init__(
        self,
        *,
        connections: int = CONNECTIONS,
        resolver: AbstractResolver | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Without `tls`, https trusts the authorities of the system."""
        self._connections, self._resolver, self._tls = connections, resolver, tls
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send `request` and read its whole answer; raise httpx's own errors."""
        body = await request.aread()
        lines = [
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in request.headers.raw
            if name.lower() not in _OURS_TO_SET
        ]
        try:
            async with self._opened().request(
                request.method,
                URL(str(request.url), encoded=True),
                data=_payload(body),
                headers=lines,
                allow_redirects=False,
            ) as answer:
                content = await _whole(answer)
                return httpx.Response(
                    answer.status, headers=list(answer.raw_headers), content=content
                )
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
                    ssl=True if self._tls is None else self._tls,
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


async def _whole(answer: aiohttp.ClientResponse) -> bytes:
    if answer.headers.get("Content-Encoding", "identity") != "identity":
        raise httpx.RemoteProtocolError("an answer in an encoding that was not asked for")
    if (answer.content_length or 0) > MAX_ANSWER_BYTES:
        raise httpx.RemoteProtocolError(f"an answer larger than {MAX_ANSWER_BYTES} bytes")
    content = bytearray()
    async for chunk in answer.content.iter_any():
        content += chunk
        if len(content) > MAX_ANSWER_BYTES:
            raise httpx.RemoteProtocolError(f"an answer larger than {MAX_ANSWER_BYTES} bytes")
    return bytes(content)


def _as_httpx(exc: BaseException) -> httpx.TransportError:
    for ours, theirs in _HTTPX_ERRORS:
        if isinstance(exc, ours):
            return theirs(str(exc) or type(exc).__name__)
    return httpx.NetworkError(type(exc).__name__)
