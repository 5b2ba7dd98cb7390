"""What every request passes: limits, trace, access, errors as problems, signed answers.

Whatever a handler raises becomes an answer here. Endpoints are wrapped once, when an application
is made of them, so that a request costs no look-up beyond aiohttp's own.
"""

from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from time import perf_counter

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler as AiohttpHandler
from aiohttp.typedefs import Middleware

from gateway.events import begin_trace
from gateway.metrics import Metrics
from gateway.ports.store import Store
from gateway.web.access import check_caller, check_origin
from gateway.web.calls import Answer, Call, SignedCall
from gateway.web.endpoints import Endpoint, SignedEndpoint, UnsignedEndpoint
from gateway.web.error_answers import ErrorAnswers
from gateway.web.nonce_guard import GuardedStore
from gateway.web.request_body import BODY_S, read_body
from gateway.web.responses import response_of
from gateway.web.signatures import Authenticated, Signatures
from schemas.calls.content_headers import check_type
from schemas.calls.queries import query_of
from schemas.calls.refusals import CallRefused
from schemas.calls.traces import traceparent
from schemas.records.json_errors import LONGEST_BODY_BYTES
from schemas.signing import SignatureRejected
from transport.connection_limiter import ConnectionLimiter
from transport.expectations import expect_nothing

Answering = Callable[[web.Request, str], Awaitable[Answer]]
"""A request and its trace id, answered whatever happens."""


class RequestPipeline:
    """Wraps the endpoints of one listening address."""

    def __init__(
        self,
        *,
        store: Store,
        signatures: Signatures,
        metrics: Metrics,
        limiter: ConnectionLimiter,
        body_s: float = BODY_S,
        counted: bool = True,
    ) -> None:
        """Make a pipeline; where not `counted`, requests are in no figure of requests."""
        self._store, self._signatures, self._metrics = store, signatures, metrics
        self._limiter, self._body_s, self._counted = limiter, body_s, counted
        self._errors = ErrorAnswers(metrics)

    def application(self, endpoints: Iterable[Endpoint]) -> web.Application:
        """Return the application that serves `endpoints`, and a problem everywhere else."""
        app = web.Application(
            client_max_size=LONGEST_BODY_BYTES, middlewares=[self._answer_unmatched()]
        )
        for endpoint in endpoints:
            handler = self._traced(endpoint.name, self._answering(endpoint))
            app.router.add_route(
                endpoint.method, endpoint.path, handler, expect_handler=expect_nothing
            )
            if isinstance(endpoint, UnsignedEndpoint) and endpoint.method == hdrs.METH_GET:
                app.router.add_head(endpoint.path, handler)
        return app

    def _answering(self, endpoint: Endpoint) -> Answering:
        match endpoint:
            case SignedEndpoint():
                return self._signed(endpoint)
            case UnsignedEndpoint():
                return self._unsigned(endpoint)

    def _signed(self, endpoint: SignedEndpoint) -> Answering:
        async def signed(request: web.Request, trace_id: str) -> Answer:
            authenticated: Authenticated | None = None
            try:
                authenticated, body = await self._authenticated(request)
                trace_id = begin_trace(request.headers.getall("traceparent", []))
                answer = await self._perform(endpoint, request, body, authenticated)
            except Exception as exc:  # noqa: BLE001 - every error becomes an answer
                key_id = authenticated.request.key_id if authenticated else None
                answer = self._errors.answer(
                    exc, endpoint=endpoint.name, trace_id=trace_id, key_id=key_id
                )
            return self._signed_for(authenticated, answer, request, trace_id)

        return signed

    async def _authenticated(self, request: web.Request) -> tuple[Authenticated, bytes]:
        """Return who sent a request, and its body: proven by its headers first, then as a whole.

        Raises:
            SignatureRejected: It proves nothing.
            CallRefused: The body is not read, or not to the end.
        """
        headers = self._signatures.verify_headers(request)
        body = await read_body(request, self._limiter, self._body_s)
        return self._signatures.authenticate(headers, body), body

    def _signed_for(
        self, authenticated: Authenticated | None, answer: Answer, request: web.Request, trace: str
    ) -> Answer:
        """Return the answer signed for whoever is authenticated, whatever its status; else as is.

        An answer to HEAD has no body, so none is signed.
        """
        if authenticated is None:
            return answer
        body = b"" if request.method == hdrs.METH_HEAD else answer.body
        headers = {**answer.headers, "traceparent": traceparent(trace)}
        whole = Answer(body, answer.status, answer.media_type, headers)
        return self._signatures.sign(whole, authenticated)

    async def _perform(
        self, endpoint: SignedEndpoint, request: web.Request, body: bytes, sender: Authenticated
    ) -> Answer:
        """Call the handler; whatever becomes of it, afterwards the nonce is consumed."""
        store = GuardedStore(self._store, sender.nonce())
        try:
            check_caller(endpoint, sender.caller)
            self._signatures.check_certificate(sender.caller, request)
            if body:
                check_type(request.headers.getall(hdrs.CONTENT_TYPE, []))
            query = query_of(request.query.items())
            call = SignedCall(query, request.match_info, sender.caller.name, body, store)
            return await endpoint.handler(call)
        finally:
            if not store.settled:
                await store.consume()

    def _unsigned(self, endpoint: UnsignedEndpoint) -> Answering:
        async def unsigned(request: web.Request, trace_id: str) -> Answer:
            try:
                check_origin(endpoint, request)
                return await endpoint.handler(Call(request.query, request.match_info))
            except Exception as exc:  # noqa: BLE001 - every error becomes an answer
                return self._errors.answer(exc, endpoint=endpoint.name, trace_id=trace_id)

        return unsigned

    def _answer_unmatched(self) -> Middleware:
        """Return the middleware that answers where no endpoint is served."""
        unmatched = self._traced("unmatched", self._unmatched)

        @web.middleware
        async def answer_unmatched(
            request: web.Request, handler: AiohttpHandler
        ) -> web.StreamResponse:
            if request.match_info.http_exception is None:
                return await handler(request)
            return await unmatched(request)

        return answer_unmatched

    async def _unmatched(self, request: web.Request, trace_id: str) -> Answer:
        authenticated: Authenticated | None = None
        with suppress(SignatureRejected, CallRefused):
            authenticated, _ = await self._authenticated(request)
            trace_id = begin_trace(request.headers.getall("traceparent", []))
        exc = request.match_info.http_exception or web.HTTPNotFound()
        key_id = authenticated.request.key_id if authenticated else None
        answer = self._errors.answer(exc, endpoint="unmatched", trace_id=trace_id, key_id=key_id)
        if isinstance(exc, web.HTTPMethodNotAllowed):
            allowed = {"Allow": ", ".join(sorted(exc.allowed_methods))}
            answer = replace(answer, headers={**answer.headers, **allowed})
        return self._signed_for(authenticated, answer, request, trace_id)

    def _traced(
        self, name: str, answering: Answering
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        """Put a trace around `answering`."""
        inner = self._measured(name, answering) if self._counted else answering

        async def traced(request: web.Request) -> web.Response:
            # the caller's own trace is adopted once it has proven who it is: until then nothing
            # that it chose shall stand in a log
            answer = await inner(request, begin_trace())
            response = response_of(answer)
            if not request.content.is_eof():  # the body is refused unread: nothing follows it
                response.force_close()
            return response

        return traced

    def _measured(self, name: str, answering: Answering) -> Answering:
        """Count and time what `answering` answers."""
        seconds = self._metrics.request_seconds.labels(name)

        async def measured(request: web.Request, trace_id: str) -> Answer:
            started = perf_counter()
            answer = await answering(request, trace_id)
            seconds.observe(perf_counter() - started)
            self._metrics.count(self._metrics.requests, name, str(answer.status))
            return answer

        return measured
