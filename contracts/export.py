"""Publishing the records (报文结构): a JSON Schema 2020-12 file for each, written from the models.

`python -m contracts.export` writes them; doing so again changes no byte.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import orjson
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import CoreSchema

from contracts.rules import RULES
from schemas.applications import FeedPage, ForwardedApplication, Withdrawal
from schemas.base import WireModel
from schemas.dispatches import CaseView, Dispatch, DispatchBatch, DispatchPage, Ping, Pong
from schemas.outcomes import Outcome, OutcomeBatch
from schemas.problems import Problem
from schemas.receipts import (
    AcknowledgementBatch,
    BatchAnswer,
    DispatchAcknowledgementBatch,
    Receipt,
)

PUBLISHED: Final = Path(__file__).parent / "v1" / "jsonschema"
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
RECORDS: Final[Mapping[str, type[WireModel]]] = MappingProxyType(
    {
        "acknowledgement-batch": AcknowledgementBatch,
        "application": ForwardedApplication,
        "batch-answer": BatchAnswer,
        "case-view": CaseView,
        "dispatch": Dispatch,
        "dispatch-acknowledgement-batch": DispatchAcknowledgementBatch,
        "dispatch-batch": DispatchBatch,
        "dispatch-page": DispatchPage,
        "feed-page": FeedPage,
        "outcome": Outcome,
        "outcome-batch": OutcomeBatch,
        "ping": Ping,
        "pong": Pong,
        "problem": Problem,
        "receipt": Receipt,
        "withdrawal": Withdrawal,
    }
)
"""The core records, by the name under which they are published."""


class _Untitled(GenerateJsonSchema):
    """Pydantic's own generator, without a title for every member made up from its code."""

    def field_title_should_be_set(self, schema: CoreSchema) -> bool:
        return False


def schema_of(record: str) -> JsonSchemaValue:
    """Return the published schema of `record`, with the rules between its members."""
    model = RECORDS[record]
    made = model.model_json_schema(by_alias=True, schema_generator=_Untitled)
    for name, part in (*made.get("$defs", {}).items(), (model.__name__, made)):
        if name in RULES:
            part["allOf"] = list(RULES[name])
    return {"$schema": DIALECT, "$id": f"urn:duijie:v1:{record}"} | made


def document(record: str) -> bytes:
    """Return the schema file of `record`: members sorted, two spaces deep, a newline at the end."""
    written = orjson.dumps(schema_of(record), option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)
    return written + b"\n"


def export(folder: Path = PUBLISHED) -> tuple[Path, ...]:
    """Write every record's schema into `folder` and return the files whose bytes changed."""
    folder.mkdir(parents=True, exist_ok=True)
    changed = []
    for record in RECORDS:
        path, content = folder / f"{record}.json", document(record)
        if not path.is_file() or path.read_bytes() != content:
            path.write_bytes(content)
            changed.append(path)
    return tuple(changed)


def main() -> None:
    """Write the schemas and say what changed."""
    changed = export()
    sys.stdout.writelines(f"changed {path.name}\n" for path in changed)
    sys.stdout.write(f"{len(RECORDS)} records, {len(changed)} changed\n")


if __name__ == "__main__":
    main()
