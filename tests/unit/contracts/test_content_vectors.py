"""The content vectors: whoever reads schema and page alone comes to the same bytes."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

import pytest

from contracts.catalogue.records import RECORDS
from contracts.compat.compare import compare
from contracts.lint.content_rules import CONTENT, content_violations
from contracts.publish.content_vectors import SHIPPED, ContentVectorFile, content_vectors
from contracts.publish.json_walk import at, walk
from contracts.publish.record_schemas import schema_of

PUBLISHED: Final = SHIPPED.read_bytes()
VECTORS: Final = ContentVectorFile.read(PUBLISHED).vectors
RECEIPTED: Final = {
    *("application", "withdrawal", "outcome", "local-registration"),
    *("deregistration", "dispatch", "dispatch-return"),
}


def normalised(value: Any, shape: Mapping[str, Any], whole: Mapping[str, Any]) -> Any:
    """Return a JSON value as the page of the contract says, from the published schema alone."""
    shapes = [found(one, whole) for one in (shape, *shape.get("anyOf", ()))]
    if isinstance(value, dict):
        members = {name: part for one in shapes for name, part in one.get("properties", {}).items()}
        parts = {name: normalised(part, members[name], whole) for name, part in value.items()}
        return {
            name: part
            for name, part in parts.items()
            if part is not None and part != members[name].get("default")
        }
    if isinstance(value, list):
        (items,) = (one["items"] for one in shapes if "items" in one)
        return [normalised(part, items, whole) for part in value]
    if any(one.get("format") == "date-time" for one in shapes):
        at_utc = f"{datetime.fromisoformat(value).astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}"
        return at_utc.rstrip("0").rstrip(".") + "Z"
    return int(value) if isinstance(value, float) else value


def found(shape: Mapping[str, Any], whole: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = shape.get("$ref")
    return shape if reference is None else at(whole, reference)  # type: ignore[return-value] # a schema


@pytest.mark.parametrize("vector", VECTORS, ids=[one.name for one in VECTORS])
def test_schema_and_page_lead_to_the_canonical_form(vector: Any) -> None:
    schema = schema_of(vector.record)
    said = normalised(json.loads(vector.received), schema, schema)
    # RFC 8785 sorts by UTF-16 code units, and writes strings and whole numbers as this does
    written = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert written == vector.canonical
    assert sha256(written.encode()).hexdigest() == vector.digest


def test_what_is_published_is_what_is_written_and_has_every_record_with_a_receipt() -> None:
    assert content_vectors() == ContentVectorFile.read(PUBLISHED)
    assert {one.record for one in VECTORS} == RECEIPTED


def test_spellings_of_one_content_have_one_digest_and_others_have_their_own() -> None:
    digests = {one.name: one.digest for one in VECTORS}
    same = [one for one in VECTORS if one.same_as is not None]
    assert all(digests[one.same_as or ""] == one.digest for one in same)
    others = [one.digest for one in VECTORS if one.same_as is None]
    assert (len(set(others)), len(same)) == (len(others), 10)


def members() -> Iterator[tuple[str, Mapping[str, Any]]]:
    for record in RECORDS:
        for _, part in walk(schema_of(record)):
            properties: Any = part.get("properties", {})
            yield from properties.items()


def test_names_are_ascii_so_that_every_order_of_them_is_the_same() -> None:
    assert all(re.fullmatch("[ -~]+", name) for name, _ in members())


def test_a_default_is_null_or_an_empty_list() -> None:
    assert all(part.get("default") in (None, []) for _, part in members())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (VECTORS[0].digest, "0" * 64, "not the digest of its canonical form"),
        (r"15:00:00+08:00\"", r"15:00:01+08:00\"", "another canonical form"),
        ('"record": "outcome"', '"record": "nothing"', "no record nothing, or not one"),
        ('"vectors"', '"others"', "not a file of content vectors"),
    ],
)
def test_lint_finds_a_vector_that_is_not_true(old: str, new: str, said: str) -> None:
    assert list(content_violations({CONTENT: PUBLISHED})) == []
    changed = PUBLISHED.decode().replace(old, new)
    assert said in " ".join(map(str, content_violations({CONTENT: changed.encode()})))


def test_another_digest_of_the_same_record_breaks_both_sides() -> None:
    changed = PUBLISHED.decode().replace(VECTORS[0].digest, "0" * 64).encode()
    found_ = compare({CONTENT: PUBLISHED}, {CONTENT: changed})
    assert {(one.rule, one.impact.value) for one in found_} == {("digest", "both")}
    assert compare({}, {CONTENT: PUBLISHED}) == ()
