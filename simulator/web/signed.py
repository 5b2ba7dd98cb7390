"""Signed interfaces (签名接口): verify the request, run its handler, check and sign the answer.

Shared by the national side and by stand-in agencies that take pushes. Nothing is sent that the
published schema does not allow.
"""

import asyncio
import logging
import re
import secrets
from collections.abc import Callable, Mapping
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from contracts.verify.schema_validator import SchemaValidator
from schemas.records.strict_json import LONGEST_BODY_BYTES
from schemas.records.version import CONTRACT_VERSION
from schemas.reference.clock import Now
from schemas.signing import Link, SignatureRejected, Target, sign_answer, verify_request
from simulator.errors import ConnectionCut, InvalidAnswer, RequestRefused
from simulator.exchanges.calls import JSON, PROBLEM_JSON, Answer, Call, CallHandler
from simulator.exchanges.nonces import Nonces
from simulator.exchanges.receipts import problem
from simulator.faults.registry import FaultRegistry
from simulator.logs import Facts, say
from transport.tls import shown_pin

_BODY_DEADLINE_S: Final = 30.0
_TRACEPARENT: Final = re.compile(r"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)
_NO_TRACE: Final = "0" * 32
_JSON_TYPE: Final = re.compile(r"application/json(;\s*charset=\"?utf-8\"?)?", re.IGNORECASE)
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
        body_s: float = _BODY_DEADLINE_S,
        pins_of: PinsOf = any_certificate,
    ) -> None:
        self._links, self._validator, self._now, self._faults = links, validator, now, faults
        self._nonces, self._body_s, self._pins_of = nonces, body_s, pins_of

    def serve(self, operation: str, handler: CallHandler) -> Handler:
        """Return the HTTP handler for an operation of the contract, given by its id."""

        async def answer(request: web.Request) -> web.Response:
            return await self._answer(request, operation, handler)

        return answer

    async def _answer(
        self, request: web.Request, operation: str, handler: CallHandler
    ) -> web.Response:
        trace_id = _trace_id(request)
        link: Link | None = None
        signature = request_tag = ""
        try:
            body = await _read(request, self._body_s)
            target = Target.received(request.method, request.host, request.raw_path)
            now = self._now()
            verified = verify_request(self._links, target, request.headers, body, now=now)
            link, signature = self._links[verified.key_id], verified.signature
            request_tag = verified.tag
            self._check_certificate(request, verified.key_id)
            self._nonces.consume(verified, now)
            _check_type(request, body)
            call = Call(operation, verified.key_id, request.query, body, trace_id)
            answer = self._checked(await self._faults.run(call, handler))
        except SignatureRejected as refused:
            code = str(refused.code)
            say(_log, logging.WARNING, "signature.refused", code=code, operation=operation)
            answer = _problem_answer(RequestRefused(refused.code), trace_id)
        except RequestRefused as refused:
            answer = _problem_answer(refused, trace_id)
        except InvalidAnswer as exc:
            what = Facts(operation=operation, record=exc.record, rule=exc.rule)
            say(_log, logging.ERROR, "answer.withheld", **what)
            answer = _problem_answer(RequestRefused("service.fault"), trace_id)
        except ConnectionCut:
            if request.transport is not None:
                request.transport.abort()
            answer = Answer("", status=500)
        except Exception as exc:  # noqa: BLE001 - every error becomes an answer, its text none
            say(_log, logging.ERROR, "request.failed", operation=operation, raised=exc)
            answer = _problem_answer(RequestRefused("service.fault"), trace_id)
        return self._response(request, answer, link, (signature, request_tag))

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
        self, request: web.Request, answer: Answer, link: Link | None, asked: tuple[str, str]
    ) -> web.Response:
        body = answer.body
        if answer.items is not None:
            body = b'{"items":[%s],"more":%s}' % (
                b",".join(answer.items),
                b"true" if answer.more else b"false",
            )
        kind = PROBLEM_JSON if answer.record == "problem" else JSON
        headers = {"Content-Type": kind, "Duijie-Contract": CONTRACT_VERSION, **answer.headers}
        if traceparent := request.headers.get("traceparent"):
            headers["traceparent"] = traceparent
        if link is not None:
            signature, request_tag = asked
            headers |= sign_answer(
                link.ours,
                status=answer.status,
                body=body,
                request_signature=signature,
                now=self._now(),
                retry_after=headers.get("Retry-After"),
                tag=link.tags.answering(request_tag),
            )
        return web.Response(body=body, status=answer.status, headers=headers)


async def _read(request: web.Request, body_s: float) -> bytes:
    """Return the body as received.

    Raises:
        RequestRefused: It is longer than 1 MiB, compressed, or does not come in time.
    """
    if not request.body_exists:
        return b""
    if (request.content_length or 0) > LONGEST_BODY_BYTES:
        raise RequestRefused("message.too-large", f"more than {LONGEST_BODY_BYTES} bytes")
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise RequestRefused("message.unsupported-type", "Content-Encoding is not supported")
    try:
        async with asyncio.timeout(body_s):
            return await request.read()
    except TimeoutError:
        if request.transport is not None:
            request.transport.abort()
        raise RequestRefused("message.malformed", "the body did not come in time") from None
    except web.HTTPRequestEntityTooLarge:
        raise RequestRefused("message.too-large", f"more than {LONGEST_BODY_BYTES} bytes") from None


def _check_type(request: web.Request, body: bytes) -> None:
    if body and _JSON_TYPE.fullmatch(request.headers.get("Content-Type", "")) is None:
        raise RequestRefused("message.unsupported-type")


def _problem_answer(refused: RequestRefused, trace_id: str) -> Answer:
    body = problem(refused, trace_id)
    wait = refused.retry_after_s
    headers = {} if wait is None else {"Retry-After": str(wait)}
    return Answer("problem", body.wire(), body.status, headers=headers)


def _trace_id(request: web.Request) -> str:
    found = _TRACEPARENT.fullmatch(request.headers.get("traceparent", ""))
    if found is not None and found[1] != _NO_TRACE:
        return found[1]
    return secrets.token_hex(16)
