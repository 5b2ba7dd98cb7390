"""Whether the published examples are what they say: taken, or refused where and as expected."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Final

from contracts.publish.json_walk import Place, is_object
from contracts.verify.schema_validator import Witness

EXPECTED: Final = "examples/expected.json"
_FOLDER: Final = "examples/"
_SCHEMAS: Final = "jsonschema/"


def faults_of_examples(files: Mapping[str, bytes]) -> Iterator[tuple[str, Place, str]]:
    """Yield file, place and fault; every schema must be one, or the examples cannot be judged."""
    records = {
        path.removeprefix(_SCHEMAS).removesuffix(".json"): content.decode()
        for path, content in files.items()
        if path.startswith(_SCHEMAS)
    }
    witness, expected = Witness(records), _expected(files)
    examples = {path for path in files if path.startswith(_FOLDER)} - {EXPECTED}
    for path in sorted(examples):
        record, _, name = path.removeprefix(_FOLDER).partition("/")
        if record not in records:
            yield path, "", f"no record {record}"
            continue
        refused = witness.check(record, files[path])
        if name.startswith("valid-") and refused:
            yield path, refused[0].pointer, f"refused by {refused[0].rule}"
        if name.startswith("invalid-") and not refused:
            yield path, "", "taken by its schema"
        if name.startswith("invalid-") and path not in expected:
            yield path, "", f"nothing is said of it in {EXPECTED}"
    for record in sorted(set(records) - {path.split("/")[1] for path in examples}):
        yield f"{_SCHEMAS}{record}.json", "", "no example"
    yield from _faults_of_expected(expected, examples, _codes(files))


def _faults_of_expected(
    expected: Mapping[str, object], examples: set[str], codes: frozenset[str]
) -> Iterator[tuple[str, Place, str]]:
    for path, said in expected.items():
        place = f"/{path.removeprefix(_FOLDER).replace('/', '~1')}"
        if path not in examples:
            yield EXPECTED, place, "no such example"
        if not is_object(said) or said.get("code") not in codes:
            yield EXPECTED, place, "a code that errors.csv does not have"


def _expected(files: Mapping[str, bytes]) -> Mapping[str, object]:
    said: object = json.loads(files.get(EXPECTED, b"{}"))
    return {f"{_FOLDER}{path}": one for path, one in said.items()} if is_object(said) else {}


def _codes(files: Mapping[str, bytes]) -> frozenset[str]:
    rows = csv.DictReader(io.StringIO(files.get("errors.csv", b"").decode()))
    return frozenset(row["code"] for row in rows)
