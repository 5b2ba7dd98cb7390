"""差异: the members in which two contents under one number differ, with both values."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Context, Decimal
from itertools import islice
from typing import Final

from schemas.records.json_pointer import json_pointer

MOST_DIFFERENCES: Final = 50
"""A content that has nothing in common with the first is not listed to its end."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One member that differs; a value is JSON text, None where a side does not have the member.

    Values are as received, personal data in the clear: they are masked before anybody sees them.
    """

    pointer: str
    first: str | None
    other: str | None


def differences(first: bytes, other: bytes) -> tuple[Difference, ...]:
    """Return where `other` differs from `first`, by pointer, `MOST_DIFFERENCES` at most.

    Nothing for contents that differ in their spelling only.

    Raises:
        ValueError: One of them is no JSON.
    """
    ours, theirs = (dict(_leaves("", _read(one))) for one in (first, other))
    found = (
        Difference(pointer, ours.get(pointer), theirs.get(pointer))
        for pointer in sorted(ours.keys() | theirs.keys())
        if ours.get(pointer) != theirs.get(pointer)
    )
    return tuple(islice(found, MOST_DIFFERENCES))


def _read(content: bytes) -> object:
    """Read numbers to their last digit: as floats, two that differ could be the same."""
    return json.loads(content, parse_int=Decimal, parse_float=Decimal)


def _written(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value.normalize(Context(prec=len(value.as_tuple().digits))))
    return json.dumps(value, ensure_ascii=False)


def _leaves(pointer: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _leaves(pointer + json_pointer([name]), inner)
    elif isinstance(value, list) and value:
        for place, inner in enumerate(value):
            yield from _leaves(pointer + json_pointer([place]), inner)
    elif pointer:
        yield pointer, _written(value)
