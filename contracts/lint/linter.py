"""接口约定检查 (lint): every rule over every published file."""

import json
from collections.abc import Iterator
from pathlib import Path

from contracts.lint.content_rules import content_violations
from contracts.lint.example_rules import example_violations
from contracts.lint.file_rules import publication_violations
from contracts.lint.json_schema_rules import part_violations, record_violations
from contracts.lint.openapi_rules import document_violations
from contracts.lint.violation import LintCode, Violation
from contracts.publish.export import PUBLISHED, files_in
from contracts.publish.json_walk import is_object


def lint(folder: Path = PUBLISHED) -> tuple[Violation, ...]:
    """Return everything that is wrong with the contract in `folder`."""
    files = files_in(folder)
    found = [*publication_violations(files)]
    for file, content in files.items():
        if not file.endswith(".json"):
            continue
        try:
            value = json.loads(content)
        except ValueError as exc:
            found.append(Violation("json", file, "", LintCode.NOT_JSON.at(said=str(exc))))
            continue
        found.extend(_of_json(file, value))
    if not any(violation.rule in {"json", "schema"} for violation in found):
        found.extend(example_violations(files))
    found.extend(content_violations(files))
    return tuple(found)


def _of_json(file: str, value: object) -> Iterator[Violation]:
    if not is_object(value):
        yield Violation("json", file, "", LintCode.NO_OBJECT.at())
        return
    if file.startswith("jsonschema/"):
        yield from record_violations(file, value)
    if file.startswith("openapi/"):
        yield from document_violations(file, value)
    if file.startswith(("jsonschema/", "openapi/")):
        yield from part_violations(file, value)
