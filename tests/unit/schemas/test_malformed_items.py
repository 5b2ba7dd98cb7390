"""Which application a malformed item is about: its number, if just one can be made out."""

from typing import Final

import pytest

from schemas.records.json_errors import JsonError, JsonErrorCode
from schemas.records.strict_json import RawItem

SYNTAX: Final = JsonError(JsonErrorCode.SYNTAX)


@pytest.mark.parametrize(
    ("content", "number"),
    [
        (b'{"application_no":"SY1","a":NaN}', "SY1"),
        (b'{"a":NaN , "application_no" : "SY1"', "SY1"),
        (b'{"application_no":"' + b"x" * 40 + b'"}', "x" * 40),
        (b'{"application_no":"' + b"x" * 41 + b'"}', None),
        (b'{"application_no":""}', None),
        (b'{"application_no":1}', "1"),
        (b'{"application_no" : 20260000000000000001 ,"a":1}', "20260000000000000001"),
        (b'{"application_no":%b}' % (b"9" * 40), "9" * 40),
        (b'{"application_no":%b}' % (b"9" * 41), None),
        (b'{"application_no":123', None),  # cut short: another number perhaps
        (b'{"application_no":-1}', None),
        (b'{"application_no":1.5}', None),
        (b'{"application_no":1e3}', None),
        (b'{"application_no":007}', None),
        (b'{"application_no":1,"application_no":"1"}', "1"),
        (b'{"application_no":1,"application_no":2}', None),
        (b'{"application_no":"SY\\/1"}', "SY/1"),
        (b'{"application_no":"\\ud800"}', None),
        (b'{"application_no":"SY 1"}', None),
        ('{"application_no":"申1"}'.encode(), None),
        (b'{"remarks":"\\"application_no\\":\\"SY8\\""}', None),
        (b'{"a":NaN}', None),
        (b"\xff\xfe", None),
        (b'{"application_no":"SY1","application_no":"SY1"}', "SY1"),
    ],
)
def test_the_number_of_a_malformed_item_is_made_out(content: bytes, number: str | None) -> None:
    assert RawItem(content, SYNTAX).number() == number


def test_an_item_that_bears_two_numbers_bears_none() -> None:
    # acknowledging either would tell the sender that the other person's application is here
    twice = b'{"application_no":"SY1","application_no":"SY2"}'
    assert RawItem(twice, SYNTAX).number() is None
