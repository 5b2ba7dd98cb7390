"""The error catalogue: every code that can be answered has a title, a cause and a cure."""

import csv
import io
import json
from collections.abc import Iterator

import pytest
from pydantic import ValidationError

from contracts.catalogue.errors_csv import errors, errors_csv
from contracts.catalogue.records import RECORDS
from schemas.records.problem_texts import PROBLEM_TEXTS
from schemas.records.problems import Problem
from schemas.signing import SignatureErrorCode
from tests.builders import extended, records

BODIES = {
    "application": records.application_json(),
    "outcome": records.outcome_json(),
    "dispatch": records.dispatch_json(),
    "local-registration": extended.registration_json(),
    "deregistration": extended.deregistration_json(),
    "dispatch-return": extended.return_json(),
    "agency-directory": extended.directory_json(),
    "statement": extended.statement_json(),
    "feed-page": b'{"items":[%s],"more":false}' % records.application_json(),
}
WRONG: tuple[object, ...] = (
    None,
    True,
    0,
    -1,
    10**9,
    1.5,
    "",
    "x" * 600,
    "\x00",
    "2026-02-30",
    [],
    {},
    [1] * 1001,
)
WRONG_INSTANTS = ("2026-02-30T00:00:00Z", "2026-03-01T25:00:00Z", "2026-03-01T00:00:00")


def spoiled(body: bytes) -> Iterator[bytes]:
    """Yield the record with each member in turn replaced by something wrong, or left out."""
    record = json.loads(body)
    yield b""
    yield b"{"
    yield b"[]"
    yield json.dumps({**record, "unknown": 1}).encode()
    for member in record:
        yield json.dumps({name: record[name] for name in record if name != member}).encode()
        for value in (*WRONG, *WRONG_INSTANTS):
            yield json.dumps({**record, member: value}).encode()
            if isinstance(record[member], list):
                yield json.dumps({**record, member: [value]}).encode()


@pytest.mark.parametrize("record", BODIES)
def test_whatever_is_wrong_with_a_record_has_a_code_in_the_catalogue(record: str) -> None:
    met = set()
    for body in spoiled(BODIES[record]):
        try:
            RECORDS[record].read(body)
        except ValidationError as exc:
            met |= {f"field.{one['type'].replace('_', '-')}" for one in exc.errors()}
    assert "field.missing" in met
    assert met - set(errors()) == set()


def test_every_problem_and_every_refused_signature_is_in_the_catalogue() -> None:
    assert {*PROBLEM_TEXTS, *SignatureErrorCode} <= set(errors())
    assert errors()["signature.replayed"].status == 401
    assert errors()["outcome.conflict"].status == 409


def test_a_code_that_answers_a_request_fits_a_problem_body() -> None:
    for row in errors().values():
        assert row.title
        assert row.cause
        assert row.cure
        if row.status:
            said = Problem(type=row.type, code=row.code, title=row.title, status=row.status)
            assert Problem.read(said.wire()) == said


def test_the_published_catalogue_has_one_row_a_code() -> None:
    rows = list(csv.DictReader(io.StringIO(errors_csv().decode())))
    assert [row["code"] for row in rows] == list(errors())
    assert len({row["code"] for row in rows}) == len(rows)
