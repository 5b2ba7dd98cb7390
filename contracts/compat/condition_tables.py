"""Whether two spellings of the rules between members say the same: every case of them tried."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import Final

import jsonschema_rs

from contracts.publish.json_walk import JsonObject, is_object

_APPLIED: Final = frozenset({"allOf", "oneOf", "if", "then", "else", "not"})
_TOLD_APART: Final = frozenset({"type", "minLength", "const", "enum", "required", "properties"})
_LONGEST_TEXT: Final = 1  # a text member must have a sign, no rule asks for more
_ABSENT: Final = object()
_MOST_CASES: Final = 20_000


class _Undecidable(Exception):
    """A rule has a keyword whose cases are not known here."""


@dataclass(slots=True)
class _Place:
    """What the rules name at one place of a record: values, and members below it.

    A member into which rules look is a record, whose type its own schema demands.
    """

    values: list[object] = field(default_factory=list)
    members: "dict[str, _Place]" = field(default_factory=dict)

    def cases(self) -> list[object]:
        """Return a value of every kind that a rule can tell apart, and absence."""
        if self.members:
            return [_ABSENT, *self.objects()]
        return [_ABSENT, None, "", "x", 0, *self.values]

    def size(self) -> int:
        """Return how many cases there are, without making them."""
        if self.members:
            return 1 + prod(one.size() for one in self.members.values())
        return 5 + len(self.values)

    def objects(self) -> Iterator[dict[str, object]]:
        """Yield an object for each combination of the cases of its members."""
        for case in product(*(one.cases() for one in self.members.values())):
            named = zip(self.members, case, strict=True)
            yield {name: value for name, value in named if value is not _ABSENT}


def say_the_same(old: Sequence[JsonObject], new: Sequence[JsonObject]) -> bool:
    """Tell whether two lists of rules agree in every case; not so where that cannot be tried."""
    root = _Place()
    try:
        for rule in (*old, *new):
            _collect(rule, root)
    except _Undecidable:
        return False
    if prod(one.size() for one in root.members.values()) > _MOST_CASES:
        return False
    was, now = (jsonschema_rs.Draft202012Validator({"allOf": [{}, *rules]}) for rules in (old, new))
    return all(was.is_valid(case) == now.is_valid(case) for case in root.objects())


def refuse_nothing_said_before(
    old: Sequence[JsonObject],
    new: Sequence[JsonObject],
    *,
    given: AbstractSet[str],
    absent: AbstractSet[str],
) -> bool:
    """Tell whether `new` takes all that `old` takes, with members `given` and others `absent`."""
    root = _Place()
    try:
        for rule in (*old, *new):
            _collect(rule, root)
    except _Undecidable:
        return False
    if prod(one.size() for one in root.members.values()) > _MOST_CASES:
        return False
    was, now = (jsonschema_rs.Draft202012Validator({"allOf": [{}, *rules]}) for rules in (old, new))
    must = given & {*root.members}
    return all(
        now.is_valid(case)
        for case in root.objects()
        if not absent & {*case}
        and all(case.get(name) is not None for name in must)
        and was.is_valid(case)
    )


def _collect(rule: object, place: _Place) -> None:
    if not is_object(rule) or {*rule} - _APPLIED - _TOLD_APART:
        raise _Undecidable
    if rule.get("minLength", _LONGEST_TEXT) != _LONGEST_TEXT:
        raise _Undecidable
    listed = rule.get("enum")
    found = [*(listed if isinstance(listed, list) else ()), *_constants(rule)]
    place.values += [one for one in found if one not in place.values]
    for name in _names(rule):
        place.members.setdefault(name, _Place())
    for name, below in _properties(rule).items():
        _collect(below, place.members[name])
    for keyword in _APPLIED & {*rule}:
        applied = rule[keyword]
        for one in applied if isinstance(applied, list) else [applied]:
            _collect(one, place)


def _constants(rule: JsonObject) -> list[object]:
    return [rule["const"]] if "const" in rule else []


def _properties(rule: JsonObject) -> JsonObject:
    found = rule.get("properties")
    return found if is_object(found) else {}


def _names(rule: JsonObject) -> list[str]:
    required = rule.get("required")
    return [*(required if isinstance(required, list) else ()), *_properties(rule)]
