"""Writing the page: one HTML file, styles and script inside, from the same tables as the files."""

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from contracts.catalogue.error_proofs import error_proofs
from contracts.catalogue.errors_csv import errors
from contracts.catalogue.fields import Member, catalogue
from contracts.catalogue.lifecycle import lifecycle
from contracts.catalogue.operation_types import Operation, Side
from contracts.catalogue.operations import OPERATIONS
from contracts.catalogue.record_words import record_words
from contracts.catalogue.records import RECORDS
from contracts.catalogue.requirements import requirements
from contracts.catalogue.signed_answers import (
    SIGNED_ANSWERS,
    UNSIGNED_RULE_EN,
    UNSIGNED_RULE_ZH,
)
from contracts.catalogue.table_words import table_words
from contracts.docs.drawing import life_drawing
from contracts.publish.export import PUBLISHED, files_in, generated, lock_of
from contracts.publish.signature_vectors import SHIPPED as VECTORS
from contracts.publish.signature_vectors import VectorFile
from schemas.records.version import CONTRACT_VERSION
from schemas.reference.codes import CodeTables

_HERE: Final = Path(__file__).parent
_SIDES: Final[Mapping[Side, str]] = {
    Side.NATIONAL: "部端提供，省级网关调用",
    Side.PROVINCE: "省级网关提供，部端与经办机构调用",
    Side.AGENCY: "接收推送的经办机构系统提供，省级网关调用",
    Side.OPERATOR: "省级网关提供，分派岗的系统调用",
}

_ENDS_OF_WORDS: Final = re.compile(
    r"(?<=[/_.-])(?=[a-z{]{4})(?!json|yaml|html)|(?<=[a-z])(?=[A-Z])"
)
ONLY_ITSELF: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The content policy to serve the page under: what is in it runs, nothing else is loaded."""


@cache
def page() -> bytes:
    """Return the page; the same bytes each time."""
    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["soft"] = soft
    rendered = environment.get_template("page.html").render(
        version=CONTRACT_VERSION,
        style=Markup((_HERE / "page.css").read_text("utf-8")),  # noqa: S704 - our own file
        script=Markup((_HERE / "page.js").read_text("utf-8")),  # noqa: S704 - our own file
        drawing=Markup(life_drawing()),  # noqa: S704 - escaped where it is made
        sides=[(side, text, _operations_of(side)) for side, text in _SIDES.items()],
        record_of={name: model.__name__ for name, model in RECORDS.items()},
        members=_by_record(),
        samples={name: _pretty(f"examples/{name}/valid-whole.json") for name in RECORDS},
        tables=_tables(),
        table_words=table_words(),
        record_words=record_words(),
        maps=_maps(),
        life=lifecycle(),
        state_names={one.state: one.name_zh for one in lifecycle().states},
        step_names={one.step: one.name_zh for one in lifecycle().steps},
        errors=errors().values(),
        proofs=error_proofs(),
        clauses=frozenset(requirements()),
        requirements=requirements().values(),
        worked=_worked(),
        signed_answers=SIGNED_ANSWERS,
        unsigned_rule_zh=UNSIGNED_RULE_ZH,
        unsigned_rule_en=UNSIGNED_RULE_EN,
        aliases=list(csv.DictReader(io.StringIO(generated()["aliases.csv"].decode()))),
        contract_hash=_contract_hash(),
    )
    return rendered.encode()


def soft(name: str) -> Markup:
    """Return a long name that may be broken where its words end, and nowhere else."""
    return Markup("<wbr>").join(_ENDS_OF_WORDS.split(name))


def _operations_of(side: Side) -> Sequence[Operation]:
    return [operation for operation in OPERATIONS if operation.side is side]


def _by_record() -> Mapping[str, Sequence[Member]]:
    found: dict[str, list[Member]] = {}
    for member in catalogue():
        found.setdefault(member.record, []).append(member)
    return found


def _tables() -> Sequence[tuple[str, str, Sequence[object]]]:
    tables = CodeTables.load()
    return [
        (
            table,
            generation,
            [tables.get(table, code, generation) for code in tables.codes(table, generation)],
        )
        for table in tables.tables()
        for generation in tables.generations(table)
    ]


def _maps() -> Mapping[str, Sequence[Mapping[str, str]]]:
    """Return the maps between generations, by table."""
    files = {path: generated()[f"codes/maps/{path}.csv"] for path in ("ajc093", "acc025")}
    return {
        table: list(csv.DictReader(io.StringIO(rows.decode()))) for table, rows in files.items()
    }


def _worked() -> VectorFile:
    return VectorFile.read((VECTORS / "hmac-sha256.json").read_bytes())


def _pretty(path: str) -> str:
    return json.dumps(json.loads(generated()[path]), ensure_ascii=False, indent=2)


def _contract_hash() -> str:
    lock: Mapping[str, str] = json.loads(lock_of({**files_in(PUBLISHED), **generated()}))
    return lock["contract"]
