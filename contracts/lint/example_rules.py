"""Whether the published examples are what they say: taken, or refused where and as expected."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Final

from contracts.lint.violation import LintCode, Violation
from contracts.publish.json_walk import is_object
from contracts.verify.schema_validator import SchemaValidator
from schemas.records.json_pointer import json_pointer

_RULE: Final = "example"
EXPECTED: Final = "examples/expected.json"
_FOLDER: Final = "examples/"
_SCHEMAS: Final = "jsonschema/"


def example_violations(files: Mapping[str, bytes]) -> Iterator[Violation]:
    """Yield what is wrong; every schema must be one, or the examples cannot be validated."""
    records = {
        path.removeprefix(_SCHEMAS).removesuffix(".json"): content.decode()
        for path, content in files.items()
        if path.startswith(_SCHEMAS)
    }
    validator, expected = SchemaValidator(records), _expected(files)
    examples = {path for path in files if path.startswith(_FOLDER)} - {EXPECTED}
    for path in sorted(examples):
        record, _, name = path.removeprefix(_FOLDER).partition("/")
        if record not in records:
            yield Violation(_RULE, path, "", LintCode.NO_RECORD.at(record=record))
            continue
        refused = validator.check(record, files[path])
        if name.startswith("valid-") and refused:
            said = LintCode.REFUSED.at(rule=refused[0].rule)
            yield Violation(_RULE, path, refused[0].pointer, said)
        if name.startswith("invalid-") and not refused:
            yield Violation(_RULE, path, "", LintCode.TAKEN.at())
        if name.startswith("invalid-") and path not in expected:
            yield Violation(_RULE, path, "", LintCode.NO_ENTRY.at(file=EXPECTED))
    for record in sorted(set(records) - {path.split("/")[1] for path in examples}):
        yield Violation(_RULE, f"{_SCHEMAS}{record}.json", "", LintCode.NO_EXAMPLE.at())
    yield from _expectation_violations(expected, examples, _codes(files))


def _expectation_violations(
    expected: Mapping[str, object], examples: set[str], codes: frozenset[str]
) -> Iterator[Violation]:
    for path, expectation in expected.items():
        place = json_pointer([path.removeprefix(_FOLDER)])
        if path not in examples:
            yield Violation(_RULE, EXPECTED, place, LintCode.EXAMPLE_GONE.at())
        if not is_object(expectation) or expectation.get("code") not in codes:
            yield Violation(_RULE, EXPECTED, place, LintCode.UNKNOWN_CODE.at())


def _expected(files: Mapping[str, bytes]) -> Mapping[str, object]:
    expected: object = json.loads(files.get(EXPECTED, b"{}"))
    return (
        {f"{_FOLDER}{path}": one for path, one in expected.items()} if is_object(expected) else {}
    )


def _codes(files: Mapping[str, bytes]) -> frozenset[str]:
    rows = csv.DictReader(io.StringIO(files.get("errors.csv", b"").decode()))
    return frozenset(row["code"] for row in rows)
