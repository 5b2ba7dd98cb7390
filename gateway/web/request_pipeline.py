"""The gate before every handler: limits, trace, who is calling, errors as problems, signed answers.

The only broad `except` of the gateway is here. Operations are wrapped once when they are mounted,
so that a request costs no look-up beyond aiohttp's own.
"""

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from time import perf_counter
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler as AiohttpHandler
from aiohttp.typedefs import Middleware

from gateway.errors import MessageReplayed, Refused
from gateway.events import begin_trace, say
from gateway.metrics import Metrics
from gateway.ports.messages import Nonce
from gateway.ports.store import Store
from gateway.web.calls import CONTRACT, JSON, Answer, Call
from gateway.web.connection_limiter import ConnectionLimiter
from gateway.web.endpoints import Endpoint
from gateway.web.keyring import Caller, Keyring
from gateway.web.nonce_guard import GuardedStore
from gateway.web.problems import FAULT, SIGNATURE, answer_of, problem_for
from schemas.records.strict_json import LONGEST_BODY_BYTES
from schemas.signing import (
    Target,
    VerifiedRequest,
    Window,
    sign_answer,
    verify_request,
)

LOG: Final = logging.getLogger(__name__)
BODY_S: Final = 30.0
NONCE_MARGIN: Final = timedelta(seconds=60)
"""How much longer than its signature a nonce is remembered: our clock may step back."""

PlainHandler = Callable[[web.Request], Awaitable[Answer]]


class Gate:
    """Wraps handlers; one a listening address."""

    def __init__(
        self,
        *,
        store: Store,
        keyring: Keyring,
        window: Window,
        metrics: Metrics,
        limiter: ConnectionLimiter,
        body_s: float = BODY_S,
    ) -> None:
        self._store, self._keyring, self._window = store, keyring, window
        self._metrics, self._limiter, self._body_s = metrics, limiter, body_s

    def mount(self, app: web.Application, endpoints: Iterable[Endpoint]) -> None:
        """Serve signed endpoints."""
        for endpoint in endpoints:
            handler = self._measured(endpoint.name, self._signed(endpoint))
            app.router.add_route(endpoint.method, endpoint.path, handler)

    def mount_plain(
        self, app: web.Application, name: str, path: str, handler: PlainHandler
    ) -> None:
        """Serve an unsigned GET; the handler itself says to whom."""

        async def without_signature(request: web.Request, trace_id: str) -> Answer:
            try:
                return await handler(request)
            except Exception as exc:  # noqa: BLE001 - every error becomes an answer
                return self._refusal(name, exc, trace_id, None)

        app.router.add_get(path, self._measured(name, without_signature))

    def unmatched(self) -> Middleware:
        """Return the middleware that answers where no endpoint is served."""

        @web.middleware
        async def answer_unmatched(
            request: web.Request, handler: AiohttpHandler
        ) -> web.StreamResponse:
            if request.match_info.http_exception is None:
                return await handler(request)
            return await self._measured("unmatched", self._unmatched)(request)

        return answer_unmatched

    async def _unmatched(self, request: web.Request, trace_id: str) -> Answer:
        exc = request.match_info.http_exception or web.HTTPNotFound()
        answer = self._refusal("unmatched", exc, trace_id, None)
        if isinstance(exc, web.HTTPMethodNotAllowed):
            allowed = {"Allow": ", ".join(sorted(exc.allowed_methods))}
            return replace(answer, headers={**answer.headers, **allowed})
        return answer

    def _measured(
        self, name: str, handler: Callable[[web.Request, str], Awaitable[Answer]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        """Put a trace around `handler`; count and time what it answers."""
        seconds = self._metrics.request_seconds.labels(name)

        async def measured(request: web.Request) -> web.Response:
            started = perf_counter()
            self._limiter.header_complete(request.protocol)
            answer = await handler(request, begin_trace(request.headers.get("traceparent")))
            seconds.observe(perf_counter() - started)
            self._metrics.count(self._metrics.requests, name, str(answer.status))
            self._limiter.answered(request.protocol)
            return _response(answer)

        return measured

    def _signed(self, endpoint: Endpoint) -> Callable[[web.Request, str], Awaitable[Answer]]:
        async def signed(request: web.Request, trace_id: str) -> Answer:
            verified: VerifiedRequest | None = None
            try:
                body = await self._body(request)
                verified = self._verify(request, body)
                answer = await self._performed(endpoint, request, body, verified)
            except Exception as exc:  # noqa: BLE001 - every error becomes an answer
                answer = self._refusal(endpoint.name, exc, trace_id, verified)
            return answer if verified is None else self._sign(answer, verified)

        return signed

    async def _body(self, request: web.Request) -> bytes:
        """Return the bytes as received, within size and time."""
        if not request.body_exists:
            return b""
        if (request.content_length or 0) > LONGEST_BODY_BYTES:
            raise Refused("message.too-large", f"more than {LONGEST_BODY_BYTES} bytes")
        if request.content_type != JSON or "Content-Encoding" in request.headers:
            raise Refused("message.unsupported-type", "application/json without encoding")
        if request.content.is_eof():  # all of it came with the header, as nearly always
            return await request.read()
        try:
            async with asyncio.timeout(self._body_s):
                return await request.read()
        except TimeoutError:
            self._limiter.cut(request.protocol, "slow-body")
            raise Refused("message.malformed", f"body not complete in {self._body_s:g} s") from None

    def _verify(self, request: web.Request, body: bytes) -> VerifiedRequest:
        return verify_request(
            self._keyring.links,
            Target.received(request.method, request.host, request.raw_path),
            request.headers,
            body,
            now=self._keyring.now(),
            window=self._window,
        )

    async def _performed(
        self, endpoint: Endpoint, request: web.Request, body: bytes, verified: VerifiedRequest
    ) -> Answer:
        """Call the handler; whatever becomes of it, afterwards the nonce is consumed."""
        caller = self._keyring.callers[verified.key_id]
        nonce = Nonce(verified.key_id, verified.nonce, verified.expires + NONCE_MARGIN)
        store = GuardedStore(self._store, nonce)
        try:
            _check_role(endpoint, caller)
            call = Call(caller.name, body, request.query, request.match_info, store)
            return await endpoint.handler(call)
        finally:
            if not store.settled:
                await store.consume()

    def _sign(self, answer: Answer, verified: VerifiedRequest) -> Answer:
        headers = sign_answer(
            self._keyring.links[verified.key_id].ours,
            status=answer.status,
            body=answer.body,
            request_signature=verified.signature,
            now=self._keyring.now(),
        )
        return Answer(answer.body, answer.status, answer.media_type, {**answer.headers, **headers})

    def _refusal(
        self, name: str, exc: Exception, trace_id: str, verified: VerifiedRequest | None
    ) -> Answer:
        body = problem_for(exc, trace_id)
        if isinstance(exc, MessageReplayed):
            self._metrics.count(self._metrics.replay_refused)
        if body.code.startswith(SIGNATURE):
            reason = body.code.removeprefix(SIGNATURE)
            self._metrics.count(self._metrics.signature_refused, reason)
        if body.code == FAULT:
            say(
                LOG,
                logging.ERROR,
                "request.failed",
                operation=name,
                error=type(exc).__name__,
                where=_where(exc),
            )
        else:
            say(
                LOG,
                logging.WARNING,
                "request.refused",
                operation=name,
                code=body.code,
                status=body.status,
                key_id=verified.key_id if verified else "unproven",
            )
        return answer_of(body)


def _check_role(endpoint: Endpoint, caller: Caller) -> None:
    if caller.role is not endpoint.role:
        raise Refused("auth.not-allowed", f"a key of role {caller.role} cannot call this")


def _response(answer: Answer) -> web.Response:
    headers = {
        "Content-Type": answer.media_type,
        "Server": "duijie",
        "Duijie-Contract": CONTRACT,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        **answer.headers,
    }
    return web.Response(body=answer.body, status=answer.status, headers=headers)


def _where(exc: Exception) -> str:
    """Return where an error came from, innermost last, without any value."""
    frames = traceback.extract_tb(exc.__traceback__)[-4:]
    return " > ".join(f"{frame.name}:{frame.lineno}" for frame in frames)
