"""What a schema must have, in a record's own file and wherever it stands in a document."""

import re
from collections.abc import Iterator
from typing import Final

import jsonschema_rs

from contracts.lint.portable_regex import regex_violation
from contracts.lint.violation import LintCode, Violation
from contracts.publish.json_walk import JsonObject, Place, is_object, walk
from schemas.reference.codes import CodeTables

_YAML_WORD: Final = re.compile(r"(?i)y|n|yes|no|on|off|true|false|null|~|[-+]?[0-9._:-]+")
_BY_STATUS: Final = "/responses"
_RULES: Final = frozenset({"allOf", "if", "then", "else"})
"""Where what members demand of each other stands; a record that is closed elsewhere."""
_NAMED_OUTSIDE: Final = frozenset({"divisions", "agencies"})


def record_violations(file: str, schema: JsonObject) -> Iterator[Violation]:
    """Yield what is wrong with the schema of a record as a whole."""
    if not jsonschema_rs.meta.is_valid(dict(schema)):
        yield Violation("schema", file, "", LintCode.NO_SCHEMA.at())
    record = file.removeprefix("jsonschema/").removesuffix(".json")
    if schema.get("$id") != f"urn:duijie:v1:{record}":
        yield Violation("schema", file, "/$id", LintCode.RECORD_NAME.at())


def part_violations(file: str, value: object) -> Iterator[Violation]:
    """Yield what is wrong with any object in a schema or an OpenAPI document, however deep."""
    for place, part in walk(value):
        yield from _of_part(file, place, part)


def _of_part(file: str, place: Place, part: JsonObject) -> Iterator[Violation]:
    pattern = part.get("pattern")
    if isinstance(pattern, str) and (fault := regex_violation(pattern)):
        yield Violation("regex", file, f"{place}/pattern", fault)
    for name in part:
        status = place.endswith(_BY_STATUS) and name.isdigit()  # OpenAPI itself demands these
        if _YAML_WORD.fullmatch(name) and not status:
            yield Violation("key", file, place, LintCode.YAML_WORD.at(name=name))
    in_a_rule = not _RULES.isdisjoint(place.split("/"))
    is_record = part.get("type") == "object" and is_object(part.get("properties"))
    if is_record and not in_a_rule and part.get("additionalProperties") is not False:
        yield Violation("closed", file, place, LintCode.OPEN_OBJECT.at())
    facts = part.get("x-duijie")
    if is_object(facts) and isinstance(table := facts.get("code_table"), str):
        known = {*CodeTables.load().tables(), *_NAMED_OUTSIDE}
        if table not in known:
            yield Violation("code-table", file, place, LintCode.NO_TABLE.at(table=table))
