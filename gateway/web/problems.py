"""Errors as problem bodies (RFC 9457): one table from the gateway's errors to the catalogue."""

from typing import Final

from aiohttp import web

from gateway.errors import IllegalStep, RequestRefused, StaleCase
from gateway.web.calls import Answer
from schemas.calls.content_headers import PROBLEM_JSON
from schemas.calls.refusals import CallRefused, problem
from schemas.records.problems import Problem
from schemas.signing import SignatureRejected
from storage.errors import StoreUnavailable

SIGNATURE: Final = "signature."
FAULT: Final = "service.fault"
_RETRY_AFTER: Final = {429: "1", 503: "1"}
_HTTP: Final = {
    404: "route.unknown",
    405: "method.not-allowed",
    413: "message.too-large",
    415: "message.unsupported-type",
}


def problem_for(exc: Exception, trace_id: str | None) -> Problem:
    """Return the problem body of an error; an unexpected one is a fault that says no more."""
    if isinstance(exc, CallRefused):
        return problem(exc.code, exc.detail, trace_id=trace_id, errors=exc.errors)
    return problem(_code(exc), trace_id=trace_id)


def answer_of(body: Problem) -> Answer:
    """Return a problem as an answer, with Retry-After where a repeat may help."""
    wait = _RETRY_AFTER.get(body.status)
    headers = {"Retry-After": wait} if wait else {}
    return Answer(body.wire(), body.status, PROBLEM_JSON, headers)


def _code(exc: Exception) -> str:
    match exc:
        case RequestRefused() | SignatureRejected() | IllegalStep() | StaleCase():
            return str(exc.code)
        case StoreUnavailable():
            return "service.unavailable"
        case web.HTTPException():
            return _HTTP.get(exc.status, FAULT)
        case _:
            return FAULT
