"""Errors as problem bodies (RFC 9457): one table from the gateway's errors to the catalogue."""

from collections.abc import Sequence
from typing import Final

from aiohttp import web
from pydantic import ValidationError

from gateway.domain.validation_errors import field_errors
from gateway.errors import IllegalStep, RequestRefused, StaleCase
from gateway.web.calls import Answer
from schemas.records.json_errors import Malformed
from schemas.records.problem_texts import PROBLEM_TEXTS
from schemas.records.problems import FieldError, Problem
from schemas.signing import EXPLANATIONS, SignatureErrorCode, SignatureRejected
from storage.errors import StoreUnavailable

PROBLEM_JSON: Final = "application/problem+json"
SIGNATURE: Final = "signature."
FAULT: Final = "service.fault"
_RETRY_AFTER: Final = {429: "1", 503: "1"}
_HTTP: Final = {
    404: "route.unknown",
    405: "method.not-allowed",
    413: "message.too-large",
    415: "message.unsupported-type",
}


def problem(
    code: str, detail: str | None, trace_id: str | None, errors: Sequence[FieldError] = ()
) -> Problem:
    """Return the problem body of a stable code; a detail that does not fit is left out."""
    status, title = _kind(code)
    fits = detail is not None and 0 < len(detail) <= 100 and detail.isprintable()
    return Problem(
        type=f"urn:duijie:problem:{code}",
        code=code,
        title=title,
        status=status,
        detail=detail if fits else None,
        trace_id=trace_id,
        errors=tuple(errors),
    )


def problem_for(exc: Exception, trace_id: str | None) -> Problem:
    """Return the problem body of an error; an unexpected one is a fault that says no more."""
    code, detail = _code_and_detail(exc)
    errors = field_errors(exc) if isinstance(exc, ValidationError) else ()
    return problem(code, detail, trace_id, errors)


def answer_of(body: Problem) -> Answer:
    """Return a problem as an answer, with Retry-After where a repeat may help."""
    wait = _RETRY_AFTER.get(body.status)
    headers = {"Retry-After": wait} if wait else {}
    return Answer(body.wire(), body.status, PROBLEM_JSON, headers)


def _kind(code: str) -> tuple[int, str]:
    if code.startswith(SIGNATURE):
        return 401, EXPLANATIONS[SignatureErrorCode(code)].title
    kind = PROBLEM_TEXTS[code]
    return kind.status, kind.title


def _code_and_detail(exc: Exception) -> tuple[str, str | None]:
    said: tuple[str, str | None]
    match exc:
        case RequestRefused():
            said = exc.code, exc.detail
        case SignatureRejected() | IllegalStep() | StaleCase():
            said = str(exc.code), str(exc)
        case Malformed():
            said = "message.malformed", str(exc)
        case ValidationError():
            said = "message.invalid", None
        case StoreUnavailable():
            said = "service.unavailable", None
        case web.HTTPException():
            said = _HTTP.get(exc.status, FAULT), None
        case _:
            said = FAULT, None
    return said
