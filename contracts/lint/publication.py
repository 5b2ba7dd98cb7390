"""契约检查 (lint): whether the published files are valid, portable, complete and up to date."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import jsonschema_rs

from contracts.lint.documents import faults_of_document
from contracts.lint.examples import faults_of_examples
from contracts.lint.portable_regex import regex_fault
from contracts.publish.export import LOCK, PUBLISHED, files_in, generated, lock_of
from contracts.publish.json_walk import JsonObject, Place, is_object, walk
from schemas.reference.codes import CodeTables

_YAML_WORD: Final = re.compile(r"(?i)y|n|yes|no|on|off|true|false|null|~|[-+]?[0-9._:-]+")
_BY_STATUS: Final = "/responses"
_NAMED_OUTSIDE: Final = frozenset({"divisions", "agencies"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong: which rule, in which file, where inside it."""

    rule: str
    file: str
    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}{self.place}: {self.rule}: {self.message}"


def lint(folder: Path = PUBLISHED) -> tuple[Finding, ...]:
    """Return everything that is wrong with the contract in `folder`."""
    files = files_in(folder)
    found = [*_of_publication(files)]
    for file, content in files.items():
        if not file.endswith(".json"):
            continue
        try:
            value = json.loads(content)
        except ValueError as exc:
            found.append(Finding("json", file, "", str(exc)))
            continue
        found.extend(_of_json(file, value))
    if not any(finding.rule in {"json", "schema"} for finding in found):
        found.extend(Finding("example", *fault) for fault in faults_of_examples(files))
    return tuple(found)


def _of_publication(files: Mapping[str, bytes]) -> Iterator[Finding]:
    for file, content in generated().items():
        if file not in files:
            yield Finding("published", file, "", "missing; run duijie contract export")
        elif files[file] != content:
            yield Finding("published", file, "", "not as exported; run duijie contract export")
    if files.get(LOCK) != lock_of(files):
        yield Finding("lock", LOCK, "", "hashes do not fit the files")


def _of_json(file: str, value: object) -> Iterator[Finding]:
    if not is_object(value):
        yield Finding("json", file, "", "not an object")
        return
    if file.startswith("jsonschema/"):
        yield from _of_schema(file, value)
    if file.startswith("openapi/"):
        for place, message in faults_of_document(value):
            yield Finding("openapi", file, place, message)
    if file.startswith(("jsonschema/", "openapi/")):
        for place, part in walk(value):
            yield from _of_part(file, place, part)


def _of_schema(file: str, schema: JsonObject) -> Iterator[Finding]:
    if not jsonschema_rs.meta.is_valid(dict(schema)):
        yield Finding("schema", file, "", "not a JSON Schema 2020-12")
    record = file.removeprefix("jsonschema/").removesuffix(".json")
    if schema.get("$id") != f"urn:duijie:v1:{record}":
        yield Finding("schema", file, "/$id", "does not name the record")


def _of_part(file: str, place: Place, part: JsonObject) -> Iterator[Finding]:
    pattern = part.get("pattern")
    if isinstance(pattern, str) and (fault := regex_fault(pattern)):
        yield Finding("regex", file, f"{place}/pattern", fault)
    for name in part:
        status = place.endswith(_BY_STATUS) and name.isdigit()  # OpenAPI itself demands these
        if _YAML_WORD.fullmatch(name) and not status:
            yield Finding("key", file, str(place), f"YAML 1.1 misreads «{name}»")
    is_record = part.get("type") == "object" and is_object(part.get("properties"))
    if is_record and part.get("additionalProperties") is not False:
        yield Finding("closed", file, str(place), "object takes unknown members")
    said = part.get("x-duijie")
    if is_object(said) and isinstance(table := said.get("code_table"), str):
        known = {*CodeTables.load().tables(), *_NAMED_OUTSIDE}
        if table not in known:
            yield Finding("code-table", file, str(place), f"no code table {table}")
