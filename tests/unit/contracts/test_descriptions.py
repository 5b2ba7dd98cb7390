"""Nothing is published without words in both languages, a source, and how sure that is."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from contracts.catalogue.fields import catalogue
from contracts.catalogue.operation_types import Side
from contracts.catalogue.record_words import record_words
from contracts.catalogue.records import RECORDS
from contracts.publish.json_walk import walk
from contracts.publish.openapi import openapi
from contracts.publish.record_schemas import schema_of, written
from schemas.reference.code_rows import Certainty

BOTH_LANGUAGES = re.compile(r"(?=.*[一-鿿])(?=.*[A-Za-z]{2})", re.DOTALL)
INDICATORS = {(row.record, row.member): row.indicator for row in catalogue()}
DOCUMENTS = {
    **{record: json.loads(written(schema_of(record))) for record in RECORDS},
    **{f"openapi-{side}": json.loads(written(openapi(side))) for side in Side},
}


def named_parts(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the models of a document by name: a schema's own and its parts."""
    document = DOCUMENTS[name]
    if name in RECORDS:
        yield RECORDS[name].__name__, document
    yield from document.get("$defs", document.get("components", {}).get("schemas", {})).items()


def facts_missing(said: dict[str, Any]) -> list[str]:
    facts = said.get("x-duijie", {})
    missing = [name for name in ("source", "certainty") if not facts.get(name)]
    if facts.get("certainty") not in set(Certainty):
        missing.append("a known certainty")
    if not BOTH_LANGUAGES.search(said.get("description", "")):
        missing.append("both languages")
    return missing


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_member_says_what_it_is_whence_and_how_sure(name: str) -> None:
    members = [
        (model, member, said)
        for model, part in named_parts(name)
        for member, said in part.get("properties", {}).items()
    ]
    assert members
    for model, member, said in members:
        assert facts_missing(said) == [], f"{model}.{member}"
        assert said["x-duijie"].get("indicator", "") == INDICATORS[model, member]
        assert said["title"].isascii()
        assert said["x-duijie"]["title"] in said["description"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_record_part_and_closed_list_is_told_in_both_languages(name: str) -> None:
    for model, part in named_parts(name):
        assert (part["title"], part["x-duijie"]["title"]) == (model, record_words()[model].name_zh)
        assert BOTH_LANGUAGES.search(part["description"]), model


@pytest.mark.parametrize("name", DOCUMENTS)
def test_an_alternative_is_a_record_or_a_constant_for_else_generators_make_a_class_of_it(
    name: str,
) -> None:
    for place, part in walk(DOCUMENTS[name]):
        found: Any = part.get("oneOf", part.get("anyOf", []))
        alternatives = [one for one in found if one != {"type": "null"}]
        assert [one for one in alternatives if not {"$ref", "const"} & {*one}] == [], place


def test_nothing_is_said_of_a_record_that_does_not_exist() -> None:
    assert set(record_words()) == {model for name in DOCUMENTS for model, _ in named_parts(name)}


@pytest.mark.parametrize("side", Side)
def test_every_operation_and_parameter_says_what_it_is_whence_and_how_sure(side: Side) -> None:
    paths = DOCUMENTS[f"openapi-{side}"]["paths"]
    for operation in (one for path in paths.values() for one in path.values()):
        assert facts_missing(operation) == [], operation["operationId"]
        assert BOTH_LANGUAGES.search(operation["summary"])
        for parameter in operation.get("parameters", ()):
            assert facts_missing(parameter) == [], parameter["name"]


@pytest.mark.parametrize("side", Side)
def test_whatever_else_is_described_is_described_in_both_languages(side: Side) -> None:
    document = DOCUMENTS[f"openapi-{side}"]
    parts = {
        place: part for place, part in walk(document) if not place.startswith("/components/schemas")
    }
    described = {
        place: part["description"] for place, part in parts.items() if "description" in part
    }
    assert len(described) > 10
    assert [
        place for place, text in described.items() if not BOTH_LANGUAGES.search(str(text))
    ] == []
