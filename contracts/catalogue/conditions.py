"""The building blocks of rules between members, as JSON Schema; `null` counts as absent."""

from collections.abc import Mapping
from typing import TypeAlias

Schema: TypeAlias = Mapping[str, object]


def given(*members: str) -> Schema:
    """Every one of `members` is there."""
    return {
        "required": list(members),
        "properties": {member: {"not": {"type": "null"}} for member in members},
    }


def absent(*members: str) -> Schema:
    """None of `members` is there."""
    return {"properties": {member: {"type": "null"} for member in members}}


def both(first: Schema, second: Schema) -> Schema:
    """Hold to both."""
    return {"allOf": [first, second]}


def when(member: str, *values: str, then: Schema, otherwise: Schema | None = None) -> Schema:
    """Hold to `then` where `member` is one of `values`, else to `otherwise`."""
    condition: Schema = {"const": values[0]} if len(values) == 1 else {"enum": list(values)}
    rule = {"if": {"required": [member], "properties": {member: condition}}, "then": then}
    return rule if otherwise is None else {**rule, "else": otherwise}


def inside(member: str, rule: Schema) -> Schema:
    """Hold what stands in a member, if it is there, to `rule`."""
    return {"properties": {member: {"type": "object", **rule}}}


def where(condition: Schema, then: Schema, otherwise: Schema) -> Schema:
    """Hold to `then` where `condition` holds, else to `otherwise`.

    So said, and not by `oneOf`: generated code makes a class of every alternative.
    """
    return {"if": condition, "then": then, "else": otherwise}


ONE_KEY_FORM: Schema = where(
    given("application_no"),
    then=absent("division", "local_serial"),
    otherwise=given("division", "local_serial"),
)
"""A number, or a division with a serial: one form, whole."""
