"""Outgoing HTTP: httpx over an aiohttp-backed transport, and a client that signs and verifies.

Nothing here retries, follows a redirect, reads a proxy from the environment or believes an answer
that is not signed: whether a call is repeated is the relay's to say.
"""

import asyncio
import io
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final, Self

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver
from pydantic import ValidationError
from yarl import URL

from gateway.errors import GatewayError, PeerRefused, PeerUnavailable
from gateway.events import current_trace, fresh_trace, traceparent
from gateway.ports import Now
from schemas.records.problems import Problem
from schemas.signing import Link, SignatureRefused, Target, Window, sign_request, verify_answer

LARGEST_ANSWER_BYTES: Final = 4 << 20
CONNECT_S: Final = 5.0
CALL_S: Final = 20.0
"""Total time of one call, from connecting to the last byte of the answer."""
CONNECTIONS: Final = 8
LONGEST_RETRY_AFTER_S: Final = 3600.0
JSON: Final = "application/json"
_IN_ONE_PIECE_BYTES: Final = 1 << 16
_PROBLEM: Final = "application/problem+json"
# Other refusals (401, 403, 404 …) are of the connection: every message would meet them, and a
# person mends them, so the messages wait.
_REFUSALS_OF_THE_MESSAGE: Final = frozenset({400, 409, 413, 422})
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
        self, *, connections: int = CONNECTIONS, resolver: AbstractResolver | None = None
    ) -> None:
        self._connections, self._resolver = connections, resolver
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
                connector=aiohttp.TCPConnector(limit=self._connections, resolver=self._resolver),
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
    if (answer.content_length or 0) > LARGEST_ANSWER_BYTES:
        raise httpx.RemoteProtocolError(f"an answer larger than {LARGEST_ANSWER_BYTES} bytes")
    content = bytearray()
    async for chunk in answer.content.iter_any():
        content += chunk
        if len(content) > LARGEST_ANSWER_BYTES:
            raise httpx.RemoteProtocolError(f"an answer larger than {LARGEST_ANSWER_BYTES} bytes")
    return bytes(content)


def _as_httpx(exc: BaseException) -> httpx.TransportError:
    for ours, theirs in _HTTPX_ERRORS:
        if isinstance(exc, ours):
            return theirs(str(exc) or type(exc).__name__)
    return httpx.NetworkError(type(exc).__name__)


@dataclass(frozen=True, slots=True)
class _Lines:
    """The headers of an answer as the signature wants to read them."""

    headers: httpx.Headers

    def getall(self, key: str, default: list[str], /) -> list[str]:
        return self.headers.get_list(key) or default


class SignedClient:
    """Calls one peer: signs, sends, believes only what the peer signed for this very request."""

    def __init__(
        self,
        base_url: str,
        link: Link,
        *,
        peer: str,
        now: Now,
        window: Window | None = None,
        call_s: float = CALL_S,
    ) -> None:
        """Make a client of the peer at `base_url`; `call_s` bounds one whole call, in seconds."""
        self._base, self._link, self._peer, self._now = base_url, link, peer, now
        self._window, self._call_s = window or Window(), call_s
        self._client = httpx.AsyncClient(
            transport=AiohttpTransport(), follow_redirects=False, trust_env=False
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def get(self, path: str, *, wait_s: int = 0) -> bytes:
        """Return the answer to a GET that may be held open for `wait_s`; raises as `post`."""
        return await self._call("GET", path, None, self._call_s + wait_s)

    async def post(self, path: str, body: bytes) -> bytes:
        """Return the answer to a JSON body, believed because it is signed for this request.

        Raises:
            PeerUnavailable: No answer, or none that can be believed: what happened is unknown.
            PeerRefused: A signed no to the whole call.
        """
        return await self._call("POST", path, body, self._call_s)

    async def _call(self, method: str, path: str, body: bytes | None, total_s: float) -> bytes:
        url = f"{self._base}{path}"
        signed = sign_request(
            self._link.ours,
            Target.from_url(method, url),
            body=body,
            content_type=JSON if body else None,
            now=self._now(),
            lifetime_s=self._window.max_age_s,
        )
        headers = {**signed.headers, "Accept": JSON, "Accept-Encoding": "identity"}
        if body:
            headers["Content-Type"] = JSON
        headers["traceparent"] = traceparent(current_trace() or fresh_trace())
        answer = await self._within(
            total_s, lambda: self._client.request(method, url, content=body, headers=headers)
        )
        try:
            return self._believed(answer, signed.signature)
        except GatewayError:
            raise
        except Exception as exc:
            raise PeerUnavailable(f"{self._peer}: unreadable: {type(exc).__name__}") from exc

    async def _within(
        self, total_s: float, send: Callable[[], Awaitable[httpx.Response]]
    ) -> httpx.Response:
        try:
            async with asyncio.timeout(total_s):
                return await send()
        except TimeoutError as exc:
            raise PeerUnavailable(f"{self._peer}: no whole answer in {total_s:g} s") from exc
        except httpx.TransportError as exc:
            raise PeerUnavailable(f"{self._peer}: {type(exc).__name__}: {exc}") from exc
        except Exception as exc:  # whatever reading a peer's bytes raises is the peer's doing
            raise PeerUnavailable(f"{self._peer}: {type(exc).__name__}") from exc

    def _believed(self, answer: httpx.Response, request_signature: str) -> bytes:
        status, content = answer.status_code, answer.content
        try:
            verify_answer(
                self._link.theirs,
                status=status,
                headers=_Lines(answer.headers),
                body=content,
                request_signature=request_signature,
                now=self._now(),
                window=self._window,
            )
        except SignatureRefused as exc:
            raise PeerUnavailable(
                f"{self._peer}: answered {status}, not believed: {exc.code}",
                retry_after_s=self._retry_after(answer),
            ) from exc
        media = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        code = _problem_code(content) if media == _PROBLEM else ""
        if status in _REFUSALS_OF_THE_MESSAGE:
            raise PeerRefused(f"{self._peer}: answered {status} {code}".rstrip())
        if not 200 <= status < 300:
            raise PeerUnavailable(
                f"{self._peer}: answered {status} {code}".rstrip(),
                retry_after_s=self._retry_after(answer),
            )
        if content and media != JSON:
            raise PeerUnavailable(f"{self._peer}: answered {status}, but not with JSON")
        return content

    def _retry_after(self, answer: httpx.Response) -> float | None:
        return read_retry_after(answer.headers.get("Retry-After", ""), self._now())


def read_retry_after(written: str, now: datetime) -> float | None:
    """Return the wait in seconds that `written` asks for, 0 to an hour; None where it says none.

    It is a number of seconds or an HTTP date. The text may come from anybody: a date beyond what
    can be reckoned with asks for nothing.
    """
    asked = written.strip()
    if asked.isascii() and asked.isdigit():
        return min(float(asked[:9]), LONGEST_RETRY_AFTER_S)
    try:
        wait_s = (parsedate_to_datetime(asked) - now).total_seconds()
    except (ArithmeticError, LookupError, TypeError, ValueError):  # no date, no zone, no such day
        return None
    return min(max(wait_s, 0.0), LONGEST_RETRY_AFTER_S)


def _problem_code(content: bytes) -> str:
    try:
        return Problem.read(content).code
    except ValidationError:
        return ""
