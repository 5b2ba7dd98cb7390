"""位置: the positions that a page gives beside its items; a portal of contract 1.0 gives none."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from schemas.records.strict_json import RawItem

_GREATEST: Final = 2**53 - 1


def read_positions(page: Mapping[str, object]) -> tuple[int, ...]:
    """Return the positions of a page; none where it has none, or what it has are no positions.

    The items go on without them, by their numbers: what is wrong beside an item holds up nobody.
    """
    given = page.get("positions")
    if not isinstance(given, list) or len({*map(str, given)}) != len(given):
        return ()
    found = tuple(one for one in given if type(one) is int and 1 <= one <= _GREATEST)
    return found if len(found) == len(given) else ()


def placed(items: Sequence[RawItem], positions: Sequence[int]) -> tuple[RawItem, ...]:
    """Return the items, each with its position where there is one for each."""
    if len(positions) != len(items):
        return tuple(items)
    return tuple(
        replace(item, feed_position=position)
        for item, position in zip(items, positions, strict=True)
    )
