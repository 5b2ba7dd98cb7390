"""Signed interfaces (签名接口): verify the request, run its handler, check and sign the answer.

Shared by the national side and by stand-in agencies that take pushes. Nothing is sent that the
published schema does not allow. Whoever is authenticated gets a signed answer, whatever its status.
"""

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Final

import orjson
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from contracts.verify.schema_validator import SchemaValidator
from portable import connections
from schemas.calls.content_headers import JSON, PROBLEM_JSON, check_type
from schemas.calls.queries import query_of
from schemas.calls.refusals import CallRefused
from schemas.calls.traces import fresh_trace, sent_trace, traceparent
from schemas.records.version import CONTRACT_VERSION
from schemas.reference.clock import Now
from schemas.signing import (
    Link,
    SignatureRejected,
    Target,
    VerifiedRequest,
    sign_answer,
    verify_headers,
)
from simulator.errors import ConnectionCut, InvalidAnswer, RequestRefused
from simulator.exchanges.calls import Answer, Call, CallHandler
from simulator.exchanges.nonces import Nonces
from simulator.exchanges.receipts import problem_of
from simulator.faults.registry import FaultRegistry
from simulator.logs import Facts, say
from simulator.web.request_body import BODY_S, read_body
from transport.tls import shown_pin

_log: Final = logging.getLogger("simulator.web")

PinsOf = Callable[[str], frozenset[str] | None]
"""The certificates by which a key id may call, as pins; None where none is asked for."""


def any_certificate(_: str) -> frozenset[str] | None:
    """Ask for no certificate: the key alone decides."""
    return None


class SignedInterface:
    """Operations under one set of keys; `links` are the connections by the peers' key ids."""

    def __init__(  # noqa: PLR0913 - an interface consists of these, each by name
        self,
        links: Mapping[str, Link],
        *,
        validator: SchemaValidator,
        now: Now,
        faults: FaultRegistry,
        nonces: Nonces,
        body_s: float = BODY_S,
        pins_of: PinsOf = any_certificate,
    ) -> None:
        self._links, self._validator, self._now, self._faults = links, validator, now, faults
        self._nonces, self._body_s, self._pins_of = nonces, body_s, pins_of

    def serve(self, operation: str, handler: CallHandler) -> Handler:
        """Return the HTTP handler for an operation of the contract, given by its id."""

        async def answer(request: web.Request) -> web.Response:
            return await self._answer(request, operation, handler)

        return answer

    def unmatched(self) -> Middleware:
        """Return the middleware that answers where nothing is served."""

        @web.middleware
        async def unmatched(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.match_info.http_exception is None:
                return await handler(request)
            return await self._answer_unmatched(request, request.match_info.http_exception)

        return unmatched

    async def _answer_unmatched(
        self, request: web.Request, exc: web.HTTPException
    ) -> web.StreamResponse:
        """Refuse a path or a method; signed for whoever is authenticated all the same."""
        trace_id, sender = fresh_trace(), None
        with suppress(SignatureRejected, CallRefused):
            sender, _ = await self._authenticated(request)
            trace_id = sent_trace(request.headers.getall("traceparent", [])) or trace_id
        if isinstance(exc, web.HTTPMethodNotAllowed):
            answer = _refusal(CallRefused("method.not-allowed"), trace_id)
            allowed = ", ".join(sorted(exc.allowed_methods))
            answer = replace(answer, headers={**answer.headers, "Allow": allowed})
        else:
            answer = _refusal(CallRefused("route.unknown"), trace_id)
        return self._response(request, answer, sender, trace_id)

    async def _answer(
        self, request: web.Request, operation: str, handler: CallHandler
    ) -> web.Response:
        trace_id = fresh_trace()
        sender: VerifiedRequest | None = None
        try:
            sender, body = await self._authenticated(request)
            trace_id = sent_trace(request.headers.getall("traceparent", [])) or trace_id
            call = self._call(request, operation, sender, body, trace_id)
            answer = self._checked(await self._faults.run(call, handler))
        except SignatureRejected as refused:
            code = str(refused.code)
            say(_log, logging.WARNING, "signature.refused", code=code, operation=operation)
            answer = _refusal(CallRefused(code), trace_id)
        except CallRefused as refused:
            answer = _refusal(refused, trace_id)
        except InvalidAnswer as exc:
            what = Facts(operation=operation, record=exc.record, rule=exc.rule)
            say(_log, logging.ERROR, "answer.withheld", **what)
            answer = _refusal(CallRefused("service.fault"), trace_id)
        except ConnectionCut:
            if request.transport is not None:
                connections.cut(request.transport)
            answer = Answer("", status=500)
        except Exception as exc:  # noqa: BLE001 - every error becomes an answer, its text none
            say(_log, logging.ERROR, "request.failed", operation=operation, raised=exc)
            answer = _refusal(CallRefused("service.fault"), trace_id)
        return self._response(request, answer, sender, trace_id)

    async def _authenticated(self, request: web.Request) -> tuple[VerifiedRequest, bytes]:
        """Return what is proven of a request, and its body: by its headers first, then as a whole.

        Raises:
            SignatureRejected: It proves nothing.
            CallRefused: The body is not read, or not to the end.
        """
        target = Target.received(request.method, request.host, request.raw_path)
        headers = verify_headers(
            self._links, target, request.headers, has_body=request.body_exists, now=self._now()
        )
        body = await read_body(request, self._body_s)
        return headers.with_body(body), body

    def _call(
        self,
        request: web.Request,
        operation: str,
        sender: VerifiedRequest,
        body: bytes,
        trace_id: str,
    ) -> Call:
        """Return the call of an authenticated sender; its nonce is consumed.

        Raises:
            SignatureRejected: The nonce was seen before.
            CallRefused: Its certificate, its type or its query is not acceptable.
        """
        self._check_certificate(request, sender.key_id)
        self._nonces.consume(sender, self._now())
        if body:
            check_type(request.headers.getall(hdrs.CONTENT_TYPE, []))
        query, path = query_of(request.query.items()), dict(request.match_info)
        return Call(operation, sender.key_id, query, body, trace_id, path=path)

    def _check_certificate(self, request: web.Request, key_id: str) -> None:
        """Let a key count over its owner's connection only, where certificates are asked for.

        Raises:
            RequestRefused: The certificate of the connection is not registered for this key.
        """
        pins = self._pins_of(key_id)
        if pins is not None and shown_pin(request.get_extra_info("ssl_object")) not in pins:
            raise RequestRefused("auth.certificate-mismatch")

    def _checked(self, answer: Answer) -> Answer:
        """Check the body against the published schema; a page's items were checked when filed."""
        if answer.items is not None:
            return answer
        if faults := self._validator.check(answer.record, answer.body):
            raise InvalidAnswer(answer.record, faults[0].rule)
        return answer

    def _response(
        self, request: web.Request, answer: Answer, sender: VerifiedRequest | None, trace_id: str
    ) -> web.Response:
        """Return the answer as it goes out; one to HEAD has no body, so none is signed."""
        body = b"" if request.method == hdrs.METH_HEAD else _body_of(answer)
        kind = PROBLEM_JSON if answer.record == "problem" else JSON
        headers = {"Content-Type": kind, "Duijie-Contract": CONTRACT_VERSION, **answer.headers}
        if sender is not None and answer.signed:
            link = self._links[sender.key_id]
            headers["traceparent"] = traceparent(trace_id)
            headers |= sign_answer(
                link.ours,
                status=answer.status,
                body=body,
                request_signature=sender.signature,
                now=self._now(),
                retry_after=headers.get("Retry-After"),
                tag=link.tags.answering(sender.tag),
            )
        response = web.Response(body=body, status=answer.status, headers=headers)
        if not request.content.is_eof():  # the body is refused unread: nothing follows it
            response.force_close()
        return response


def _body_of(answer: Answer) -> bytes:
    if answer.items is None:
        return answer.body
    more = b"true" if answer.more else b"false"
    places = (
        b"" if answer.positions is None else b'"positions":%s,' % orjson.dumps(answer.positions)
    )
    return b'{%s"items":[%s],"more":%s}' % (places, b",".join(answer.items), more)


def _refusal(refused: CallRefused, trace_id: str) -> Answer:
    body = problem_of(refused, trace_id)
    wait = refused.retry_after_s if isinstance(refused, RequestRefused) else None
    headers = {} if wait is None else {"Retry-After": str(wait)}
    return Answer("problem", body.wire(), body.status, headers=headers)
