"""JSON pointers: RFC 6901, and never the name of a member that somebody made up."""

import pytest
from pydantic import ValidationError

from schemas.records.json_pointer import json_pointer, pointer_to, steps_of
from schemas.records.outcomes import Outcome
from tests.builders.records import outcome_json


@pytest.mark.parametrize(
    ("steps", "pointer"),
    [
        ([], ""),
        ([""], "/"),
        (["outcomes", 0, "aae019"], "/outcomes/0/aae019"),
        (["a/b"], "/a~1b"),
        (["c%d"], "/c%d"),
        (["m~n"], "/m~0n"),
        (["~1"], "/~01"),
        (["~/", "/~"], "/~0~1/~1~0"),
        (['k"l', " ", "姓名"], '/k"l/ /姓名'),
    ],
)
def test_names_are_escaped_as_the_standard_says_and_read_back(
    steps: list[str | int], pointer: str
) -> None:
    assert json_pointer(steps) == pointer
    assert steps_of(pointer) == [str(step) for step in steps]


def test_an_unknown_member_is_told_by_its_parent_and_a_known_one_by_itself() -> None:
    body = outcome_json(contact={"王/模~拟": 1, "telephone": ""})

    with pytest.raises(ValidationError) as refused:
        Outcome.read(body)

    assert [pointer_to(error) for error in refused.value.errors()] == [
        "/contact/telephone",
        "/contact",
    ]
