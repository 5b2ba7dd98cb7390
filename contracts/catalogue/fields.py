"""字段目录 (fields.csv): every member of every record, from the models and one table of words."""

import csv
import io
from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import CoreSchema

from contracts.catalogue.records import models
from schemas.records.base import WireModel
from schemas.reference.code_rows import Certainty
from schemas.reference.csv_table import read_rows

_DATA: Final = Path(__file__).parent.parent / "data"
_WORD_COLUMNS: Final = (
    *("model", "member", "name_zh", "meaning"),
    *("source", "certainty", "code_table", "required_when"),
)
_ALIAS_COLUMNS: Final = ("fact", "member", "alias", "remark")
_ANY: Final = "*"


class UnnamedMember(LookupError):
    """A member of a model has no row in the table of words."""


@dataclass(frozen=True, slots=True)
class Words:
    """What the table says of a member: names, where it is from, how sure that is."""

    name_zh: str
    meaning: str
    source: str
    certainty: Certainty
    code_table: str
    required_when: str


@dataclass(frozen=True, slots=True)
class Member:
    """One row of the catalogue; `member` is the name on the wire, `name` the English one."""

    record: str
    member: str
    name: str
    name_zh: str
    meaning: str
    indicator: str
    aliases: str
    type: str
    length: str
    pattern: str
    required: str  # yes, no, or the condition
    code_table: str
    source: str
    certainty: str


class Untitled(GenerateJsonSchema):
    """Pydantic's own generator, without a title for every member made up from its name."""

    def field_title_should_be_set(self, schema: CoreSchema) -> bool:
        """Say no: a member's title follows from its model, not from its name on the wire."""
        return False


@cache
def catalogue() -> tuple[Member, ...]:
    """Return every member of every model, in the order of models and of their members.

    Raises:
        UnnamedMember: The table of words lacks one.
    """
    aliases = _aliases()
    return tuple(
        _member(model, name, field, aliases)
        for model in models()
        for name, field in model.model_fields.items()
    )


def words(model: str, member: str) -> Words:
    """Return the words for a member; a row of the model itself goes before a general one.

    Raises:
        UnnamedMember: Nothing is described.
    """
    table = _words()
    found = table.get((model, member)) or table.get((_ANY, member))
    if found is None:
        raise UnnamedMember(f"{model}.{member}")
    return found


def fields_csv() -> bytes:
    """Return the published catalogue."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(field.name for field in fields(Member))
    writer.writerows(astuple(member) for member in catalogue())
    return text.getvalue().encode()


def aliases_csv() -> bytes:
    """Return the published table of other names for the same fact."""
    return (_DATA / "aliases.csv").read_bytes()


@cache
def _words() -> Mapping[tuple[str, str], Words]:
    found = {}
    for _, cells in read_rows(_DATA / "field_words.csv", _WORD_COLUMNS):
        model, member, name_zh, meaning, source, certainty, code_table, required_when = cells
        found[model, member] = Words(
            name_zh, meaning, source, Certainty(certainty), code_table, required_when
        )
    return MappingProxyType(found)


def _aliases() -> Mapping[str, str]:
    found: dict[str, list[str]] = {}
    for _, (_, member, alias, _) in read_rows(_DATA / "aliases.csv", _ALIAS_COLUMNS):
        found.setdefault(member, []).append(alias)
    return {member: " ".join(names) for member, names in found.items()}


def _member(
    model: type[WireModel], name: str, field: FieldInfo, aliases: Mapping[str, str]
) -> Member:
    wire = field.alias or name
    described = words(model.__name__, wire)
    shape = _shape(model)[wire]
    return Member(
        record=model.__name__,
        member=wire,
        name=name,
        name_zh=described.name_zh,
        meaning=described.meaning,
        indicator=wire.upper() if field.alias else "",
        aliases=aliases.get(wire, ""),
        type=_type(shape),
        length=_length(shape),
        pattern=str(shape.get("pattern", "")),
        required="yes" if field.is_required() else described.required_when or "no",
        code_table=described.code_table,
        source=described.source,
        certainty=described.certainty,
    )


@cache
def _shape(model: type[WireModel]) -> Mapping[str, JsonSchemaValue]:
    properties = model.model_json_schema(by_alias=True, schema_generator=Untitled)["properties"]
    return {name: _without_null(shape) for name, shape in properties.items()}


def _without_null(shape: JsonSchemaValue) -> JsonSchemaValue:
    choices = [part for part in shape.get("anyOf", ()) if part.get("type") != "null"]
    return choices[0] if len(choices) == 1 else shape


def _type(shape: JsonSchemaValue) -> str:
    if "$ref" in shape:
        name = str(shape["$ref"]).rpartition("/")[2]
        return name if name in {model.__name__ for model in models()} else "string"
    if "items" in shape:
        return f"array of {_type(shape['items'])}"
    if "oneOf" in shape:
        return " or ".join(_type(part) for part in shape["oneOf"])
    return str(shape.get("format", shape.get("type", "string")))


def _length(shape: JsonSchemaValue) -> str:
    for low, high in (
        ("minLength", "maxLength"),
        ("minItems", "maxItems"),
        ("minimum", "maximum"),
    ):
        if high in shape:
            return f"{shape.get(low, 0)}..{shape[high]}"
    return ""
