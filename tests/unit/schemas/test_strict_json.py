"""Hostile JSON: refused whole, or marked item by item, and never a wrong value."""

import json
import time
from typing import Final

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.records.json_errors import DEEPEST, JsonError, JsonErrorCode, Malformed
from schemas.records.strict_json import RawItem, parse, read_page

SYNTAX: Final = JsonError(JsonErrorCode.SYNTAX)
MALFORMED: Final = {
    "nothing": b"",
    "blank": b"  \n",
    "a member twice": b'{"a":1,"a":1}',
    "a member twice, far below": b'{"a":[{"b":{"c":[0,{"d":1,"e":2,"d":3}]}}]}',
    "a member twice, once escaped": b'{"name":1,"na\\u006de":2}',
    "a member twice, once with a surrogate pair": '{"𠮷":1,"\\ud842\\udfb7":2}'.encode(),
    "a member twice, spaced": b'{"a" :1,"b":"x", "a"\t:2}',
    "a member twice beside text that looks like members": b'{"a":"\\"b\\":1","a":2}',
    "an empty member twice": b'{"":1,"":2}',
    "NaN": b'{"a":NaN}',
    "Infinity": b'{"a":Infinity}',
    "minus Infinity": b'{"a":-Infinity}',
    "a number beyond a double": b'{"a":1e400}',
    "a lone high surrogate": b'{"a":"\\ud800"}',
    "a lone low surrogate": b'{"a":"\\udfb7"}',
    "surrogates in the wrong order": b'{"a":"\\udfb7\\ud842"}',
    "a lone surrogate in a name": b'{"\\ud800":1}',
    "an encoded surrogate": b'{"a":"\xed\xa0\x80"}',
    "NUL as an escape": b'{"a":"\\u0000"}',
    "NUL as a byte": b'{"a":"\x00"}',
    "NUL in a name": b'{"\\u0000":1}',
    "NUL after the end": b'{"a":1}\x00',
    "two byte order marks": b'\xef\xbb\xbf\xef\xbb\xbf{"a":1}',
    "a byte order mark inside": b'{"a":\xef\xbb\xbf1}',
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "UTF-16 without a mark": '{"a":1}'.encode("utf-16-le"),
    "UTF-32": '{"a":1}'.encode("utf-32"),
    "Latin-1": '{"a":"é"}'.encode("latin-1"),
    "GB 18030": '{"a":"张伟"}'.encode("gb18030"),
    "a truncated character": '{"a":"张'.encode()[:-1] + b'"}',
    "an overlong character": b'{"a":"\xc0\xaf"}',
    "100,000 open brackets": b"[" * 100_000,
    "100,000 brackets, closed": b"[" * 100_000 + b"]" * 100_000,
    "100,000 braces": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "one level too deep": b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1),
    "text after the end": b'{"a":1} x',
    "two values": b'{"a":1}{"a":1}',
    "a trailing comma": b'{"a":1,}',
    "a trailing comma in a list": b"[1,]",
    "single quotes": b"{'a':1}",
    "a bare name": b"{a:1}",
    "a comment": b'{"a":1/**/}',
    "a leading zero": b'{"a":01}',
    "a plus sign": b'{"a":+1}',
    "hexadecimal": b'{"a":0x1}',
    "a control character in text": b'{"a":"\x01"}',
    "an unfinished text": b'{"a":"',
    "an unfinished escape": b'{"a":"\\',
    "an unknown escape": b'{"a":"\\x41"}',
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
def test_what_the_contract_does_not_allow_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        parse(body)


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_page_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        read_page(body, "items")


def test_the_message_shows_no_content() -> None:
    for body in ('{"aac003":"张伟","aac003":"x"}', '{"aac003":"张伟" x}', '{"aac003":张伟}'):
        with pytest.raises(Malformed) as malformed:
            parse(body.encode())
        assert "张" not in str(malformed.value)
        assert "aac003" not in str(malformed.value)


def test_depth_is_allowed_up_to_its_limit() -> None:
    body = b"[" * DEEPEST + b"]" * DEEPEST
    assert parse(body) == json.loads(body)


@pytest.mark.parametrize(
    "text",
    [
        '{"a":"\\":","b":"}],{[","c":"\\\\"}',
        '{"a":"\\"a\\":1","b":"\\\\\\":"}',
        '[{"a":1},{"a":1},[{"a":1}]]',
        '{"a":{"a":{"a":1}},"b":"a"}',
        '{"a" : "b" , "c" : ":" }',
        '{"":"","\\"":":"}',
        '{"一":"𠮷䶮","二":"\\ud842\\udfb7·"}',
        '"text"',
        "null",
        "0",
    ],
)
def test_awkward_but_sound_json_is_what_json_says(text: str) -> None:
    assert parse(text.encode()) == json.loads(text)


# Pages

CLEAN: Final = (
    b'{"application_no":"SY1","text":"}],{[\\":\\\\"}',
    b'{"application_no":"SY2","list":[1,[2,{"a":"]"}]],"none":null}',
    '{"application_no":"SY3","name":"𠮷·䶮"}'.encode(),
)
BAD: Final = {
    "a member twice": b'{"application_no":"SY9","a":1,"a":2}',
    "a member twice, escaped": b'{"application_no":"SY9","a":1,"\\u0061":2}',
    "a lone surrogate": b'{"application_no":"SY9","a":"\\ud800"}',
    "NUL": b'{"application_no":"SY9","a":"\\u0000"}',
    "NaN": b'{"application_no":"SY9","a":NaN}',
    "not UTF-8": b'{"application_no":"SY9","a":"\xff\xfe"}',
    "a number beyond a double": b'{"application_no":"SY9","a":1e999}',
    "a missing comma": b'{"application_no":"SY9" "a":1}',
    "a trailing comma": b'{"application_no":"SY9","a":1,}',
    "too deep": b'{"application_no":"SY9","a":' + b"[" * 40 + b"]" * 40 + b"}",
    "a control character": b'{"application_no":"SY9","a":"\n"}',
    "a bare word": b'{"application_no":"SY9","a":what}',
    "two values": b'{"application_no":"SY9"}{"a":1}',
    "an unknown escape": b'{"application_no":"SY9","a":"\\q"}',
}


def a_page(*items: bytes, before: bytes = b"", after: bytes = b',"more":true') -> bytes:
    return b"{" + before + b'"items":[' + b",".join(items) + b"]" + after + b"}"


def compact(content: bytes) -> bytes:
    return orjson.dumps(orjson.loads(content))


def test_a_clean_page_gives_its_items_and_its_other_members() -> None:
    page, items = read_page(a_page(*CLEAN), "items")
    assert page == {"more": True}
    assert items == [RawItem(compact(one)) for one in CLEAN]


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
@pytest.mark.parametrize("place", range(len(CLEAN) + 1))
def test_one_malformed_item_is_marked_and_the_others_go_on(place: int, bad: bytes) -> None:
    _, items = read_page(a_page(*CLEAN[:place], bad, *CLEAN[place:]), "items")
    marked = items.pop(place)
    assert marked.error is not None
    assert marked.content == bad
    assert marked.number() == "SY9"
    assert items == [RawItem(compact(one)) for one in CLEAN]


def test_the_other_members_of_a_page_with_a_malformed_item_are_read() -> None:
    page, items = read_page(a_page(BAD["NaN"], before=b'"note":"items",'), "items")
    assert page == {"note": "items", "more": True}
    assert [item.error is None for item in items] == [False]


def test_blanks_around_items_do_not_matter() -> None:
    body = b' {\n "items" :\t[ ' + CLEAN[0] + b" ,\r\n " + BAD["NaN"] + b' ] , "more" : false } '
    page, items = read_page(body, "items")
    assert page == {"more": False}
    assert items[0] == RawItem(compact(CLEAN[0]))
    assert items[1].content == BAD["NaN"]


@pytest.mark.parametrize(
    "items", [(b"", CLEAN[0]), (CLEAN[0], b""), (CLEAN[0], b"", CLEAN[1])], ids=str
)
def test_a_comma_too_many_is_never_passed_over(items: tuple[bytes, ...]) -> None:
    body = a_page(*items)
    try:
        _, found = read_page(body, "items")
    except Malformed:
        return
    assert [one for one in found if one.error is not None]


@pytest.mark.parametrize(
    "body",
    [
        b'{"more":true}',
        b'{"items":{},"more":true}',
        b'{"items":null}',
        b'{"items":"[1]"}',
        b'[{"items":[]}]',
        b'"items"',
        b'{"items":[],"items":[]}',
        b'{"items":[{"a":NaN}],"items":[]}',
        b'{"items":[{"a":NaN}],"more":true,"more":true}',
        b'{"items":[{"a":NaN}]} trailing',
        b'{"page":{"items":[{"a":NaN}]}}',
        b'{"items":[{"a":NaN}',
        b'[{"items":[NaN]}]',
    ],
)
def test_a_page_without_one_readable_list_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        read_page(body, "items")


def test_an_empty_page_has_no_items() -> None:
    assert read_page(b'{"items":[],"more":false}', "items") == ({"more": False}, [])


scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
    | st.sampled_from(['"', "\\", "]", "}],{[", '":', '\\":', "\\\\", '"items":[', "\u2028"])
)
names = st.sampled_from(["items", "a", '"', "\\", "a:", '":']) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=3
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)
objects = st.dictionaries(names, values, max_size=5)


@given(objects, st.booleans())
def test_any_json_object_is_read_as_json_reads_it(record: dict[str, object], plain: bool) -> None:
    text = json.dumps(record, ensure_ascii=not plain)
    assert parse(text.encode()) == json.loads(text)


@given(st.lists(objects, max_size=4), objects, st.booleans())
def test_any_page_is_read_as_json_reads_it(
    items: list[dict[str, object]], rest: dict[str, object], plain: bool
) -> None:
    text = json.dumps({**rest, "items": items}, ensure_ascii=not plain, indent=plain or None)
    page, found = read_page(text.encode(), "items")
    assert [json.loads(one.content) for one in found] == json.loads(text)["items"]
    assert [one.error for one in found] == [None] * len(items)
    assert {**page, "items": items} == {**rest, "items": items}


@given(st.lists(objects, max_size=3), st.lists(objects, max_size=3), st.sampled_from(sorted(BAD)))
def test_a_malformed_item_among_any_items_is_the_only_one_marked(
    before: list[dict[str, object]], after: list[dict[str, object]], bad: str
) -> None:
    texts = [json.dumps(one).encode() for one in (*before, *after)]
    texts.insert(len(before), BAD[bad])
    _, found = read_page(a_page(*texts), "items")
    assert [one.error is None for one in found] == [
        place != len(before) for place in range(len(texts))
    ]
    del found[len(before)]
    assert [json.loads(one.content) for one in found] == [*before, *after]


@settings(max_examples=150)
@given(st.data())
def test_a_damaged_byte_never_makes_anything_up(data: st.DataObject) -> None:
    body = bytearray(a_page(*CLEAN))
    place = data.draw(st.integers(0, len(body) - 1))
    body[place] = data.draw(st.integers(0, 255))
    try:
        _, found = read_page(bytes(body), "items")
    except Malformed:
        return
    for one in found:
        if one.error is None:
            assert parse(one.content) == json.loads(one.content)
        assert one.error is None or one.content in bytes(body)
    originals = [RawItem(compact(one)) for one in CLEAN]
    # the damage lies in one item, or between two that then are one
    assert len([one for one in found if one not in originals]) <= 1
    assert len([one for one in originals if one not in found]) <= 2


@settings(max_examples=100)
@given(st.binary(max_size=60) | st.text(alphabet='{}[],:"\\ items1', max_size=40))
def test_no_bytes_at_all_raise_anything_but_malformed(noise: bytes | str) -> None:
    body = noise if isinstance(noise, bytes) else noise.encode()
    for text in (body, a_page(body), b'{"items":[' + body):
        try:
            read_page(text, "items")
        except Malformed:
            continue


@pytest.mark.parametrize(
    "body",
    [
        b'{"items":["' + b'\\"' * 30_000,
        b'{"items":[' + b'"' * 100_001,
        b'{"items":[' + b'{"a":1,"a":2},' * 20_000 + b"1],",
        b'{"items":[' + b"[" * 200_000,
        b'{"a"' + b" " * 200_000 + b"}",
        b'{"a"' + b' "a"' * 60_000 + b"}",
    ],
    ids=["escaped quotes", "quotes", "items", "brackets", "blanks", "names"],
)
def test_a_long_malformed_body_is_refused_in_time_that_grows_with_its_length(body: bytes) -> None:
    limit_s = 2.0  # a linear reading takes some milliseconds
    begun = time.process_time()
    with pytest.raises(Malformed):
        read_page(body, "items")
    assert time.process_time() - begun < limit_s


DEEP: Final = b"[" * 1000 + b"]" * 1000  # the fast reader takes it, a recursive one does not


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":1,"a":2,"x":%b}' % DEEP,
        b'{"a":%b,"a":%b}' % (DEEP, DEEP),
        b'{"items":[],"more":%b,"more":1}' % DEEP,
        b'{"x" :%b}' % DEEP,
    ],
    ids=["beside", "itself", "in a page", "after a blank"],
)
def test_deep_brackets_beside_a_doubled_member_are_refused_and_raise_nothing_else(
    body: bytes,
) -> None:
    for read in (parse, lambda page: read_page(page, "items")):
        with pytest.raises(Malformed):
            read(body)


def test_a_deep_item_with_a_doubled_member_does_not_spoil_its_page() -> None:
    body = b'{"items":[{"a":1,"a":2,"x":%b},{"application_no":"SY2"}],"more":false}' % DEEP
    page, items = read_page(body, "items")
    assert page == {"more": False}
    assert [(item.error is None, item.number()) for item in items] == [(False, None), (True, "SY2")]


NESTED: Final = st.recursive(
    st.sampled_from([b"1", b'"x"', b"null", b"1" * 400, b'"\\u0000"', b"NaN", b"", DEEP[:1100]]),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda parts: b"[%b]" % b",".join(parts))
        | st.lists(
            st.tuples(st.sampled_from([b'"a"', b'"a" ', b'"items"', b'"\\u0061"']), inner)
        ).map(lambda members: b"{%b}" % b",".join(b"%b:%b" % pair for pair in members[:3]))
        | st.tuples(inner, st.sampled_from([1, DEEPEST - 1, DEEPEST, 1000])).map(
            lambda one: b"[" * one[1] + one[0] + b"]" * one[1]
        )
    ),
    max_leaves=8,
)


@settings(max_examples=100)
@given(NESTED, NESTED)
def test_whatever_is_nested_in_whatever_is_a_value_or_malformed(one: bytes, other: bytes) -> None:
    page = b'{"items":[%b],"more":%b,"more":1}' % (one, other)
    for body in (one, page, b'{"a":%b,"a":%b}' % (one, other)):
        for read in (parse, lambda page: read_page(page, "items")):
            try:
                read(body)
            except Malformed:
                continue


@pytest.mark.parametrize(
    ("body", "code", "at_byte"),
    [
        (b'{"a":NaN}', JsonErrorCode.SYNTAX, 5),
        (b'{"a":1,"a":1}', JsonErrorCode.DUPLICATE_MEMBER, None),
        (b"[" * 33 + b"]" * 33, JsonErrorCode.TOO_DEEP, None),
        (b'{"a":"\\u0000"}', JsonErrorCode.NUL, None),
    ],
)
def test_why_bytes_are_malformed_is_a_code_and_a_place(
    body: bytes, code: JsonErrorCode, at_byte: int | None
) -> None:
    with pytest.raises(Malformed) as caught:
        parse(body)
    assert caught.value.error == JsonError(code, at_byte)
