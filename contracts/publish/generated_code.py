"""What generated code is made from: shapes and names that every generator reads alike.

None of it changes what a schema takes. Tried by `make generators`, told in
`docs/howto/generate-a-client.md`.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from pydantic.json_schema import JsonSchemaValue

from schemas.records.outcomes import RefusalReason, Verdict

_NAMED: Final[Mapping[str, type[StrEnum]]] = MappingProxyType(
    {"RefusalReason": RefusalReason, "Verdict": Verdict}
)
_CHOICES: Final[Mapping[tuple[str, ...], str]] = MappingProxyType(
    {
        ("application", "withdrawal"): "FeedItem",
        ("application", "position", "withdrawal"): "AcknowledgedItem",
    }
)
"""By the values of `kind`: the name of what an item of a list is one of. Two choices of one name
would be two classes of one name, and one of them numbered by its generator.
"""
_NULL: Final = {"type": "null"}


def nullable_in_one(shape: JsonSchemaValue) -> JsonSchemaValue:
    """Return the shape of a text or number that may be null with both types in one place.

    As two alternatives, some generators make a class of each such member. Constants and references
    stay alternatives.
    """
    match shape:
        case {"anyOf": [{"type": str(kind)} as given, null], **others} if null == _NULL:
            if "const" not in given:
                return {**given, **others, "type": [kind, "null"]}
    return shape


def named_choice(shape: JsonSchemaValue) -> JsonSchemaValue:
    """Return the shape of a list with a name for what an item is one of, where it is.

    Raises:
        KeyError: It is a choice that has no name yet.
    """
    items = shape.get("items", {})
    if "oneOf" not in items:
        return shape
    kinds = tuple(sorted(items["discriminator"]["mapping"]))
    return {**shape, "items": {**items, "title": _CHOICES[kinds]}}


def value_names(model: str, codes: list[str]) -> list[str]:
    """Return the names of a closed list's values: those of its enum, else `CODE_` and the code."""
    enum = _NAMED.get(model)
    known = {one.value: one.name for one in enum} if enum else {}
    return [known.get(code) or _name_of(code) for code in codes]


def without_discriminators(schema: JsonSchemaValue) -> JsonSchemaValue:
    """Return a schema without the keyword that OpenAPI has and JSON Schema has not."""
    return {name: _plain(part) for name, part in schema.items() if name != "discriminator"}


def rules_out_of_sight(part: JsonSchemaValue) -> JsonSchemaValue:
    """Return a record whose rules between members stand where a validator looks, no generator.

    A generator takes `allOf` for inheritance; under an `if` that always holds it lets it be.
    """
    if "allOf" not in part:
        return part
    others = {name: part[name] for name in part if name != "allOf"}
    return {**others, "if": {}, "then": {"allOf": part["allOf"]}}


def _name_of(code: str) -> str:
    return code.upper().replace("-", "_") if code[:1].isalpha() else f"CODE_{code}"


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return without_discriminators(value)
    return [_plain(part) for part in value] if isinstance(value, list | tuple) else value
