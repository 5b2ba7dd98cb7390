"""Errors as problem bodies (RFC 9457): one table from the gateway's errors to the catalogue."""

from collections.abc import Sequence
from typing import Final

from aiohttp import web
from pydantic import ValidationError

from gateway.errors import IllegalStep, Refused, StaleCase, StoreUnavailable
from gateway.web.support import Answer
from schemas.records.json_pointer import pointer_to
from schemas.records.problem_texts import PROBLEM_TEXTS
from schemas.records.problems import LONGEST_POINTER, FieldError, Problem
from schemas.records.strict_json import Malformed
from schemas.signing import EXPLANATIONS, SignatureErrorCode, SignatureRejected

PROBLEM_JSON: Final = "application/problem+json"
SIGNATURE: Final = "signature."
FAULT: Final = "service.fault"
_MOST_ERRORS: Final = 20
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
    """Return the problem body of an error; what is not expected is a fault, and says no more."""
    code, detail = _code_and_detail(exc)
    return problem(code, detail, trace_id, _field_errors(exc))


def answer_of(body: Problem) -> Answer:
    """Return a problem as an answer, with Retry-After where a repeat is worth while."""
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
        case Refused():
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


def _field_errors(exc: Exception) -> tuple[FieldError, ...]:
    if not isinstance(exc, ValidationError):
        return ()
    found = exc.errors(include_url=False, include_context=False, include_input=False)
    return tuple(
        FieldError(
            pointer=pointer_to(error)[:LONGEST_POINTER],
            code=f"field.{error['type'].replace('_', '-')}",
            message=error["msg"][:300],
        )
        for error in found[:_MOST_ERRORS]
    )
