"""Any client that keeps to the published documents, or breaks them, gets a documented answer.

Schemathesis makes the requests from the OpenAPI documents; they are really signed, and so must
be the answers. `make fuzz` runs the same with many more examples and another seed each time.
"""

import os
from collections.abc import Callable, Mapping
from typing import Final

import hypothesis
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.contract.fuzz.conftest import Fuzzed, Wire
from tests.contract.fuzz.documents import (
    SERVED,
    Case,
    operation_of,
    operations,
    pairs,
)
from tests.contract.fuzz.signed import SIGNATURE, SignedBy, check_signature

EXAMPLES: Final = int(os.environ.get("DUIJIE_FUZZ_EXAMPLES", "10"))
SEED: Final = os.environ.get("DUIJIE_FUZZ_SEED")
WITHIN_S: Final = 20
JUDGED: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
CALLERS: Final = {"pushApplications": "portal"}
"""Who calls an operation where it is not whoever calls the others of its document."""
MODES: Final = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


def repeatable(test: Callable[[], None]) -> Callable[[], None]:
    """Bound the examples of a test; without a seed it makes the same ones every time."""
    bounded = settings(
        max_examples=EXAMPLES,
        derandomize=SEED is None,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),  # a record of forty members is large and slow
    )(test)
    return bounded if SEED is None else hypothesis.seed(int(SEED))(bounded)


def about_the_known(case: Case, known: Wire) -> Case:
    """Return the case about an application that the server knows, where it names one."""
    if "key" in case.path_parameters and "application_no" in known:
        case.path_parameters["key"] = known["application_no"]
    for items in case.body.values() if isinstance(case.body, dict) else ():
        for item in items if isinstance(items, list) else ():
            if isinstance(item, dict):
                item.update({name: value for name, value in known.items() if item.get(name)})
    return case


@pytest.mark.parametrize("mode", MODES, ids=str)
@pytest.mark.parametrize(("document", "name"), pairs(SERVED))
def test_an_operation_answers_as_documented(
    document: str, name: str, mode: GenerationMode, fuzzed: Mapping[str, Fuzzed]
) -> None:
    server = fuzzed[CALLERS.get(name, document)]
    cases = operation_of(document, name).as_strategy(generation_mode=mode)

    @given(case=cases, known=st.booleans())
    def answers_as_documented(case: Case, known: bool) -> None:
        asked = about_the_known(case, server.known) if known else case
        answer = asked.call(
            base_url=server.base,
            session=server.session,
            auth=SignedBy(server.ours),
            timeout=WITHIN_S,
        )
        asked.validate_response(answer, checks=JUDGED)
        check_signature(answer, server.theirs)

    repeatable(answers_as_documented)()


@pytest.mark.parametrize("document", SERVED)
def test_every_operation_of_a_document_is_served_and_fuzzed(document: str) -> None:
    assert sorted(name for name, _ in operations(document)) == sorted(SERVED[document])


@pytest.mark.parametrize("document", SERVED)
def test_an_unsigned_request_is_refused_as_documented(
    document: str, fuzzed: Mapping[str, Fuzzed]
) -> None:
    server = fuzzed[document]
    case = operation_of(document, "ping").Case(body={"echo": "1"}, media_type="application/json")
    answer = case.call(base_url=server.base, session=server.session, timeout=WITHIN_S)
    case.validate_response(answer, checks=JUDGED)
    assert (answer.status_code, SIGNATURE.lower() in answer.headers) == (401, False)
