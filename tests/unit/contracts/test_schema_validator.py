"""The witness says where a message is wrong and by which rule, and never what stands there."""

import orjson
import pytest

from contracts.verify.schema_validator import Fault, Witness
from tests.unit.contracts.records import APPLICATION, OUTCOME, spoiled

WITNESS = Witness.load()


def test_a_wrong_member_is_named_with_the_rule_it_breaks() -> None:
    body = orjson.dumps(spoiled(APPLICATION, aac067="110"))
    assert WITNESS.check("application", body) == (Fault("/aac067", "/properties/aac067/pattern"),)


def test_a_rule_between_members_is_named_too() -> None:
    body = orjson.dumps(spoiled(APPLICATION, aac033="5"))
    assert WITNESS.check("application", body) == (Fault("", "/allOf/0/then/required"),)


def test_an_item_deep_in_a_batch_is_pointed_at() -> None:
    body = orjson.dumps({"outcomes": [OUTCOME, spoiled(OUTCOME, aae036="yesterday")]})
    assert {fault.pointer for fault in WITNESS.check("outcome-batch", body)} == {
        "/outcomes/1/aae036"
    }


@pytest.mark.parametrize(
    "body", [b"", b"{", b'{"echo":"a","echo":"b"}', b'{"echo":"\\ud800"}', b'{"echo":NaN}', b"\xff"]
)
def test_what_is_not_json_is_one_fault_without_a_rule(body: bytes) -> None:
    assert WITNESS.check("ping", body) == (Fault("", ""),)


def test_no_more_than_twenty_faults_are_told() -> None:
    body = orjson.dumps({"outcomes": [{}] * 200})
    assert len(WITNESS.check("outcome-batch", body)) == 20


def test_a_fault_shows_no_value() -> None:
    body = orjson.dumps(spoiled(APPLICATION, aac003="\x00王模拟", aac147="号码 410102"))
    told = "".join(f"{fault.pointer}{fault.rule}" for fault in WITNESS.check("application", body))
    assert "王" not in told
    assert "410102" not in told


def test_a_record_that_is_not_published_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(KeyError):
        WITNESS.check("invoice", b"{}")
