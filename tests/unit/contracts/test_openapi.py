"""The OpenAPI documents: valid by an independent reader, whole, and one with the records."""

import json
from collections.abc import Iterator

import jsonschema_rs
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from contracts.catalogue.operation_types import COMMON_STATUSES, Operation, Side
from contracts.catalogue.operations import OPERATIONS, served_by
from contracts.catalogue.records import RECORDS
from contracts.publish.openapi import openapi
from contracts.publish.record_schemas import written
from tests.builders.records import application_json, outcome_json

DOCUMENTS = {side: json.loads(written(openapi(side))) for side in Side}


def references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, part in value.items():
            if name == "$ref":
                yield str(part)
            yield from references(part)
    elif isinstance(value, list):
        for part in value:
            yield from references(part)


def choices(value: object) -> Iterator[tuple[str, str]]:
    """Yield the title of each choice between records, with what it is a choice of."""
    if isinstance(value, dict):
        if "oneOf" in value:
            yield str(value.get("title")), json.dumps(value["oneOf"])
        for part in value.values():
            yield from choices(part)
    elif isinstance(value, list):
        for part in value:
            yield from choices(part)


def each_operation() -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "operation", OPERATIONS, ids=lambda one: f"{one.side}-{one.name}"
    )


@pytest.mark.parametrize("side", Side)
def test_an_independent_reader_finds_no_fault(side: Side) -> None:
    faults = [error.message for error in OpenAPIV31SpecValidator(DOCUMENTS[side]).iter_errors()]
    assert faults == []


@pytest.mark.parametrize("side", Side)
def test_every_reference_leads_to_a_part_of_the_document(side: Side) -> None:
    for reference in references(DOCUMENTS[side]):
        place = DOCUMENTS[side]
        assert reference.startswith("#/")
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def test_a_choice_between_records_has_a_name_of_its_own() -> None:
    """Two of one name are two classes of one name, and a generator numbers one of them."""
    found = {choice for document in DOCUMENTS.values() for choice in choices(document)}
    assert sorted(title for title, _ in found) == ["AcknowledgedItem", "FeedItem"]


@pytest.mark.parametrize("side", Side)
def test_everything_stands_under_paths_and_is_named_once(side: Side) -> None:
    document = DOCUMENTS[side]
    assert "webhooks" not in document
    ids = [one["operationId"] for path in document["paths"].values() for one in path.values()]
    assert sorted(ids) == sorted(operation.name for operation in served_by(side))
    assert len(set(ids)) == len(ids)


@each_operation()
def test_an_operation_says_how_it_refuses(operation: Operation) -> None:
    said = DOCUMENTS[operation.side]["paths"][operation.path][operation.method]
    assert {"200", *map(str, COMMON_STATUSES)} <= set(said["responses"])
    for status in operation.statuses:
        name = said["responses"][str(status)]["$ref"].rpartition("/")[2]
        answer = DOCUMENTS[operation.side]["components"]["responses"][name]
        assert list(answer["content"]) == ["application/problem+json"]
        assert ("Retry-After" in answer["headers"]) == (status in {429, 503})


@each_operation()
def test_an_operation_speaks_of_records_in_both_languages(operation: Operation) -> None:
    assert operation.answer in RECORDS
    assert not operation.request or operation.request in RECORDS
    assert (operation.method == "get") == (operation.request == "")
    assert not operation.title_zh.isascii()
    assert operation.title_en.isascii()
    names = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
    assert names == [one.name for one in operation.parameters if one.where == "path"]


def test_every_record_is_used_by_an_operation_or_is_part_of_one() -> None:
    used = {name for document in DOCUMENTS.values() for name in document["components"]["schemas"]}
    assert {model.__name__ for model in RECORDS.values()} <= used


@pytest.mark.parametrize(
    ("side", "schema", "good", "bad"),
    [
        (
            Side.NATIONAL,
            "OutcomeBatch",
            b'{"outcomes":[%s]}' % outcome_json(),
            b'{"outcomes":[%s]}' % outcome_json(aae016="2"),
        ),
        (
            Side.NATIONAL,
            "FeedPage",
            b'{"items":[%s],"more":false}' % application_json(),
            b'{"items":[%s],"more":false}' % application_json(aac033="5"),
        ),
    ],
)
def test_the_rules_between_members_hold_inside_the_document(
    side: Side, schema: str, good: bytes, bad: bytes
) -> None:
    whole = {"$ref": f"#/components/schemas/{schema}", "components": DOCUMENTS[side]["components"]}
    validator = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
    assert validator.is_valid(json.loads(good))
    assert not validator.is_valid(json.loads(bad))


def test_a_document_is_the_same_each_time() -> None:
    assert {side: written(openapi(side)) for side in Side} == {
        side: written(document) for side, document in DOCUMENTS.items()
    }
