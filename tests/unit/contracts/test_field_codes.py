"""Each way in which one member can be wrong has a code of its own, and each code its way."""

import json

import pytest
from pydantic import ValidationError

from contracts.catalogue.errors_csv import errors
from contracts.catalogue.records import RECORDS
from contracts.publish.valid_records import VALID_RECORDS

ABSENT = object()
ITEM = next(iter(VALID_RECORDS["feed-page"]["items"]))  # type: ignore[call-overload] # a list in JSON
WAYS: list[tuple[str, str, dict[str, object]]] = [
    ("field.missing", "ping", {"echo": ABSENT}),
    ("field.extra-forbidden", "ping", {"unknown": "1"}),
    ("field.string-type", "application", {"aac147": 410105199003070000}),
    ("field.string-too-short", "application", {"aac003": ""}),
    ("field.string-too-long", "application", {"aac003": "某" * 51}),
    ("field.string-pattern-mismatch", "application", {"aab299": "4101"}),
    ("field.float-type", "outcome", {"revision": "1"}),
    ("field.int-from-float", "outcome", {"revision": 1.5}),
    ("field.bool-type", "feed-page", {"more": "true"}),
    ("field.greater-than-equal", "outcome", {"revision": 0}),
    ("field.less-than-equal", "outcome", {"revision": 10000}),
    ("field.literal-error", "outcome", {"review_state": "1"}),
    ("field.enum", "outcome", {"aae016": "7"}),
    ("field.value-error", "application", {"ajc093": "90"}),
    ("field.too-short", "outcome-batch", {"outcomes": []}),
    ("field.too-long", "feed-page", {"items": [ITEM] * 201}),
    ("field.tuple-type", "feed-page", {"items": "none"}),
    ("field.model-type", "outcome", {"contact": []}),
    ("field.union-tag-invalid", "feed-page", {"items": [{"kind": "outcome"}]}),
    ("field.union-tag-not-found", "feed-page", {"items": [{}]}),
    ("field.date-from-datetime-parsing", "application", {"ajc090": "2026-02-30"}),
    ("field.datetime-from-date-parsing", "application", {"submitted_at": "2026-02-30T00:00:00Z"}),
    ("field.json-invalid", "ping", {}),
    ("field.dict-type", "feed-page", {"items": ["SY1"]}),
]


@pytest.mark.parametrize(("code", "record", "changes"), WAYS, ids=[way[0] for way in WAYS])
def test_what_is_wrong_with_a_member_has_its_own_code(
    code: str, record: str, changes: dict[str, object]
) -> None:
    members = {**VALID_RECORDS[record], **changes}
    body = json.dumps({name: value for name, value in members.items() if value is not ABSENT})
    with pytest.raises(ValidationError) as caught:
        RECORDS[record].read(body if changes else body[:-1])
    assert [f"field.{one['type']}".replace("_", "-") for one in caught.value.errors()] == [code]


def test_no_code_of_a_member_stands_in_the_catalogue_that_cannot_occur() -> None:
    listed = [code for code in errors() if code.startswith("field.")]
    assert listed == [code for code, _, _ in WAYS]
