"""报文结构: the JSON Schema 2020-12 of each record, from its model, its rules and its words."""

from collections.abc import Mapping
from functools import cache
from typing import Final

import orjson
from pydantic.json_schema import JsonSchemaValue

from contracts.catalogue.additions import WHOLE, facts_of
from contracts.catalogue.fields import Member, Untitled, catalogue, words
from contracts.catalogue.record_words import record_words
from contracts.catalogue.records import RECORDS
from contracts.catalogue.rules import RULES
from contracts.publish.generated_code import (
    named_choice,
    nullable_in_one,
    value_names,
    without_discriminators,
)
from schemas.records.base import WireModel

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def schema_of(record: str) -> JsonSchemaValue:
    """Return the published schema of `record`, with the rules between its members.

    Raises:
        KeyError: No such record is published.
    """
    schema: JsonSchemaValue = orjson.loads(document(record))
    return schema


def described_schema(record: str, model: type[WireModel]) -> JsonSchemaValue:
    """Return the schema of `model` as that of `record`.

    Every record, part and closed list says in both languages what it is, and so does every member.
    Titles are English, for generated code; the Chinese name stands under `x-duijie`, of a member
    also its indicator code, source, certainty and code table. There is one `$id`, so no reference
    leads outside.
    """
    made = model.model_json_schema(by_alias=True, schema_generator=Untitled)
    for name, part in (*made.get("$defs", {}).items(), (model.__name__, made)):
        part.update(_describe_record(name, part.get("description", "")))
        if name in RULES:
            part["allOf"] = [dict(rule) for rule in RULES[name]]
        if "enum" in part:
            part["x-enum-varnames"] = value_names(name, part["enum"])
        for member, shape in part.get("properties", {}).items():
            part["properties"][member] = {**_published(shape), **_describe_member(name, member)}
    return {"$schema": DIALECT, "$id": f"urn:duijie:v1:{record}"} | made


@cache
def document(record: str) -> bytes:
    """Return the schema file of `record`; made once, for it is asked for by every page and file.

    Raises:
        KeyError: No such record is published.
    """
    return written(without_discriminators(described_schema(record, RECORDS[record])))


def written(value: Mapping[str, object]) -> bytes:
    """Return JSON as published: members sorted, two spaces deep, a newline at the end."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2) + b"\n"


def _published(shape: JsonSchemaValue) -> JsonSchemaValue:
    """Return the shape of a member; null is absence, so it is no value to fill in."""
    without = {name: part for name, part in shape.items() if (name, part) != ("default", None)}
    return nullable_in_one(named_choice(without))


def _describe_record(model: str, description: str) -> Mapping[str, object]:
    named = record_words()[model]
    return {
        "title": model,
        "description": f"{named.name_zh}：{named.says_zh}。\n\n{description}",
        "x-duijie": {"title": named.name_zh, **facts_of(model, WHOLE)},
    }


def _describe_member(model: str, member: str) -> Mapping[str, object]:
    described = words(model, member)
    meaning = described.meaning[:1].upper() + described.meaning[1:]
    row = _members()[model, member]
    facts = {
        "title": described.name_zh,
        "indicator": row.indicator,
        "source": described.source,
        "certainty": described.certainty.value,
        "code_table": described.code_table,
        "required_when": described.required_when,
    }
    return {
        "title": row.name.replace("_", " ").capitalize(),
        "description": f"{described.name_zh}。{meaning}.",
        "x-duijie": {
            **{name: fact for name, fact in facts.items() if fact},
            **facts_of(model, member),
        },
    }


@cache
def _members() -> Mapping[tuple[str, str], Member]:
    return {(row.record, row.member): row for row in catalogue()}
