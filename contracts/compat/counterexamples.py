"""The counterexample (反例): a message that one version takes and the other refuses."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import jsonschema_rs

from contracts.compat.changes import ContractChange, Impact
from contracts.publish.json_walk import JsonObject, walk

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"

_ABSENT: Final = object()
_UNKNOWN_MEMBER: Final = "unknown-member"
_TIMES: Final = (0, 1, 2, 3, 4, 5, 20, 21, 50, 51, 100, 101, 200, 201, 400, 1000, 1001)
_TEXTS: Final = (
    *("1", "0", "9", "01", "12", "000000", "410105001", "410105001001", "A", "a", "x-1", "某"),
    *("2026-03-02", "2026-03-02T10:00:00+08:00", "a@b", "0371-1", "a" * 32, "0" * 64, "\n"),
    *("2026-02-30", "2026-02-30T10:00:00+08:00"),
)
_VALUES: Final[tuple[Json, ...]] = (None, True, False, 0, 1, 2, -1, 10**7, [], {}, "", *_TEXTS)
_LENGTHS: Final = ("maxLength", "minLength", "maxItems", "minItems", "maximum", "minimum")
_LONGEST: Final = 5000


@dataclass(frozen=True, slots=True)
class Versions:
    """One record in two versions, and valid documents to begin the search from."""

    old: jsonschema_rs.Draft202012Validator
    new: jsonschema_rs.Draft202012Validator
    documents: Sequence[Json]
    values: Sequence[Json]

    @staticmethod
    def of(old: JsonObject, new: JsonObject, documents: Sequence[Json]) -> "Versions":
        """Compile both versions; values that either of them names join the search."""
        return Versions(
            jsonschema_rs.Draft202012Validator(dict(old), validate_formats=True),
            jsonschema_rs.Draft202012Validator(dict(new), validate_formats=True),
            [alone for document in documents for alone in _one_by_one(document)],
            (*_VALUES, *_named(old), *_named(new)),
        )


def proven(change: ContractChange, versions: Versions) -> ContractChange:
    """Return the change with a counterexample, its impact narrowed to what can be shown.

    Where the rule alone says that both directions may break, counterexamples decide; where none is
    found the rule stands, without proof.
    """
    widening = narrowing = None
    for document in _variants(change, versions):
        takes_old, takes_new = versions.old.is_valid(document), versions.new.is_valid(document)
        if takes_new and not takes_old:
            widening = _shorter(widening, document)
        if takes_old and not takes_new:
            narrowing = _shorter(narrowing, document)
    impact = change.impact
    if impact is Impact.BOTH and change.rule not in {"member-added", "member-removed"}:
        impact = _shown(widening, narrowing)
    counterexample = narrowing if impact is Impact.NARROWS else widening or narrowing
    return replace(change, impact=impact, counterexample=counterexample)


def _shown(widening: str | None, narrowing: str | None) -> Impact:
    if widening and not narrowing:
        return Impact.WIDENS
    return Impact.NARROWS if narrowing and not widening else Impact.BOTH


def _shorter(found: str | None, document: Json) -> str:
    written = json.dumps(document, ensure_ascii=False)
    return written if found is None or len(written) < len(found) else found


def _variants(change: ContractChange, versions: Versions) -> Iterator[Json]:
    steps = change.place.split("/")[1:]
    for document in versions.documents:
        yield document
        for place in _places(document, steps):
            for value in (_ABSENT, *versions.values, *_repeated(document, place)):
                yield from _with(document, place, value)


def _places(document: Json, steps: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield the place itself, then the members of the object that stands there, and one more."""
    if steps:
        yield tuple(steps)
    value = _value_at(document, steps)
    for name in (*value, _UNKNOWN_MEMBER) if isinstance(value, dict) else ():
        yield (*steps, name)


def _one_by_one(document: Json) -> Iterator[Json]:
    """Yield the document, then with each item of each of its lists alone."""
    yield document
    for name, value in document.items() if isinstance(document, dict) else ():
        if isinstance(value, list) and isinstance(document, dict):
            yield from ({**document, name: [item]} for item in value)


def _with(document: Json, place: Sequence[str], value: object) -> Iterator[Json]:
    """Yield a copy of the document with `value` at a place whose parent is there."""
    copy: Json = json.loads(json.dumps(document))
    parent = _value_at(copy, place[:-1])
    name = place[-1]
    if isinstance(parent, dict):
        if value is _ABSENT:
            parent.pop(name, None)
        else:
            parent[name] = value  # type: ignore[assignment] # anything but the mark is JSON
        yield copy
    elif isinstance(parent, list) and parent and value is not _ABSENT:
        parent[0] = value  # type: ignore[call-overload] # anything but the mark is JSON
        yield copy


def _value_at(document: Json, steps: Sequence[str]) -> Json:
    value = document
    for step in steps:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and value:
            value = value[0]
        else:
            return None
    return value


def _repeated(document: Json, place: Sequence[str]) -> Iterator[Json]:
    """Yield the list that stands at a place, or one of texts, with one item many times over."""
    value = _value_at(document, place)
    if isinstance(value, list) and value:
        yield from (value[:1] * times for times in _TIMES)
    elif value is None:
        one: list[Json] = ["1"]
        yield from (one * times for times in _TIMES)


def _named(schema: JsonObject) -> Iterator[Json]:
    """Yield the values and, for its bounds, the edges that a schema names."""
    seen: set[str] = set()
    for _, part in walk(schema):
        values = [*_listed(part), *(edge for name in _LENGTHS for edge in _edges(part, name))]
        for value in values:
            spelled = json.dumps(value)
            if spelled not in seen:
                seen.add(spelled)
                yield value


def _listed(part: Mapping[str, object]) -> Iterator[Json]:
    listed = part.get("enum")
    yield from listed if isinstance(listed, list) else ()
    if "const" in part:
        yield part["const"]  # type: ignore[misc] # a value of JSON


def _edges(part: Mapping[str, object], name: str) -> Iterator[Json]:
    bound = part.get(name)
    if not isinstance(bound, int):
        return
    for edge in (bound - 1, bound, bound + 1):
        yield edge
        if name.endswith("Length") and 0 <= edge <= _LONGEST:
            yield "a" * edge
