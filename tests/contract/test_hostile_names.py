"""The name of a member that somebody made up is not said again where it may be a person's.

The same records are put to what is kept and logged, to what every server answers by, and to the
schema validator. What is kept never has such a name; an answer to the sender has it where it reads
like that of a member.
"""

import json
from collections.abc import Callable
from typing import Final

import pytest
from pydantic import ValidationError

from contracts.verify.schema_validator import SchemaValidator
from schemas.calls.bodies import read_record
from schemas.calls.refusals import CallRefused
from schemas.records.field_errors import rule_violations
from schemas.records.outcomes import Outcome
from tests.builders.records import outcome_json

NAMES: Final = (
    *("张伟", "410105199003072216", "a/b~c", "~1", "~", "/", "", " ", "\n", "__proto__", "aae019 "),
    *(
        "x" * 201,
        "x" * 5000,
        "张伟" * 300,
        "<script>",
        "0",
        "-1",
        "/contact",
        "id410105199003072216",
    ),
)
LIKE_MEMBERS: Final = ("AAE019", "verdict", "aae01", "handler_name")
VALIDATOR: Final = SchemaValidator.load()


def kept(body: bytes) -> list[str]:
    return [f"{one.pointer} {one.message}" for one in rule_violations(error_of(body))]


def answered(body: bytes) -> list[str]:
    with pytest.raises(CallRefused) as refused:
        read_record(body, Outcome.read)
    return [f"{one.pointer} {one.message}" for one in refused.value.errors]


def by_the_validator(body: bytes) -> list[str]:
    return [f"{one.pointer} {one.rule}" for one in VALIDATOR.check("outcome", body)]


def error_of(body: bytes) -> ValidationError:
    with pytest.raises(ValidationError) as refused:
        Outcome.read(body)
    return refused.value


@pytest.fixture(params=[kept, answered, by_the_validator])
def errors_of(request: pytest.FixtureRequest) -> Callable[[bytes], list[str]]:
    asked: Callable[[bytes], list[str]] = request.param
    return asked


@pytest.mark.parametrize("name", NAMES)
def test_a_member_nobody_knows_is_told_by_its_parent(
    errors_of: Callable[[bytes], list[str]], name: str
) -> None:
    plain = errors_of(json.dumps({**json.loads(outcome_json()), "陌生": 1}).encode())
    assert len(plain) == 1

    assert errors_of(json.dumps({**json.loads(outcome_json()), name: 1}).encode()) == plain


@pytest.mark.parametrize("name", LIKE_MEMBERS)
def test_a_name_like_that_of_a_member_is_answered_and_not_kept(name: str) -> None:
    body = json.dumps({**json.loads(outcome_json()), name: 1}).encode()

    assert answered(body)[0].startswith(f"/{name} ")
    assert name not in kept(body)[0]
    assert name not in by_the_validator(body)[0]


@pytest.mark.parametrize("name", NAMES)
def test_a_member_nobody_knows_deep_inside_is_told_by_its_parent(
    errors_of: Callable[[bytes], list[str]], name: str
) -> None:
    (error,) = errors_of(outcome_json(contact={name: {"telephone": "张伟"}}))

    assert error.startswith("/contact ")
    assert "张伟" not in error
    assert len(error) < 120


def test_a_known_member_is_pointed_to_by_its_own_name(
    errors_of: Callable[[bytes], list[str]],
) -> None:
    (error,) = errors_of(outcome_json(aae019="张伟\t"))

    assert error.startswith("/aae019 ")
    assert "张伟" not in error
