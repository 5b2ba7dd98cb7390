"""位置: what a page gives beside its items, and what is no position."""

import pytest

from gateway.adapters.feed_positions import placed, read_positions
from schemas.records.strict_json import RawItem


def test_the_positions_of_a_page_are_those_of_its_items() -> None:
    items = placed([RawItem(b"1"), RawItem(b"2")], read_positions({"positions": [7, 9]}))
    assert [one.feed_position for one in items] == [7, 9]


@pytest.mark.parametrize(
    "given",
    [None, "7", [0], [-1], [1.5], ["7"], [True], [7, 7], [2**53], [None], [[7]], {"7": 7}],
)
def test_what_is_no_position_is_none_and_the_items_go_on(given: object) -> None:
    assert read_positions({"positions": given}) == ()
    assert placed([RawItem(b"1")], ())[0].feed_position is None


def test_a_page_of_contract_1_0_has_none() -> None:
    assert read_positions({"more": False}) == ()


def test_positions_that_do_not_fit_the_items_are_none() -> None:
    assert [one.feed_position for one in placed([RawItem(b"1")], (7, 8))] == [None]
