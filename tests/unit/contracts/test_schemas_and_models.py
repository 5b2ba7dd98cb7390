"""What is published is what the models say: byte for byte, and verdict for verdict."""

import re
from collections.abc import Iterator

import orjson
import pytest
from pydantic import ValidationError

from contracts.catalogue.records import RECORDS
from contracts.publish.record_schemas import schema_of
from contracts.verify.schema_validator import PUBLISHED, SchemaValidator
from tests.unit.contracts.records import (
    ABSENT,
    APPLICATION,
    OUTCOME,
    PROBLEM,
    RECEIPT,
    REFUSED_OUTCOME,
    Record,
    spoiled,
)

VALIDATOR = SchemaValidator.load()
PASSED_ITEM: Record = {"status": "accepted", "receipt": RECEIPT}
REFUSED_ITEM: Record = {"status": "refused", "problem": PROBLEM}
BAD_TEXTS: tuple[object, ...] = ("", "\n", "a\x00", "a\x7f", "a\n", 7, True, None, [])

RIGHT: tuple[tuple[str, Record], ...] = (
    ("application", APPLICATION),
    ("application", spoiled(APPLICATION, aac033="5", disability_grade="2")),
    ("application", spoiled(APPLICATION, disability_grade=None)),
    ("application", spoiled(APPLICATION, ajc093="90", reason_note="照顾家人后重新求职")),
    ("application", spoiled(APPLICATION, aac003="䶮" * 50)),
    ("application", spoiled(APPLICATION, aab299="410102001007")),
    ("application", spoiled(APPLICATION, aae013="第一行\n第二行")),
    ("outcome", OUTCOME),
    ("outcome", REFUSED_OUTCOME),
    ("outcome", spoiled(OUTCOME, refusal_reason=None)),
    ("outcome", spoiled(REFUSED_OUTCOME, refusal_reason="03", refusal_source="社保比对")),
    ("outcome", spoiled(OUTCOME, application_no=ABSENT, division="410100", local_serial="A-1")),
    ("outcome", spoiled(OUTCOME, application_no=None, division="410100", local_serial="A-1")),
    ("batch-answer", {"results": [PASSED_ITEM, REFUSED_ITEM]}),
    ("batch-answer", {"results": [spoiled(REFUSED_ITEM, receipt=None)]}),
)
WRONG: tuple[tuple[str, Record], ...] = (
    ("application", spoiled(APPLICATION, aac033="5")),
    ("application", spoiled(APPLICATION, aac033="5", disability_grade=None)),
    ("application", spoiled(APPLICATION, disability_grade="2")),
    ("application", spoiled(APPLICATION, ajc093="90")),
    ("application", spoiled(APPLICATION, ajc093="90", reason_note="")),
    ("application", spoiled(APPLICATION, ajc093="90", reason_note=None)),
    ("application", spoiled(APPLICATION, aac003="䶮" * 51)),
    ("application", spoiled(APPLICATION, aab299="4101")),
    ("application", spoiled(APPLICATION, aac147="４１０１０２199001010006")),
    ("application", spoiled(APPLICATION, aac067=19000000001)),
    ("application", spoiled(APPLICATION, ajc090="2026-02-30")),
    ("application", spoiled(APPLICATION, submitted_at="2026-11-23T09:00:00")),
    ("application", spoiled(APPLICATION, unknown="1")),
    ("application", spoiled(APPLICATION, kind="withdrawal")),
    ("outcome", spoiled(OUTCOME, refusal_reason="05")),
    ("outcome", spoiled(REFUSED_OUTCOME, refusal_reason=ABSENT)),
    ("outcome", spoiled(REFUSED_OUTCOME, refusal_reason=None)),
    ("outcome", spoiled(REFUSED_OUTCOME, refusal_reason="08")),
    ("outcome", spoiled(REFUSED_OUTCOME, refusal_reason="03")),
    ("outcome", spoiled(OUTCOME, acc020=ABSENT)),
    ("outcome", spoiled(OUTCOME, aae043=None)),
    ("outcome", spoiled(OUTCOME, acc0m1=ABSENT)),
    ("outcome", spoiled(OUTCOME, application_no=ABSENT)),
    ("outcome", spoiled(OUTCOME, division="410100")),
    ("outcome", spoiled(OUTCOME, division="410100", local_serial="A-1")),
    ("outcome", spoiled(OUTCOME, application_no=ABSENT, division="410100")),
    ("outcome", spoiled(OUTCOME, application_no=ABSENT, local_serial="A-1")),
    ("outcome", spoiled(OUTCOME, revision=0)),
    ("outcome", spoiled(OUTCOME, revision="1")),
    ("outcome", spoiled(OUTCOME, review_state="1")),
    ("batch-answer", {"results": [spoiled(PASSED_ITEM, problem=PROBLEM)]}),
    ("batch-answer", {"results": [spoiled(PASSED_ITEM, receipt=ABSENT)]}),
    ("batch-answer", {"results": [spoiled(REFUSED_ITEM, receipt=RECEIPT)]}),
    ("batch-answer", {"results": [spoiled(REFUSED_ITEM, problem=ABSENT)]}),
    ("batch-answer", {"results": [spoiled(REFUSED_ITEM, status="lost")]}),
    *(("application", spoiled(APPLICATION, aac003=text)) for text in BAD_TEXTS),
)


def model_takes(record: str, body: bytes) -> bool:
    try:
        RECORDS[record].read(body)
    except ValidationError:
        return False
    return True


def patterns(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        for name, value in schema.items():
            if name == "pattern" and isinstance(value, str):
                yield value
            yield from patterns(value)
    elif isinstance(schema, list | tuple):
        for value in schema:
            yield from patterns(value)


@pytest.mark.parametrize("record", RECORDS)
def test_a_published_file_names_its_dialect_and_itself_and_ends_in_a_newline(record: str) -> None:
    content = (PUBLISHED / f"{record}.json").read_bytes()
    schema = orjson.loads(content)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:duijie:v1:{record}"
    assert content.endswith(b"}\n")
    assert list(schema) == sorted(schema)


@pytest.mark.parametrize("record", RECORDS)
def test_patterns_mean_the_same_in_every_regex_dialect(record: str) -> None:
    found = list(patterns(schema_of(record)))
    assert all(one.startswith("^") and one.endswith("$") for one in found)
    assert [one for one in found if re.search(r"\\[^x.]|\(\?", one.replace(r"\.", ""))] == []


@pytest.mark.parametrize(("record", "value"), RIGHT)
def test_model_and_schema_take_the_same_records(record: str, value: Record) -> None:
    body = orjson.dumps(value)
    assert VALIDATOR.check(record, body) == ()
    assert model_takes(record, body)


@pytest.mark.parametrize(("record", "value"), WRONG)
def test_model_and_schema_refuse_the_same_records(record: str, value: Record) -> None:
    body = orjson.dumps(value)
    assert VALIDATOR.check(record, body) != ()
    assert not model_takes(record, body)


@pytest.mark.parametrize("member", sorted(schema_of("application")["required"]))
def test_model_and_schema_require_the_same_members(member: str) -> None:
    body = orjson.dumps(spoiled(APPLICATION, **{member: ABSENT}))
    assert VALIDATOR.check("application", body) != ()
    assert not model_takes("application", body)
