"""Signed calls of peers: a client that signs what it sends and verifies what comes back.

It neither retries nor believes an answer that is not signed: whether a call is repeated is decided
by the loops. Whatever reading an answer raises means that there is none (`PeerUnavailable`), told
by a code of ours and never by a text that may quote the peer.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Concatenate, Final, ParamSpec, Self, TypeVar

import httpx
from pydantic import ValidationError

from gateway.adapters.aiohttp_transport import AiohttpTransport, TransportAnswer, failure_of
from gateway.adapters.answer_judgement import AnswerJudge, failure_of_signature
from gateway.adapters.answer_times import read_retry_after, read_skew
from gateway.domain.item_answer import known_problem
from gateway.errors import GatewayError, PeerFailure, PeerRefused, PeerUnavailable
from gateway.events import current_trace
from schemas.calls.traces import fresh_trace, traceparent
from schemas.records.problems import Problem
from schemas.reference.clock import Now
from schemas.signing import (
    Link,
    SignatureErrorCode,
    SignatureRejected,
    Target,
    Window,
    sign_request,
)
from transport.tls import TlsInUse

CALL_S: Final = 20.0
"""Total time of one call, from connecting to the last byte of the answer."""
JSON: Final = "application/json"
_ALWAYS_SENT: Final[Mapping[str, str]] = MappingProxyType(
    {"Accept": JSON, "Accept-Encoding": "identity", "User-Agent": "duijie"}
)
_PROBLEM: Final = "application/problem+json"
_RETRY_AFTER: Final = '"retry-after"'
_OF_TIME: Final = frozenset(
    map(str, (SignatureErrorCode.EXPIRED, SignatureErrorCode.NOT_YET_VALID))
)
_OF_SIGNATURES: Final = frozenset(map(str, SignatureErrorCode))
_READ_AT_ONCE_BYTES: Final = 1 << 13
# Other refusals (401, 403, 404 …) are of the connection: every message would meet them, and a
# person mends them, so the messages wait.
REFUSALS_OF_THE_MESSAGE: Final = frozenset({400, 409, 413, 422})

T = TypeVar("T")
P = ParamSpec("P")


class SignedClient:
    """Calls one peer: signs, sends, believes only what the peer signed for this very request."""

    def __init__(  # noqa: PLR0913 - a client consists of these, each by name
        self,
        base_url: str,
        link: Link,
        *,
        peer: str,
        now: Now,
        window: Window | None = None,
        call_s: float = CALL_S,
        tls: TlsInUse | None = None,
    ) -> None:
        """Make a client of the peer at `base_url`; `call_s` bounds one whole call, in seconds."""
        self._base, self._link, self._peer, self._now = base_url, link, peer, now
        self._window, self._call_s = window or Window(), call_s
        self._judge = AnswerJudge(link, self._window, now)
        self.skew_s: float | None = None
        """How far the peer's clock was ahead of ours at its last answer with one Date, unproven."""
        self.status = 0
        """The status of its last answer, unproven; 0 before there was one."""
        self.believed = False
        """Whether its last answer was signed for the request that it came for."""
        self._transport = AiohttpTransport(tls=tls)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

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

    async def put(self, path: str, body: bytes) -> bytes:
        """Return the answer to a JSON body that is put in place; raises as `post`."""
        return await self._call("PUT", path, body, self._call_s)

    async def _call(self, method: str, path: str, body: bytes | None, total_s: float) -> bytes:
        url = f"{self._base}{path}"
        signed = sign_request(
            self._link.ours,
            Target.from_url(method, url),
            body=body,
            content_type=JSON if body else None,
            now=self._now(),
            lifetime_s=self._window.max_age_s,
            tag=self._link.tags.sends,
        )
        headers = {**signed.headers, **_ALWAYS_SENT}
        if body:
            headers["Content-Type"] = JSON
        self._judge.expect(signed.signature)
        headers["traceparent"] = traceparent(current_trace() or fresh_trace())
        answer = await self._within(
            total_s, self._transport.exchange(method, url, headers=headers, body=body)
        )
        self.status, self.believed = answer.status, False
        with reading(self._peer):
            self.skew_s = read_skew(answer.headers.getall("Date", []), self._now(), self.skew_s)
            return self._believed(answer, signed.signature)

    async def _within(self, total_s: float, sending: Awaitable[TransportAnswer]) -> TransportAnswer:
        try:
            async with asyncio.timeout(total_s):
                return await sending
        except TimeoutError as exc:
            raise PeerUnavailable(self._peer, PeerFailure.TIMED_OUT) from exc
        except httpx.TransportError as exc:
            raise PeerUnavailable(self._peer, failure_of(exc)) from exc
        except Exception as exc:  # whatever reading a peer's bytes raises is the peer's doing
            raise PeerUnavailable(self._peer, PeerFailure.UNREADABLE) from exc

    def _believed(self, answer: TransportAnswer, request_signature: str) -> bytes:
        status, content = answer.status, answer.content
        media = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        code = _problem_code(content) if media == _PROBLEM else ""
        try:
            covered = self._judge.believe(
                request_signature,
                status=status,
                headers=answer.headers,
                body=content,
            )
        except SignatureRejected as exc:
            # whoever is not authenticated is answered unsigned, and told what to mend
            hinted = exc.code is SignatureErrorCode.MISSING and code in _OF_SIGNATURES
            problem = code if hinted else str(exc.code)
            raise self._unusable(failure_of_signature(exc.code), status, problem) from exc
        self.believed = True
        if status in REFUSALS_OF_THE_MESSAGE:
            raise PeerRefused(self._peer, status=status, problem=code)
        if not 200 <= status < 300:
            asked = self._retry_after(answer, covered)
            raise self._unusable(PeerFailure.STATUS, status, code, asked)
        if content and media != JSON:
            raise self._unusable(PeerFailure.NOT_JSON, status)
        return content

    def _unusable(
        self, failure: PeerFailure, status: int, problem: str = "", asked_s: float | None = None
    ) -> PeerUnavailable:
        """Return the error of an answer; where it is about time, with how far the clocks differ."""
        skew_s = self.skew_s if problem in _OF_TIME else None
        return PeerUnavailable(
            self._peer,
            failure,
            status=status,
            problem=problem,
            retry_after_s=asked_s,
            skew_s=skew_s,
        )

    def _retry_after(self, answer: TransportAnswer, covered: Collection[str]) -> float | None:
        """Return the wait that the peer asks for: what its signature does not cover is nobody's."""
        if _RETRY_AFTER not in covered:
            return None
        return read_retry_after(answer.headers.get("Retry-After", ""), self._now())


@contextmanager
def reading(peer: str) -> Iterator[None]:
    """Read what `peer` answered; whatever that raises, there is no usable answer.

    Raises:
        PeerUnavailable: Or another of our own errors, as it was raised within.
    """
    try:
        yield
    except GatewayError:
        raise
    except Exception as exc:  # the peer's doing, as in `SignedClient`
        raise PeerUnavailable(peer, PeerFailure.UNREADABLE) from exc


async def read_in_thread(
    read: Callable[Concatenate[bytes, P], T], body: bytes, *args: P.args, **kwargs: P.kwargs
) -> T:
    """Return what `read` makes of `body`; a large one is read in another thread."""
    if len(body) <= _READ_AT_ONCE_BYTES:
        return read(body, *args, **kwargs)
    return await asyncio.to_thread(read, body, *args, **kwargs)


def _problem_code(content: bytes) -> str:
    """Return the code of a problem body, `` where it is none of ours: it could say anything."""
    try:
        return known_problem(Problem.read(content).code)
    except ValidationError:
        return ""
