"""A body is read by one piece of code: what is wrong has one code, one place and Chinese words."""

import re
from typing import Final

import pytest

from contracts.catalogue.records import RECORDS
from contracts.publish.examples import examples
from contracts.publish.record_schemas import written
from schemas.calls.bodies import MOST_ITEMS, read_batch, read_item, read_record
from schemas.calls.refusals import CallRefused
from schemas.records.dispatches import Ping
from schemas.records.json_error_texts import JSON_ERROR_TEXTS
from schemas.records.json_errors import LONGEST_ITEM_BYTES, JsonErrorCode
from schemas.records.json_scan import MOST_SIGNS
from schemas.records.outcomes import Outcome
from tests.builders.records import outcome_json

CHINESE: Final = re.compile("[一-鿿]")
SENTENCE: Final = re.compile(r"[a-z]+ [a-z]+ [a-z]+")
Errors = list[tuple[str, str]]

MALFORMED: Final = (
    (b"", "json.empty"),
    (b" \n", "json.empty"),
    (b"\xef\xbb\xbf", "json.empty"),
    ('{"echo":"张"}'.encode("gbk"), "json.not-utf-8"),
    (b'{"echo":"\xed\xa0\x80"}', "json.not-utf-8"),
    ('{"echo":"张"}'.encode("utf-16"), "json.utf-16"),
    ('{"echo":"张"}'.encode("utf-16-le"), "json.utf-16"),
    ('{"echo":"张"}'.encode("utf-32-be"), "json.utf-16"),
    (b'{"echo":"1"', "json.syntax"),
    (b'{"echo":NaN}', "json.syntax"),
    (b'{"echo":"1","echo":"2"}', "json.duplicate-member"),
    (b'{"echo":"\\u0000"}', "json.nul"),
    (b'{"echo":' + b"[" * 33 + b"]" * 33 + b"}", "json.too-deep"),
    (b"[" + b"0," * MOST_SIGNS + b"0]", "json.too-many-values"),
)
WRAPPERS: Final = (
    (b"[]", [("", "field.model-type")]),
    (b'"outcomes"', [("", "field.model-type")]),
    (b"{}", [("/outcomes", "field.missing")]),
    (b'{"items":[]}', [("/outcomes", "field.missing"), ("/items", "field.extra-forbidden")]),
    (b'{"outcomes":{}}', [("/outcomes", "field.tuple-type")]),
    (b'{"outcomes":[]}', [("/outcomes", "field.too-short")]),
    (b'{"outcomes":[1],"more":true}', [("/more", "field.extra-forbidden")]),
    ('{"outcomes":[1],"张伟":1}'.encode(), [("", "field.extra-forbidden")]),
)


def refusal(body: bytes, *, batch: bool = False) -> CallRefused:
    with pytest.raises(CallRefused) as refused:
        read_batch(body, "outcomes") if batch else read_record(body, Ping.read)
    return refused.value


def errors_of(refused: CallRefused) -> Errors:
    return [(one.pointer, one.code) for one in refused.errors]


@pytest.mark.parametrize("batch", [False, True])
@pytest.mark.parametrize(("body", "code"), MALFORMED)
def test_each_way_to_be_malformed_is_told_apart(body: bytes, code: str, batch: bool) -> None:
    refused = refusal(body, batch=batch)

    assert (refused.code, errors_of(refused)) == ("message.malformed", [("", code)])


def test_an_item_that_is_too_long_is_refused_by_itself() -> None:
    long = b'{"outcomes":[{"a":"%b"},{}]}' % (b"x" * LONGEST_ITEM_BYTES)
    items = read_batch(long, "outcomes")

    with pytest.raises(CallRefused) as refused:
        read_item(items[0], Outcome.read)

    assert errors_of(refused.value) == [("", "json.item-too-long")]


@pytest.mark.parametrize(("body", "errors"), WRAPPERS)
def test_a_wrong_wrapper_is_not_malformed_and_its_members_are_named(
    body: bytes, errors: Errors
) -> None:
    refused = refusal(body, batch=True)

    assert (refused.code, errors_of(refused)) == ("message.invalid", errors)


def test_a_batch_of_one_too_many_says_so() -> None:
    for many in (MOST_ITEMS + 1, 1001):
        refused = refusal(b'{"outcomes":[%b]}' % b",".join([b"{}"] * many), batch=True)
        assert (refused.code, errors_of(refused)) == (
            "message.too-large",
            [("/outcomes", "field.too-long")],
        )


def test_a_byte_order_mark_is_passed_over() -> None:
    assert read_record(b'\xef\xbb\xbf{"echo":"1"}', Ping.read) == Ping(echo="1")
    assert len(read_batch(b'\xef\xbb\xbf{"outcomes":[1]}', "outcomes")) == 1


def test_an_item_after_a_malformed_one_is_read() -> None:
    gbk = outcome_json(aae019="张伟").decode().encode("gbk")
    first, second = read_batch(b'{"outcomes":[%b,%b]}' % (gbk, outcome_json()), "outcomes")

    with pytest.raises(CallRefused) as refused:
        read_item(first, Outcome.read)

    assert errors_of(refused.value) == [("", "json.not-utf-8")]
    assert read_item(second, Outcome.read) == Outcome.read(outcome_json())


@pytest.mark.parametrize(
    ("changes", "pointer", "said"),
    [
        ({"aae019": ""}, "/aae019", "至少 1"),
        ({"revision": 0}, "/revision", "不小于 1"),
        ({"refusal_reason": "11", "aae016": "2"}, "/refusal_reason", "规定的值："),
        ({"aae016": "2"}, "", "refusal_reason"),
        ({"contact": {"telefon": "1"}}, "/contact/telefon", "多出的数据项"),
        ({"contact": {"张伟": "1"}}, "/contact", "多出的数据项"),
        ({"x410105199003072216": "1"}, "", "多出的数据项"),
    ],
)
def test_a_member_is_named_with_the_rule_in_chinese(
    changes: dict[str, object], pointer: str, said: str
) -> None:
    body = b'{"outcomes":[%b]}' % outcome_json(**changes)
    with pytest.raises(CallRefused) as refused:
        read_item(read_batch(body, "outcomes")[0], Outcome.read)

    (error,) = refused.value.errors
    assert error.pointer == pointer
    assert said in error.message
    assert "张伟" not in error.message


def test_whatever_is_wrong_in_an_example_is_told_in_chinese() -> None:
    wrong = [one for one in examples() if not one.valid]
    for one in wrong:
        with pytest.raises(CallRefused) as refused:
            read_record(written(one.body), RECORDS[one.record].read)
        (error,) = refused.value.errors
        assert (error.pointer, error.code) == (one.pointer, one.code)
        assert CHINESE.search(error.message)
        assert not SENTENCE.search(error.message)
    assert len(wrong) > 50


def test_every_text_about_json_is_there() -> None:
    assert set(JSON_ERROR_TEXTS) == {one for one in JsonErrorCode if one.startswith("json.")}
