"""Whose fault it is that a page of one cannot be read: its item's, or the connection's."""

from collections.abc import Callable

import pytest

from schemas.records.broken_page import item_that_breaks
from schemas.records.json_errors import JsonErrorCode, Malformed
from tests.builders.records import application_json


@pytest.mark.parametrize(
    ("body", "item"),
    [
        (b'{"items":[{"a":1],"more":true}', b'{"a":1'),
        (b'{"items":[{"a":"1}],"more":true}', b'{"a":"1}'),
        (b'{ "items" : [ {"a":1}} ] , "more" : false }\n', b'{"a":1}}'),
        (b'{"items":[{"application_no":"SY1","a":', b'{"application_no":"SY1","a":'),
        (b'\xef\xbb\xbf{"items":[{"a":[1}],"more":true}', b'{"a":[1}'),
        (b'{"more":true,"items":[{"a":[1}]}', b'{"a":[1}'),
    ],
)
def test_an_item_that_breaks_its_page_is_cut_out_as_it_came(body: bytes, item: bytes) -> None:
    found = item_that_breaks(body, "items")
    assert (found.content, found.position) == (item, 1)
    assert found.error is not None
    assert found.error.code is JsonErrorCode.PAGE_BROKEN


@pytest.mark.parametrize(
    "spoil",
    [
        lambda page: page + b" trailing",
        lambda page: page.decode().encode("utf-16"),
        lambda page: b"\xef\xbb\xbf" + b"\xef\xbb\xbf" + page,
        lambda page: page.replace(b'"items"', b'"records"'),
        lambda page: b"<html>" + page,
        lambda page: page.replace(b'"more":true', b'"more":True'),
        lambda page: b"",
    ],
    ids=["trailing text", "UTF-16", "two marks", "another name", "HTML", "no JSON word", "nothing"],
)
def test_a_fault_that_every_page_has_is_not_its_items(spoil: Callable[[bytes], bytes]) -> None:
    page = b'{"items":[%b],"more":true}' % application_json()
    with pytest.raises(Malformed):
        item_that_breaks(spoil(page), "items")
