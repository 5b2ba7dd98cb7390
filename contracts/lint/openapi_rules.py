"""What an OpenAPI document of the contract must have, beyond being one."""

import re
from collections.abc import Iterator
from typing import Final

from contracts.catalogue.operation_types import COMMON_STATUSES
from contracts.lint.violation import LintCode, Violation
from contracts.publish.json_walk import JsonObject, Place, at, is_object, walk
from schemas.reasons.reason import Reason
from schemas.records.json_pointer import json_pointer

_RULE: Final = "openapi"
_TEMPLATE: Final = re.compile(r"\{([^}]+)\}")


def document_violations(file: str, document: JsonObject) -> Iterator[Violation]:
    """Yield what is wrong with the OpenAPI document in `file`."""
    yield from (Violation(_RULE, file, place, said) for place, said in _checked(document))


def _checked(document: JsonObject) -> Iterator[tuple[Place, Reason]]:
    if document.get("openapi") != "3.1.0":
        yield "/openapi", LintCode.OPENAPI_VERSION.at()
    if "webhooks" in document:
        yield "/webhooks", LintCode.WEBHOOKS.at()
    for place, part in walk(document):
        reference = part.get("$ref")
        if isinstance(reference, str) and not _leads_somewhere(document, reference):
            yield f"{place}/$ref", LintCode.DEAD_REFERENCE.at(reference=reference)
    seen: set[str] = set()
    for place, path, operation in _operations(document):
        yield from ((place, said) for said in _of_operation(path, operation, seen))


def _leads_somewhere(document: JsonObject, reference: str) -> bool:
    return reference.startswith("#/") and at(document, reference) is not None


def _operations(document: JsonObject) -> Iterator[tuple[Place, str, JsonObject]]:
    paths = document.get("paths")
    for path, item in paths.items() if is_object(paths) else ():
        for method, operation in item.items() if is_object(item) else ():
            if is_object(operation):
                yield json_pointer(["paths", path, method]), path, operation


def _of_operation(path: str, operation: JsonObject, seen: set[str]) -> Iterator[Reason]:
    name = operation.get("operationId")
    if not isinstance(name, str) or name in seen:
        yield LintCode.OPERATION_ID.at()
    else:
        seen.add(name)
    responses = operation.get("responses")
    given = set(responses) if is_object(responses) else set()
    if not any(status.startswith("2") for status in given):
        yield LintCode.NO_SUCCESS.at()
    if missing := sorted({str(status) for status in COMMON_STATUSES} - given):
        yield LintCode.NO_ANSWER.at(statuses=tuple(missing))
    parameters = operation.get("parameters", [])
    declared = {
        one.get("name")
        for one in (parameters if isinstance(parameters, list) else [])
        if is_object(one) and one.get("in") == "path"
    }
    if declared != set(_TEMPLATE.findall(path)):
        yield LintCode.PARAMETERS.at()
