"""报文结构: the JSON Schema 2020-12 of each record, from its model, its rules and its words."""

from collections.abc import Mapping
from functools import cache
from typing import Final

import orjson
from pydantic.json_schema import JsonSchemaValue

from contracts.catalogue.fields import Untitled, catalogue, words
from contracts.catalogue.record_words import record_words
from contracts.catalogue.records import RECORDS
from contracts.catalogue.rules import RULES
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

    Every record, part and closed list says in both languages what it is. Every member bears its
    Chinese name, what it means, and under `x-duijie` its indicator code,
    source, certainty and code table. There is one `$id`, so no reference leads outside.
    """
    made = model.model_json_schema(by_alias=True, schema_generator=Untitled)
    for name, part in (*made.get("$defs", {}).items(), (model.__name__, made)):
        part.update(_describe_record(name, part.get("description", "")))
        if name in RULES:
            part["allOf"] = [dict(rule) for rule in RULES[name]]
        for member, shape in part.get("properties", {}).items():
            shape.update(_describe_member(name, member))
    return {"$schema": DIALECT, "$id": f"urn:duijie:v1:{record}"} | made


@cache
def document(record: str) -> bytes:
    """Return the schema file of `record`; made once, for it is asked for by every page and file.

    Raises:
        KeyError: No such record is published.
    """
    return written(described_schema(record, RECORDS[record]))


def written(value: Mapping[str, object]) -> bytes:
    """Return JSON as published: members sorted, two spaces deep, a newline at the end."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2) + b"\n"


def _describe_record(model: str, description: str) -> Mapping[str, str]:
    named = record_words()[model]
    return {
        "title": named.name_zh,
        "description": f"{named.name_zh}：{named.says_zh}。\n\n{description}",
    }


def _describe_member(model: str, member: str) -> Mapping[str, object]:
    described = words(model, member)
    meaning = described.meaning[:1].upper() + described.meaning[1:]
    facts = {
        "indicator": _indicators().get((model, member), ""),
        "source": described.source,
        "certainty": described.certainty.value,
        "code_table": described.code_table,
        "required_when": described.required_when,
    }
    return {
        "title": described.name_zh,
        "description": f"{described.name_zh}。{meaning}.",
        "x-duijie": {name: fact for name, fact in facts.items() if fact},
    }


@cache
def _indicators() -> Mapping[tuple[str, str], str]:
    return {(member.record, member.member): member.indicator for member in catalogue()}
