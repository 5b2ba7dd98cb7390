"""What an OpenAPI document of the contract must have, beyond being one."""

import re
from collections.abc import Iterator
from typing import Final

from contracts.catalogue.operation_types import COMMON_STATUSES
from contracts.lint.violation import Violation
from contracts.publish.json_walk import JsonObject, Place, at, is_object, walk
from schemas.records.json_pointer import json_pointer

_RULE: Final = "openapi"
_TEMPLATE: Final = re.compile(r"\{([^}]+)\}")


def document_violations(file: str, document: JsonObject) -> Iterator[Violation]:
    """Yield what is wrong with the OpenAPI document in `file`."""
    yield from (Violation(_RULE, file, place, message) for place, message in _checked(document))


def _checked(document: JsonObject) -> Iterator[tuple[Place, str]]:
    if document.get("openapi") != "3.1.0":
        yield "/openapi", "not OpenAPI 3.1.0"
    if "webhooks" in document:
        yield "/webhooks", "everything stands under paths"
    for place, part in walk(document):
        reference = part.get("$ref")
        if isinstance(reference, str) and not _leads_somewhere(document, reference):
            yield f"{place}/$ref", f"{reference} leads nowhere inside the document"
    seen: set[str] = set()
    for place, path, operation in _operations(document):
        yield from ((place, message) for message in _of_operation(path, operation, seen))


def _leads_somewhere(document: JsonObject, reference: str) -> bool:
    return reference.startswith("#/") and at(document, reference) is not None


def _operations(document: JsonObject) -> Iterator[tuple[Place, str, JsonObject]]:
    paths = document.get("paths")
    for path, item in paths.items() if is_object(paths) else ():
        for method, operation in item.items() if is_object(item) else ():
            if is_object(operation):
                yield json_pointer(["paths", path, method]), path, operation


def _of_operation(path: str, operation: JsonObject, seen: set[str]) -> Iterator[str]:
    name = operation.get("operationId")
    if not isinstance(name, str) or name in seen:
        yield "operationId is missing or stands twice"
    else:
        seen.add(name)
    responses = operation.get("responses")
    given = set(responses) if is_object(responses) else set()
    if not any(status.startswith("2") for status in given):
        yield "no answer of success"
    if missing := sorted({str(status) for status in COMMON_STATUSES} - given):
        yield f"no answer {', '.join(missing)}"
    parameters = operation.get("parameters", [])
    declared = {
        one.get("name")
        for one in (parameters if isinstance(parameters, list) else [])
        if is_object(one) and one.get("in") == "path"
    }
    if declared != set(_TEMPLATE.findall(path)):
        yield "path and its parameters differ"
