"""Who carries a record (承载): in which operations it travels, which way, whether they are built.

Told by the OpenAPI documents of one version alone.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from contracts.publish.json_walk import JsonObject, is_object, walk
from schemas.records.json_pointer import steps_of

_OPENAPI = "openapi/"


@dataclass(frozen=True, slots=True)
class Carrier:
    """One operation that carries a record: in its request or in its answer.

    `built` is that somebody serves it; `parameters` are its optional query parameters.
    """

    operation: str
    in_request: bool
    built: bool
    parameters: frozenset[str]


def carriers(files: Mapping[str, bytes]) -> Mapping[str, tuple[Carrier, ...]]:
    """Return by the name of each record and part what carries it."""
    found: dict[str, list[Carrier]] = {}
    documents = (json.loads(files[name]) for name in files if name.startswith(_OPENAPI))
    for document in filter(is_object, documents):
        for record, carrier in _of_document(document):
            found.setdefault(record, []).append(carrier)
    return {record: tuple(those) for record, those in found.items()}


def _of_document(document: JsonObject) -> Iterator[tuple[str, Carrier]]:
    for operation in _operations(document):
        for part, in_request in (("requestBody", True), ("responses", False)):
            carrier = Carrier(
                str(operation.get("operationId")),
                in_request,
                _is_built(operation),
                frozenset(_optional_parameters(operation)),
            )
            for record in sorted(_reached(document, operation.get(part))):
                yield record, carrier


def _operations(document: JsonObject) -> Iterator[JsonObject]:
    paths = document.get("paths")
    for item in paths.values() if is_object(paths) else ():
        for operation in item.values() if is_object(item) else ():
            if is_object(operation):
                yield operation


def _is_built(operation: JsonObject) -> bool:
    said = operation.get("x-duijie")
    return not is_object(said) or said.get("built") is not False


def _optional_parameters(operation: JsonObject) -> Iterator[str]:
    listed = operation.get("parameters")
    for one in listed if isinstance(listed, list) else ():
        if is_object(one) and one.get("in") == "query" and one.get("required") is not True:
            yield str(one.get("name"))


def _reached(document: JsonObject, part: object) -> set[str]:
    """Return the names of all components that a part leads to; refusals are no records of ours."""
    found: set[str] = set()
    waiting = _references(part)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting |= _references(_component(document, name))
    return found


def _references(value: object) -> set[str]:
    places = (one.get("$ref") for _, one in walk(value))
    named = [steps_of(one) for one in places if isinstance(one, str)]
    return {str(steps[-1]) for steps in named if steps[:2] == ["components", "schemas"]}


def _component(document: JsonObject, name: str) -> object:
    components = document.get("components")
    schemas = components.get("schemas") if is_object(components) else None
    return schemas.get(name) if is_object(schemas) else None
