"""长度上限: no lawful body meets the limit of a body, nor a lawful record that of an item."""

import csv
import re
from collections.abc import Callable
from typing import Final

import pytest

from contracts.catalogue.operations import OPERATIONS
from contracts.publish.limits import Unbounded, limits_csv, longest_bytes, longest_text
from schemas.records.applications import ForwardedApplication
from schemas.records.dispatches import Dispatch
from schemas.records.json_errors import LONGEST_BODY_BYTES, LONGEST_ITEM_BYTES
from schemas.records.outcomes import Outcome
from tests.builders.longest_records import (
    escaped,
    longest_application,
    longest_dispatch,
    longest_outcome,
)

ROWS: Final = list(csv.DictReader(limits_csv().decode().splitlines()))
SAYS_NO: Final = frozenset({"batch-answer", "case-view"})
"""Without a bound in the schema: the errors of refused items, and the history of a case."""
IN_PARTS: Final = frozenset({"code-table-list"})
"""Beyond the limit only as 1.0 has it, in one piece; 1.1 asks for parts, each of one table."""
ITEMS: Final = (
    *("application", "withdrawal", "outcome", "dispatch", "dispatch-return", "local-registration"),
    "deregistration",
)


def test_every_operation_has_its_limits_in_each_direction() -> None:
    assert {(row["side"], row["operation"]) for row in ROWS} == {
        (one.side, one.name) for one in OPERATIONS
    }
    assert {row["limit_bytes"] for row in ROWS} == {str(LONGEST_BODY_BYTES)}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['operation']}-{row['direction']}")
def test_no_lawful_body_meets_the_limit(row: dict[str, str]) -> None:
    if row["record"] in SAYS_NO:
        assert row["longest_lawful_bytes"] == ""
    elif row["record"] in IN_PARTS:
        assert row["operation"] == "fetchCodeTables"
    else:
        assert int(row["longest_lawful_bytes"]) <= LONGEST_BODY_BYTES


@pytest.mark.parametrize("record", ITEMS)
def test_no_lawful_record_meets_the_limit_of_an_item(record: str) -> None:
    longest = longest_bytes(record)
    assert longest is not None
    assert longest <= LONGEST_ITEM_BYTES


def test_the_limit_is_no_larger_than_it_has_to_be() -> None:
    longest = max(int(row["longest_lawful_bytes"] or 0) for row in ROWS)
    assert longest > LONGEST_BODY_BYTES * 0.8


APPLICATION: Final = longest_application("SY")


@pytest.mark.parametrize(
    ("record", "value", "read"),
    [
        ("application", APPLICATION, ForwardedApplication.read),
        ("outcome", longest_outcome(), Outcome.read),
        ("dispatch", longest_dispatch("D1", APPLICATION, "4101000001"), Dispatch.read),
    ],
)
def test_the_longest_record_is_lawful_and_as_long_as_the_schema_says(
    record: str, value: dict[str, object], read: Callable[[bytes], object]
) -> None:
    written, bound = escaped(value), longest_bytes(record)
    read(written)
    assert bound is not None
    assert bound * 0.93 < len(written) <= bound


@pytest.mark.parametrize(
    ("pattern", "widest"),
    [
        (r"^[!-~]{1,40}$", "~" * 40),
        (r"^[01]$", "0"),
        (r"^[0-9]{6}([0-9]{3}([0-9]{3})?)?$", "1" * 12),
        (r"^a(bc|d){2,3}e?$", "abcbcbce"),
        (r"^\x41[\]a]\.$", "A]."),
    ],
)
def test_the_width_of_a_pattern_is_that_of_its_longest_text(pattern: str, widest: str) -> None:
    assert re.fullmatch(pattern, widest)
    assert longest_text({"pattern": pattern}) == len(widest)


def test_a_pattern_that_repeats_something_for_ever_has_no_width() -> None:
    with pytest.raises(Unbounded):
        longest_text({"pattern": "^a+$"})
