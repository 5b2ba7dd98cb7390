"""Walking through a JSON document: every object in it with its place."""

from collections.abc import Iterator, Mapping
from typing import TypeAlias, TypeGuard

from schemas.records.json_pointer import json_pointer, steps_of

JsonObject: TypeAlias = Mapping[str, object]
Place: TypeAlias = str
"""A JSON Pointer; empty for the document itself."""


def is_object(value: object) -> TypeGuard[JsonObject]:
    """Tell whether a JSON value is an object."""
    return isinstance(value, dict)


def walk(value: object, place: Place = "") -> Iterator[tuple[Place, JsonObject]]:
    """Yield every object of a document, itself first, with its place."""
    if is_object(value):
        yield place, value
        for name, part in value.items():
            yield from walk(part, place + json_pointer([name]))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from walk(part, place + json_pointer([index]))


def at(document: JsonObject, reference: str) -> object:
    """Return what a reference inside the document leads to; None when it leads nowhere."""
    value: object = document
    for step in steps_of(reference):
        if not is_object(value):
            return None
        value = value.get(step)
    return value
