"""JSON made to cost much: refused on its bytes, in little time and memory, whoever sent it."""

import time
import tracemalloc
from collections.abc import Callable
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.records.base import WireModel
from schemas.records.dispatches import Ping
from schemas.records.field_errors import rule_violations
from schemas.records.json_errors import (
    LONGEST_BODY_BYTES,
    LONGEST_ITEM_BYTES,
    JsonErrorCode,
    Malformed,
)
from schemas.records.json_scan import MOST_SIGNS
from schemas.records.receipts import BatchAnswer, DispatchAcknowledgementBatch
from schemas.records.strict_json import RawItem, parse, read_page
from tests.builders.records import application_json, dispatch_json

MOST_SECONDS: Final = 1.0
"""Of processor time, on a busy machine; unhindered the slowest takes a tenth of it."""
MOST_BYTES: Final = 100 << 20
HOSTILE: Final[dict[str, tuple[bytes, bytes, bytes]]] = {
    "open brackets": (b"", b"[", b""),
    "closed brackets": (b"", b"[]", b""),
    "brackets in a list": (b"[", b"[],", b"0]"),
    "braces in a list": (b"[", b"{},", b"0]"),
    "members within members": (b"", b'{"a":', b""),
    "objects of one empty name": (b"[", b'{"":0},', b"0]"),
    "empty texts": (b"[", b'"",', b"0]"),
    "numbers": (b"[", b"0,", b"0]"),
    "numbers in a doubled member": (b'{"a":1,"a":[', b"0,", b"0]}"),
    "texts in a doubled member": (b'{"a" :1,"a":[', b'"",', b"0]}"),
    "one long number": (b'{"a":1,"a":2,"b":', b"1", b"}"),
    "one long fraction": (b'{"a":1,"a":2,"b":0.', b"1", b"}"),
    "one long text": (b'{"a" :"', b"a", b'","a":1}'),
    "one long text of escapes": (b'{"a" :"', b'\\"', b'","a":1}'),
    "quotes": (b"", b'"', b""),
    "texts without commas": (b"", b'""', b""),
    "blanks": (b'{"a"', b" ", b":1}"),
    "items of a list": (b'{"items":[', b"{},", b"0]}"),
    "items of a list that is broken": (b'{"items":[', b"{},", b"NaN]}"),
    "numbers of a list that is broken": (b'{"items":[', b"0,", b"NaN]}"),
    "brackets in one item that is broken": (b'{"items":[[', b"[],", b"NaN]]}"),
    "deep items of a list that is broken": (b'{"items":[', b"[[[[[[[[]]]]]]]],", b"NaN]}"),
    "deep brackets in an item": (b'{"items":[', b"[", b"]}"),
    "members before the list": (b"{", b'"a":0,', b'"items":[NaN]}'),
    "numbers of applications": (b'{"items":[{', b'"application_no":"SY1",', b'"a":NaN}]}'),
}


def filled(pattern: tuple[bytes, bytes, bytes], size: int) -> bytes:
    before, repeated, after = pattern
    return before + repeated * ((size - len(before) - len(after)) // len(repeated)) + after


def read_it_all(body: bytes) -> None:
    """Do whatever the gateway does with bytes of which it knows nothing yet."""
    RawItem(body).number()
    for read in (parse, lambda page: read_page(page, "items")):
        try:
            read(body)
        except Malformed:
            continue


@pytest.mark.parametrize("size", [MOST_SIGNS, LONGEST_BODY_BYTES])
@pytest.mark.parametrize("pattern", HOSTILE.values(), ids=HOSTILE)
def test_no_bytes_cost_much_time_or_raise_anything_but_malformed(
    pattern: tuple[bytes, bytes, bytes], size: int
) -> None:
    body = filled(pattern, size)
    begun = time.process_time()
    read_it_all(body)
    assert time.process_time() - begun < MOST_SECONDS


@pytest.mark.parametrize("size", [MOST_SIGNS, LONGEST_BODY_BYTES])
@pytest.mark.parametrize("name", ["braces in a list", "members within members", "quotes"])
def test_no_bytes_cost_much_memory(name: str, size: int) -> None:
    body = filled(HOSTILE[name], size)
    tracemalloc.start()
    try:
        read_it_all(body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MOST_BYTES


@pytest.mark.parametrize("repeated", [b"0,", b"[],", b"{},", b'"",', b'{"":0},'], ids=repr)
def test_more_values_than_any_message_has_are_refused_before_any_is_built(repeated: bytes) -> None:
    body = filled((b"[", repeated, b"0]"), LONGEST_BODY_BYTES)
    for read in (parse, lambda page: read_page(page, "items")):
        with pytest.raises(Malformed) as refused:
            read(body)
        assert refused.value.error.code is JsonErrorCode.TOO_MANY_VALUES


@pytest.mark.parametrize("model", [BatchAnswer, DispatchAcknowledgementBatch, Ping])
@pytest.mark.parametrize("size", [MOST_SIGNS // 2, MOST_SIGNS, LONGEST_BODY_BYTES])
@pytest.mark.parametrize(
    "pattern",
    [
        (b'{"results":[', b"{},", b"0]}"),
        (b'{"acknowledgements":[', b"{},", b"0]}"),
        (b"{", b'"a":0,', b'"echo":"x"}'),
        (b"", b'{"echo":', b""),
    ],
    ids=["results", "acknowledgements", "unknown members", "nested"],
)
def test_a_model_reads_no_more_than_a_record_can_be(
    model: type[WireModel], size: int, pattern: tuple[bytes, bytes, bytes]
) -> None:
    body = filled(pattern, size)
    begun = time.process_time()
    with pytest.raises(ValidationError) as wrong:
        model.read(body)
    assert len(rule_violations(wrong.value)) < MOST_SIGNS // 2
    assert time.process_time() - begun < MOST_SECONDS


def test_a_record_with_a_byte_order_mark_is_read() -> None:
    assert Ping.read(b'\xef\xbb\xbf{"echo":"x"}') == Ping.read('{"echo":"x"}')


def test_a_full_batch_of_full_records_is_well_within_the_bounds() -> None:
    body = b'{"items":[' + b",".join([dispatch_json()] * 200) + b"]}"
    _, items = read_page(body, "items")
    assert len(items) == 200
    assert sum(map(body.count, (b",", b"[", b"{", b'"'))) < MOST_SIGNS / 2


def test_commas_and_brackets_in_texts_are_no_values() -> None:
    body = b'{"a":"' + b'[,{\\",' * (LONGEST_BODY_BYTES // 8) + b'"}'
    assert sum(map(body.count, (b",", b"[", b"{"))) > MOST_SIGNS
    assert parse(body) == {"a": '[,{",' * (LONGEST_BODY_BYTES // 8)}


@pytest.mark.parametrize("blank", [b" ", b""], ids=["spaced", "compact"])
def test_an_item_beyond_its_bound_is_marked_and_the_others_go_on(blank: bytes) -> None:
    long = b'{"application_no":"SY2","aae013":"%b"}' % (b"a" * LONGEST_ITEM_BYTES)
    page = b'{"items":[%b,%b%b,%b]}' % (b"1", blank, long, b'{"application_no":"SY3"}')
    _, items = read_page(page, "items")
    assert [one.error and one.error.code for one in items] == [
        None,
        JsonErrorCode.ITEM_TOO_LONG,
        None,
    ]
    assert [one.number() for one in items] == [None, "SY2", "SY3"]


@settings(max_examples=20)
@given(
    st.lists(
        st.sampled_from([b"[", b"]", b"{", b"}", b'"', b",", b":", b"1", b"\\", b" ", b'"a"']),
        min_size=1,
        max_size=6,
    ).map(b"".join),
    st.sampled_from([b"", b'{"items":[', b'{"a":1,"a":', b'[{"items":[{"application_no":']),
)
def test_whatever_is_repeated_costs_little_time(repeated: bytes, before: bytes) -> None:
    body = filled((before, repeated, b""), MOST_SIGNS)
    begun = time.process_time()
    read_it_all(body)
    assert time.process_time() - begun < MOST_SECONDS


@pytest.mark.parametrize(
    "spell",
    [bytes, lambda body: body.replace(b",", b" , "), lambda body: body.replace(b":", b"\t:\n")],
    ids=["compact", "spaced", "on lines"],
)
def test_an_item_keeps_the_very_bytes_that_came(spell: Callable[[bytes], bytes]) -> None:
    items = [spell(application_json(application_no=f"SY{number}")) for number in (1, 2)]
    items.append(b'{"application_no":12345678901234567890,"a":1e3,"b":"\\u5f20\\/"}')
    page = b' {"items" : [ %b ] , "more":false}' % b" ,\n".join(items)
    for body in (page, page.replace(b"1e3", b"NaN")):
        _, found = read_page(body, "items")
        assert [one.content for one in found][:2] == items[:2]
        assert found[2].content == items[2].replace(b"1e3", b"NaN" if b"NaN" in body else b"1e3")
        assert [one.position for one in found] == [1, 2, 3]
        assert found[2].number() == "12345678901234567890"


def test_a_page_with_a_byte_order_mark_is_read() -> None:
    for item in (application_json(), b'{"application_no":"SY9","a":NaN}'):
        page = b'\xef\xbb\xbf{"items":[%b],"more":true}' % item
        rest, (found,) = read_page(page, "items")
        assert rest == {"more": True}
        assert found.content == item
    assert parse(b'\xef\xbb\xbf{"a":1}') == {"a": 1}


@pytest.mark.parametrize("trail", b"[\\]{|}")
def test_bytes_of_another_encoding_lend_no_item_the_number_of_another(trail: int) -> None:
    # Given an item whose name ends, in GBK, with a byte that means something in JSON
    odd = b'{"kind":"application","application_no":"SY1","aac003":"\x81%c","aac147":"41"}' % trail
    plain = b'{"kind":"application","application_no":"%b","aac003":"A","aac147":"41"}'
    quote = b'{"kind":"application","application_no":"SY3","aae013":"a\\"b"}'
    sent = [plain % b"SY0", odd, plain % b"SY2", quote, plain % b"SY4"]

    # When their page is taken apart: after a backslash its quotes are read wrongly until the next
    _, items = read_page(b'{"items":[%b],"more":false}' % b",".join(sent), "items")

    # Then each item bears the number that it begins with, and none is read as something else
    assert {item.number() for item in items} <= {"SY0", "SY1", "SY2", "SY3", "SY4"}
    for item in items:
        begun = item.content.split(b'"application_no":"', 1)[1].split(b'"', 1)[0]
        assert item.number() == begun.decode()
        assert item.error is not None or item.content in sent
    assert len(items) == (3 if trail == ord("\\") else 5)


def test_a_byte_that_is_a_backslash_elsewhere_can_spoil_a_page_and_then_takes_nobody_along() -> (
    None
):
    sent = b'{"items":[{"application_no":"SY1","aac003":"\x81\\"},{"application_no":"SY2"}]}'
    with pytest.raises(Malformed):
        read_page(sent, "items")


def test_the_number_of_an_application_is_found_under_an_escaped_name() -> None:
    name = "".join(f"\\u{ord(sign):04x}" for sign in "application_no")
    assert RawItem(b'{"%b":"SY2"}' % name.encode()).number() == "SY2"
    assert RawItem(b'{"%b":"SY2","application_no":"SY3"}' % name.encode()).number() is None
