"""Any validator agrees: model and published schema come to one verdict on hundreds of documents."""

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from pydantic import ValidationError

from contracts.catalogue.records import RECORDS
from contracts.publish.examples import examples
from contracts.publish.json_walk import walk
from contracts.publish.record_schemas import schema_of, written

WANTED = 300
TRIES = 60_000
TEXTS = (
    *("", "0", "1", "2", "01", "03", "5", "26", "90", "11", "243", "410105", "419001001", "a b"),
    *("2026-02-28", "2026-02-30", "2024-02-29", "2026-03-02T10:00:00+08:00"),
    *("2026-13-01T00:00:00Z", "٣", "１", "a" * 64),
    *("张伟", "𠮷", "买买提·艾力", "x@y.cn", "13800000000", "0371-1", "\x00", "a\nb"),
    *("0" * 64, "1\n", "application", "outcome", "accepted", "refused", " ", "é"),
)  # fmt: skip
OTHERS: tuple[Any, ...] = (None, True, False, 0, 1, -1, 1.5, 404, 10**10, [], {}, [1], ["1"])


def places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if place:
        yield place
    steps = value.items() if isinstance(value, dict) else enumerate(value)
    for step, part in steps:
        if isinstance(part, dict | list):
            yield from places(part, (*place, step))
        else:
            yield (*place, step)


def named(schema: dict[str, Any]) -> list[Any]:
    """Return the values and members that a schema names."""
    parts = [part for _, part in walk(schema)]
    values = [value for part in parts for value in part.get("enum", ())]  # type: ignore[attr-defined] # a list in JSON Schema
    constants = [part["const"] for part in parts if "const" in part]
    return [value for value in (*values, *constants) if isinstance(value, str)]


def text(chance: random.Random) -> str:
    letters = chance.choice(("0123456789abcXYZ-", "0123456789abcXYZ-+() 张某𠮷·\n"))
    return "".join(chance.choice(letters) for _ in range(chance.randint(1, 12)))


def altered(chance: random.Random, document: Any, values: list[Any], members: list[str]) -> Any:
    changed = copy.deepcopy(document)
    for _ in range(chance.choice((1, 1, 2))):
        place = chance.choice(list(places(changed)) or [("x",)])
        parent = changed
        for step in place[:-1]:
            parent = parent[step]
        kind = chance.random()
        if kind < 0.12 and isinstance(parent, dict):
            parent.pop(place[-1], None)
        elif kind < 0.2 and isinstance(parent, dict):
            parent[chance.choice(members)] = copy.deepcopy(chance.choice(values))
        else:
            drawn = chance.choice((text(chance), chance.randint(1, 9000)))
            parent[place[-1]] = drawn if kind < 0.5 else copy.deepcopy(chance.choice(values))
    return changed


def modelled(record: str, body: bytes) -> bool:
    try:
        RECORDS[record].read(body)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("record", RECORDS)
def test_model_and_schema_agree(record: str) -> None:
    chance = random.Random(record)  # noqa: S311 - repeatable on purpose
    schema = schema_of(record)
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    bases = [json.loads(written(one.body)) for one in examples() if one.record == record]
    good = [one for one in bases if validator.is_valid(one)]
    members = [name for _, part in walk(schema) for name in part.get("properties", {})]  # type: ignore[attr-defined] # a mapping in JSON Schema
    values = [*TEXTS, *OTHERS, *named(schema)]
    seen: dict[bool, set[bytes]] = {True: set(), False: set()}
    for _ in range(TRIES):
        base = chance.choice(good if len(seen[True]) < WANTED else bases)
        body = written(altered(chance, base, values, members))
        verdict = validator.is_valid(json.loads(body))
        if len(seen[verdict]) >= WANTED or body in seen[verdict]:
            continue
        seen[verdict].add(body)
        assert modelled(record, body) == verdict, body.decode()
        if min(map(len, seen.values())) >= WANTED:
            break
    assert {verdict: len(found) for verdict, found in seen.items()} == {True: WANTED, False: WANTED}


def test_a_whole_number_written_with_a_point_is_one_to_both() -> None:
    body = written(next(one.body for one in examples() if one.record == "outcome"))
    for spelled, verdict in ((b"1.0", True), (b"1.5", False), (b"true", False), (b'"1"', False)):
        changed = body.replace(b'"revision": 1', b'"revision": ' + spelled)
        assert changed != body
        validator = jsonschema_rs.Draft202012Validator(schema_of("outcome"))
        assert validator.is_valid(json.loads(changed)) == verdict
        assert modelled("outcome", changed) == verdict
