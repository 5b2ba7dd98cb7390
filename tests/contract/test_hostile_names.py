"""The name of a member that somebody made up is never said again: not by any side, in no message.

The same records are put to the gateway (its batches and its whole bodies), to the schema validator
and to the simulator; all of them point to the parent of a member they do not know.
"""

import json
from collections.abc import Callable
from typing import Final

import pytest
from pydantic import ValidationError

from contracts.verify.schema_validator import SchemaValidator
from gateway.domain.validation_errors import rule_violations
from gateway.web.problems import problem_for
from schemas.records.outcomes import Outcome
from schemas.records.problems import FieldError
from simulator.exchanges.receipts import field_errors
from tests.builders.records import outcome_json

NAMES: Final = (
    *("张伟", "410105199003072216", "a/b~c", "~1", "~", "/", "", " ", "\n", "__proto__", "aae019 "),
    *("AAE019", "verdict", "x" * 201, "x" * 5000, "张伟" * 300, "<script>", "0", "-1", "/contact"),
)
VALIDATOR: Final = SchemaValidator.load()


def by_the_gateway_item_by_item(body: bytes) -> list[str]:
    return [f"{one.pointer} {one.message}" for one in rule_violations(error_of(body))]


def by_the_gateway_as_a_whole(body: bytes) -> list[str]:
    return [text_of(error) for error in problem_for(error_of(body), None).errors]


def by_the_validator(body: bytes) -> list[str]:
    return [f"{one.pointer} {one.rule}" for one in VALIDATOR.check("outcome", body)]


def by_the_simulator(body: bytes) -> list[str]:
    return [text_of(error) for error in field_errors(VALIDATOR.check("outcome", body))]


def text_of(error: FieldError) -> str:
    return f"{error.pointer} {error.message}"


def error_of(body: bytes) -> ValidationError:
    with pytest.raises(ValidationError) as refused:
        Outcome.read(body)
    return refused.value


@pytest.fixture(
    params=[
        by_the_gateway_item_by_item,
        by_the_gateway_as_a_whole,
        by_the_validator,
        by_the_simulator,
    ]
)
def errors_of(request: pytest.FixtureRequest) -> Callable[[bytes], list[str]]:
    asked: Callable[[bytes], list[str]] = request.param
    return asked


@pytest.mark.parametrize("name", NAMES)
def test_a_member_nobody_knows_is_told_by_its_parent(
    errors_of: Callable[[bytes], list[str]], name: str
) -> None:
    plain = errors_of(json.dumps({**json.loads(outcome_json()), "stranger": 1}).encode())
    assert len(plain) == 1

    assert errors_of(json.dumps({**json.loads(outcome_json()), name: 1}).encode()) == plain


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
