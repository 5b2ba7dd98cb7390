"""差异: what differs is found in whatever place, and nothing else; spelling is no difference."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.differences import MOST_DIFFERENCES, Difference, differences
from schemas.records.json_pointer import steps_of

LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
RECORDS = st.dictionaries(
    st.text(max_size=4),
    st.recursive(
        LEAVES,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
        max_leaves=6,
    ),
    max_size=5,
)


def as_json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("first", "other", "found"),
    [
        (b'{"a":1,"b":2}', b'{ "b": 2, "a": 1 }', []),
        (b'{"a":1}', b'{"a":1.0}', []),
        (b'{"a":"\\u5f20"}', '{"a":"张"}'.encode(), []),
        (b'{"a":1}', b'{"a":"1"}', [("/a", "1", '"1"')]),
        (b'{"a":1}', b"{}", [("/a", "1", None)]),
        (b'{"a":[1,2]}', b'{"a":[1]}', [("/a/1", "2", None)]),
        (b'{"a/b":{"~":1}}', b'{"a/b":{"~":2}}', [("/a~1b/~0", "1", "2")]),
        (
            b'{"a":138000000000000000000000000000000000000001}',
            b'{"a":138000000000000000000000000000000000000002}',
            [
                (
                    "/a",
                    "138000000000000000000000000000000000000001",
                    "138000000000000000000000000000000000000002",
                )
            ],
        ),
    ],
)
def test_what_differs_is_named(
    first: bytes, other: bytes, found: list[tuple[str, str | None, str | None]]
) -> None:
    assert list(differences(first, other)) == [Difference(*one) for one in found]


@given(record=RECORDS)
def test_nothing_differs_from_itself(record: dict[str, object]) -> None:
    shuffled = dict(reversed(record.items()))
    assert differences(as_json(record), as_json(shuffled)) == ()


@given(record=RECORDS, name=st.text(max_size=4), value=LEAVES)
def test_one_member_that_is_changed_is_found(
    record: dict[str, object], name: str, value: object
) -> None:
    before = {**record, name: "first"}
    after = {**record, name: [value, "other"]}
    found = {steps_of(one.pointer)[0] for one in differences(as_json(before), as_json(after))}
    assert found == {name}


def test_two_contents_that_have_nothing_in_common_are_not_listed_to_the_end() -> None:
    many = {f"m{number}": number for number in range(1000)}
    assert len(differences(b"{}", as_json(many))) == MOST_DIFFERENCES
