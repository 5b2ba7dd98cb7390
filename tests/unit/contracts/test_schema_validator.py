"""The validator says where a message is wrong and by which rule, and never what stands there."""

import orjson
import pytest

from contracts.verify.schema_validator import SchemaValidator, SchemaViolation
from tests.unit.contracts.records import APPLICATION, OUTCOME, spoiled

VALIDATOR = SchemaValidator.load()


def test_a_wrong_member_is_named_with_the_rule_it_breaks() -> None:
    body = orjson.dumps(spoiled(APPLICATION, aac067="110"))
    assert VALIDATOR.check("application", body) == (
        SchemaViolation("/aac067", "/properties/aac067/pattern"),
    )


def test_a_rule_between_members_is_named_too() -> None:
    body = orjson.dumps(spoiled(APPLICATION, aac033="5"))
    assert VALIDATOR.check("application", body) == (SchemaViolation("", "/allOf/0/then/required"),)


def test_an_item_deep_in_a_batch_is_pointed_at() -> None:
    body = orjson.dumps({"outcomes": [OUTCOME, spoiled(OUTCOME, aae036="yesterday")]})
    assert {violation.pointer for violation in VALIDATOR.check("outcome-batch", body)} == {
        "/outcomes/1/aae036"
    }


@pytest.mark.parametrize(
    "body", [b"", b"{", b'{"echo":"a","echo":"b"}', b'{"echo":"\\ud800"}', b'{"echo":NaN}', b"\xff"]
)
def test_what_is_not_json_is_one_violation_without_a_rule(body: bytes) -> None:
    assert VALIDATOR.check("ping", body) == (SchemaViolation("", ""),)


def test_no_more_than_twenty_violations_are_reported() -> None:
    body = orjson.dumps({"outcomes": [{}] * 200})
    assert len(VALIDATOR.check("outcome-batch", body)) == 20


def test_a_violation_shows_no_value() -> None:
    body = orjson.dumps(spoiled(APPLICATION, aac003="\x00王模拟", aac147="号码 410102"))
    shown = "".join(
        f"{violation.pointer}{violation.rule}" for violation in VALIDATOR.check("application", body)
    )
    assert "王" not in shown
    assert "410102" not in shown


def test_a_record_that_is_not_published_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(KeyError):
        VALIDATOR.check("invoice", b"{}")
