r"""长度上限: how long a lawful body can be, from the schemas alone, and the limit that follows.

A text of n characters takes 12 bytes each where each is written as two escapes (`\ud842\udfb7`),
and what a pattern bounds is ASCII, 6 bytes each as one escape (`\u0030`); names of members, too.
Blanks between values have no end, and are not counted.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from typing import Final

from pydantic.json_schema import JsonSchemaValue

from contracts.catalogue.operation_types import Operation
from contracts.catalogue.operations import OPERATIONS
from contracts.publish.record_schemas import schema_of
from schemas.records.json_errors import LONGEST_BODY_BYTES

HEADER: Final = (
    *("side", "operation", "direction", "record", "longest_lawful_bytes", "limit_bytes"),
)
ESCAPED_BYTES: Final = 6
"""One escape: a unit of UTF-16; a character beyond the first plane has two."""
_QUOTES, _COLON, _BRACKETS, _BOOLEAN = 2, 1, 2, len("false")
_INSTANT_CHARACTERS: Final = len("2026-03-02T09:00:00.000000+08:00")
_TOKEN: Final = re.compile(
    r"(?P<one>\\x[0-9a-fA-F]{2}|\\.|\[(?:\\.|[^\]])+\]|[^()|?*+{}])"
    r"|(?P<count>\?|\{[0-9]+(?:,[0-9]+)?\})|(?P<endless>[*+])|(?P<sign>[()|])"
)


class Unbounded(ValueError):
    """A schema that says nowhere how long a value may be."""


def limits_csv() -> bytes:
    """Return for each operation and direction the longest lawful body and what is read of one."""
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(HEADER)
    for operation in OPERATIONS:
        rows.writerows(_rows(operation))
    return written.getvalue().encode()


def longest_bytes(record: str) -> int | None:
    """Return how many bytes a lawful record has at most, None where its schema has no bound."""
    schema = schema_of(record)
    try:
        return _longest(schema, schema.get("$defs", {}))
    except Unbounded:
        return None


def longest_text(shape: JsonSchemaValue) -> int:
    """Return how many characters a text of a shape with a pattern and no `maxLength` has at most.

    Raises:
        Unbounded: The pattern repeats something without end.
    """
    if shape.get("format") == "date-time":
        return _INSTANT_CHARACTERS
    return _Widths(str(shape.get("pattern", "")).removeprefix("^").removesuffix("$")).longest()


def _rows(operation: Operation) -> Iterator[tuple[str, ...]]:
    for direction, record in (("request", operation.request), ("answer", operation.answer)):
        if record:
            longest = longest_bytes(record)
            said = "" if longest is None else str(longest)
            limit = str(LONGEST_BODY_BYTES)
            yield operation.side, operation.name, direction, record, said, limit


def as_sent(shape: JsonSchemaValue) -> JsonSchemaValue:
    """Return a shape within the bound that its senders keep to, where it has one."""
    bound = shape.get("x-duijie", {}).get("sender", {})
    return {**shape, **bound}


def _longest(reader: JsonSchemaValue, parts: Mapping[str, JsonSchemaValue]) -> int:
    shape = as_sent(reader)
    if "$ref" in shape:
        return _longest(parts[str(shape["$ref"]).rpartition("/")[2]], parts)
    for choice in ("anyOf", "oneOf"):
        if choice in shape:
            return max(_longest(one, parts) for one in shape[choice])
    for name in ("enum", "const"):
        if name in shape:
            values = shape[name] if name == "enum" else [shape[name]]
            return max(_QUOTES + ESCAPED_BYTES * len(str(value)) for value in values)
    kinds = shape["type"] if isinstance(shape["type"], list) else [shape["type"]]
    return max(_longest_of(kind, shape, parts) for kind in kinds)


def _longest_of(kind: str, shape: JsonSchemaValue, parts: Mapping[str, JsonSchemaValue]) -> int:
    match kind:
        case "array":
            if "maxItems" not in shape:
                raise Unbounded
            return _BRACKETS + int(shape["maxItems"]) * (1 + _longest(shape["items"], parts))
        case "object":
            members = shape["properties"].items()
            return _BRACKETS + sum(
                ESCAPED_BYTES * len(name) + _QUOTES + _COLON + 1 + _longest(one, parts)
                for name, one in members
            )
        case "integer":
            return len(str(shape["maximum"])) + len(".0")
        case "string" if "maxLength" in shape:
            return _QUOTES + 2 * ESCAPED_BYTES * int(shape["maxLength"])
        case "string":
            return _QUOTES + ESCAPED_BYTES * longest_text(shape)
        case _:
            return _BOOLEAN


class _Widths:
    """The greatest width of a portable pattern (`portable_regex`): alternatives, groups, counts."""

    def __init__(self, pattern: str) -> None:
        self._tokens = list(_TOKEN.finditer(pattern))

    def longest(self) -> int:
        """Return it, taking tokens up to the end of the group, or of the pattern."""
        widest, width, last = 0, 0, 0
        while self._tokens:
            token = self._tokens.pop(0)
            text = token.group()
            if token.lastgroup == "endless":
                raise Unbounded
            if token.lastgroup == "count":
                maximum = 1 if text == "?" else int(re.findall(r"[0-9]+", text)[-1])
                width += last * (maximum - 1)
            elif text == ")":
                break
            elif text == "|":
                widest, width, last = max(widest, width), 0, 0
            else:
                last = self.longest() if text == "(" else 1
                width += last
        return max(widest, width)
