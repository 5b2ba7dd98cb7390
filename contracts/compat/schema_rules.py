"""Changes between two versions of a JSON Schema, by rules that know what each keyword means."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from contracts.compat.changes import ChangeRule, ContractChange, Impact
from contracts.compat.condition_tables import refuse_nothing_said_before, say_the_same
from contracts.publish.json_walk import JsonObject, at, is_object

_UPPER: Final = ("maxLength", "maxItems", "maximum", "maxProperties", "exclusiveMaximum")
_LOWER: Final = ("minLength", "minItems", "minimum", "minProperties", "exclusiveMinimum")
_CONDITIONS: Final = ("allOf", "not", "if", "then", "else", "oneOf", "contains")
_EMPTY: Final[JsonObject] = {}


@dataclass(frozen=True, slots=True)
class Pair:
    """The same place in two versions; references are followed in the document of each."""

    file: str
    place: str
    old: JsonObject
    new: JsonObject
    old_root: JsonObject
    new_root: JsonObject

    def below(self, step: str, old: object, new: object) -> "Pair":
        """Return the pair one step deeper."""
        return Pair(
            self.file,
            f"{self.place}/{step}",
            _followed(self.old_root, old),
            _followed(self.new_root, new),
            self.old_root,
            self.new_root,
        )

    def change(self, rule: ChangeRule, impact: Impact, **params: str) -> ContractChange:
        """Return a change at this place."""
        return ContractChange(rule, self.file, self.place, impact, params)

    def change_of(self, name: str, rule: ChangeRule, impact: Impact) -> ContractChange:
        """Return a change of the member `name`."""
        place = f"{self.place}/{name}"
        return ContractChange(rule, self.file, place, impact, {"name": name})


def compare_schemas(file: str, old: JsonObject, new: JsonObject) -> Iterator[ContractChange]:
    """Yield every change between two versions of one record's schema."""
    yield from _compare(Pair(file, "", old, new, old, new))


def _compare(pair: Pair) -> Iterator[ContractChange]:
    was, now = (
        _alternatives(*one) for one in ((pair.old, pair.old_root), (pair.new, pair.new_root))
    )
    if {*was} != {*now} and len({**was, **now}) > 1:
        yield from _one_of(pair, was, now)
        return
    for rule in _RULES:
        yield from rule(pair)
    whole = replace(pair, old=_plain(pair.old), new=_plain(pair.new))
    old, new = _object(whole.old, "properties"), _object(whole.new, "properties")
    for name in sorted({*old} & {*new}):
        yield from _compare(pair.below(name, old[name], new[name]))
    if "items" in whole.old and "items" in whole.new:
        yield from _compare(pair.below("0", whole.old["items"], whole.new["items"]))
    if "oneOf" in pair.old and "oneOf" in pair.new:
        for name in sorted({*was} & {*now}):
            yield from _compare(replace(pair, old=was[name], new=now[name]))


def _one_of(
    pair: Pair, was: Mapping[str, JsonObject], now: Mapping[str, JsonObject]
) -> Iterator[ContractChange]:
    """Yield what changed where one of several records may stand, one more or fewer than before."""
    for name in sorted({*now} - {*was}):
        yield pair.change(ChangeRule.ALTERNATIVE_ADDED, Impact.WIDENS, name=name)
    for name in sorted({*was} - {*now}):
        yield pair.change(ChangeRule.ALTERNATIVE_REMOVED, Impact.NARROWS, name=name)
    for name in sorted({*was} & {*now}):
        yield from _compare(replace(pair, old=was[name], new=now[name]))


def _alternatives(schema: JsonObject, root: JsonObject) -> Mapping[str, JsonObject]:
    """Return the records that may stand somewhere, by their names in the schema of the whole."""
    listed = schema.get("oneOf")
    parts = _object(root, "$defs")
    shapes = [_followed(root, one) for one in listed] if isinstance(listed, list) else [schema]
    named = {name: part for name, part in parts.items() if any(part is one for one in shapes)}
    return {name: part for name, part in named.items() if is_object(part)}


def _members(nullable: Pair) -> Iterator[ContractChange]:
    pair = replace(nullable, old=_plain(nullable.old), new=_plain(nullable.new))
    old, new = _object(pair.old, "properties"), _object(pair.new, "properties")
    must, must_now = _texts(pair.old, "required"), _texts(pair.new, "required")
    for name in sorted({*new} - {*old}):
        impact = Impact.BOTH if name in must_now else Impact.WIDENS
        yield pair.change_of(name, ChangeRule.MEMBER_ADDED, impact)
    for name in sorted({*old} - {*new}):
        impact = Impact.BOTH if name in must else Impact.NARROWS
        yield pair.change_of(name, ChangeRule.MEMBER_REMOVED, impact)
    both = {*old} & {*new}
    for name in sorted((must_now - must) & both):
        yield pair.change_of(name, ChangeRule.REQUIRED_ADDED, Impact.NARROWS)
    for name in sorted((must - must_now) & both):
        yield pair.change_of(name, ChangeRule.REQUIRED_DROPPED, Impact.WIDENS)


def _closed(pair: Pair) -> Iterator[ContractChange]:
    both = (_plain(pair.old), _plain(pair.new))
    was, now = (one.get("additionalProperties", True) for one in both)
    if was is False and now is not False:
        yield pair.change(ChangeRule.OPENED, Impact.WIDENS)
    if was is not False and now is False:
        yield pair.change(ChangeRule.CLOSED, Impact.NARROWS)


def _types(pair: Pair) -> Iterator[ContractChange]:
    was, now = _allowed_types(pair.old), _allowed_types(pair.new)
    if was == now:
        return
    impact = _impact_of_sets(was, now)
    yield pair.change(ChangeRule.TYPE, impact, was="/".join(sorted(was)), now="/".join(sorted(now)))


def _values(pair: Pair) -> Iterator[ContractChange]:
    was, now = _allowed_values(pair.old), _allowed_values(pair.new)
    if was == now:
        return
    if was is None or now is None:
        impact = Impact.NARROWS if was is None else Impact.WIDENS
        yield pair.change(ChangeRule.VALUES, impact, was=_listed(was), now=_listed(now))
        return
    added, removed = sorted(now - was), sorted(was - now)
    if added:
        yield pair.change(ChangeRule.VALUE_ADDED, Impact.WIDENS, values=", ".join(added))
    if removed:
        yield pair.change(ChangeRule.VALUE_REMOVED, Impact.NARROWS, values=", ".join(removed))


def _bounds(pair: Pair) -> Iterator[ContractChange]:
    for names, looser in ((_UPPER, 1), (_LOWER, -1)):
        for name in names:
            was, now = _bound(pair.old, name), _bound(pair.new, name)
            if was == now:
                continue
            wider = now is None or (was is not None and (now - was) * looser > 0)
            impact = Impact.WIDENS if wider else Impact.NARROWS
            values = {"was": _format(was), "now": _format(now)}
            yield pair.change(ChangeRule.BOUND, impact, bound=name, **values)


def _patterns(pair: Pair) -> Iterator[ContractChange]:
    for name, rule in (("pattern", ChangeRule.PATTERN), ("format", ChangeRule.FORMAT)):
        was, now = _plain(pair.old).get(name), _plain(pair.new).get(name)
        if was == now:
            continue
        if was is None or now is None:
            impact = Impact.NARROWS if was is None else Impact.WIDENS
        else:
            impact = Impact.BOTH  # a counterexample may show that it is one of them only
        yield pair.change(rule, impact, was=_format(was), now=_format(now))


def _conditions(pair: Pair) -> Iterator[ContractChange]:
    was, now = (_spelled_conditions(one) for one in (pair.old, pair.new))
    if was == now or _say_the_same(_rules_between(pair.old), _rules_between(pair.new)):
        return
    if _takes_as_before(pair):
        return
    impact = _impact_of_sets(now, was)  # one condition more takes less
    yield pair.change(ChangeRule.CONDITION, impact)


_RULES: Final[tuple[Callable[[Pair], Iterator[ContractChange]], ...]] = (
    *(_members, _closed, _types, _values),
    *(_bounds, _patterns, _conditions),
)


def _impact_of_sets(was: frozenset[str], now: frozenset[str]) -> Impact:
    if was < now:
        return Impact.WIDENS
    return Impact.NARROWS if now < was else Impact.BOTH


def _followed(root: JsonObject, value: object) -> JsonObject:
    seen = 0
    while is_object(value) and isinstance(value.get("$ref"), str) and seen < 9:
        value, seen = at(root, str(value["$ref"])), seen + 1
    if not is_object(value):
        return _EMPTY
    choices = value.get("anyOf")
    if isinstance(choices, list):
        return {**value, "anyOf": [_followed(root, choice) for choice in choices]}
    return value


def _plain(schema: JsonObject) -> JsonObject:
    """Return the part of a schema that is not null, where there is one only."""
    choices = schema.get("anyOf")
    listed = [one for one in choices if is_object(one)] if isinstance(choices, list) else []
    parts = [one for one in listed if one.get("type") != "null"]
    return parts[0] if len(parts) == 1 else schema


def _object(schema: JsonObject, name: str) -> JsonObject:
    value = schema.get(name)
    return value if is_object(value) else _EMPTY


def _texts(schema: JsonObject, name: str) -> frozenset[str]:
    value = schema.get(name)
    return frozenset(map(str, value)) if isinstance(value, list) else frozenset()


def _allowed_types(schema: JsonObject) -> frozenset[str]:
    plain = _plain(schema)
    named = plain.get("type", "any")
    types = set(map(str, named)) if isinstance(named, list) else {str(named)}
    return frozenset(types | ({"null"} if plain is not schema else set()))


def _allowed_values(schema: JsonObject) -> frozenset[str] | None:
    plain = _plain(schema)
    if "const" in plain:
        return frozenset({json.dumps(plain["const"], ensure_ascii=False)})
    listed = plain.get("enum")
    if not isinstance(listed, list):
        return None
    return frozenset(json.dumps(one, ensure_ascii=False) for one in listed)


def _bound(schema: JsonObject, name: str) -> float | None:
    value = _plain(schema).get(name)
    return value if isinstance(value, int | float) else None


def _say_the_same(was: list[JsonObject], now: list[JsonObject]) -> bool:
    """Tell whether the rules that only one version has come to one verdict in every case."""
    before = [one for one in was if one not in now]
    after = [one for one in now if one not in was]
    return say_the_same(before, after)


def _takes_as_before(pair: Pair) -> bool:
    """Tell whether whatever could be said before passes the rules of now.

    That there is more to say since is told by the members that came, or may be left out.
    """
    came = {*_object(pair.new, "properties")} - {*_object(pair.old, "properties")}
    must = _texts(pair.old, "required")
    if pair.old.get("additionalProperties") is not False or not came:
        return False
    return refuse_nothing_said_before(
        _rules_between(pair.old), _rules_between(pair.new), given=must, absent=came
    )


def _rules_between(schema: JsonObject) -> list[JsonObject]:
    """Return the rules of a record, each by itself: those of `allOf`, and what stands beside."""
    listed = schema.get("allOf")
    rules = [one for one in listed if is_object(one)] if isinstance(listed, list) else []
    beside = {name: schema[name] for name in _CONDITIONS if name in schema and name != "allOf"}
    return [*rules, beside] if beside else rules


def _spelled_conditions(schema: JsonObject) -> frozenset[str]:
    found: Mapping[str, object] = {name: schema[name] for name in _CONDITIONS if name in schema}
    spelled = set()
    for name, value in found.items():
        parts = value if name == "allOf" and isinstance(value, list) else [value]
        spelled |= {f"{name}:{json.dumps(part, sort_keys=True)}" for part in parts}
    return frozenset(spelled)


def _format(value: object) -> str:
    return "–" if value is None else str(value)


def _listed(values: frozenset[str] | None) -> str:
    return "*" if values is None else ", ".join(sorted(values))
