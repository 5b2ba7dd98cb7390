"""Every error becomes a problem body of the catalogue."""

import pytest
from aiohttp import web

from gateway.errors import IllegalStep, Misconfigured, RequestRefused, StaleCase
from gateway.setting_reasons import SettingReason
from gateway.web.problems import answer_of, problem_for
from schemas.calls.content_headers import PROBLEM_JSON
from schemas.calls.refusals import CallRefused, problem
from schemas.records.problem_texts import PROBLEM_TEXTS
from schemas.records.problems import Problem
from schemas.signing import EXPLANATIONS, SignatureErrorCode, SignatureRejected
from storage.errors import StoreUnavailable
from storage.reasons import StoreReason

TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (RequestRefused("query.invalid", "limit is 1 to 200"), 400, "query.invalid"),
        (
            SignatureRejected(SignatureErrorCode.EXPIRED, "the signature has expired"),
            401,
            "signature.expired",
        ),
        (CallRefused("message.malformed"), 400, "message.malformed"),
        (IllegalStep("SY1", "RETURNED", "decide"), 409, "case.illegal-step"),
        (StaleCase("SY1", 3), 409, "case.stale"),
        (StoreUnavailable(StoreReason.CLOSING.at()), 503, "service.unavailable"),
        (web.HTTPNotFound(), 404, "route.unknown"),
        (web.HTTPMethodNotAllowed("PUT", ["GET"]), 405, "method.not-allowed"),
        (web.HTTPRequestEntityTooLarge(1, 2), 413, "message.too-large"),
        (Misconfigured(SettingReason.NO_LEDGER.at("a secret path")), 500, "service.fault"),
        (KeyError("张伟"), 500, "service.fault"),
    ],
)
def test_an_error_has_its_status_and_stable_code(error: Exception, status: int, code: str) -> None:
    body = problem_for(error, TRACE)

    assert (body.status, body.code, body.trace_id) == (status, code, TRACE)
    assert body.type == f"urn:duijie:problem:{code}"
    assert Problem.read(body.wire()) == body


def test_a_defect_tells_nothing_of_itself() -> None:
    full = StoreReason.NO_FOLDER.at("/var/lib/ledger.db", said="full")
    for defect in (KeyError("张伟"), StoreUnavailable(full)):
        said = problem_for(defect, TRACE)
        assert said.detail == PROBLEM_TEXTS[said.code].cure


@pytest.mark.parametrize(
    "code", [*PROBLEM_TEXTS, *(c for c in SignatureErrorCode if "signature" in c)]
)
def test_every_code_of_the_catalogue_can_be_said(code: str) -> None:
    titles = {str(c): one.title for c, one in EXPLANATIONS.items()}
    cures = {str(c): one.cure for c, one in EXPLANATIONS.items()}

    said = problem(code)

    assert said.title == (titles.get(code) or PROBLEM_TEXTS[code].title)
    assert said.detail == (cures.get(code) or PROBLEM_TEXTS[code].cure)  # whole, never cut short


def test_what_is_worth_repeating_says_when() -> None:
    busy = answer_of(problem("service.unavailable"))
    wrong = answer_of(problem("query.invalid"))

    assert busy.headers == {"Retry-After": "1"}
    assert wrong.headers == {}
    assert busy.media_type == PROBLEM_JSON
