"""Closed lists follow from the code tables: one line in a table is all that a new code needs."""

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import Field, ValidationError, create_model
from pydantic.json_schema import JsonSchemaValue

from contracts.catalogue.fields import catalogue
from contracts.catalogue.records import RECORDS
from contracts.publish.record_schemas import described_schema, schema_of
from contracts.publish.valid_records import VALID_RECORDS
from schemas.records.agencies import AGENCY_KIND, AGENCY_LEVEL, Agency
from schemas.records.application_returns import APPLICATION_RETURN_REASON, ApplicationReturn
from schemas.records.base import WireModel
from schemas.records.deregistrations import (
    DEREGISTRATION_GROUND,
    DEREGISTRATION_MODE,
    Deregistration,
)
from schemas.records.listed_code import ListedCode
from schemas.records.outcomes import (
    REFUSAL_REASON,
    VERDICT,
    Outcome,
    RefusalReason,
    Verdict,
)
from schemas.records.returns import OTHER_RETURN_REASON, RETURN_REASON, DispatchReturn
from schemas.reference.codes import SHIPPED, CodeTables
from tests.builders.extended import deregistration_json, directory_json, return_json
from tests.builders.records import outcome_json
from tests.support.tree import PACKAGES, modules, named
from tests.unit.contracts.records import REFUSED_OUTCOME

NEW = "77"


@dataclass(frozen=True, slots=True)
class CodedMember:
    """One closed list, the member that holds a code of it, and a valid record."""

    listed: ListedCode
    model: type[WireModel]
    member: str
    record: Mapping[str, object]
    name: str  # in the published schema
    generation: str = ""  # of the table, where it has several


def agency() -> Mapping[str, object]:
    record: Mapping[str, object] = json.loads(directory_json())["agencies"][0]
    return record


CASES: dict[str, CodedMember] = {
    "aae016": CodedMember(VERDICT, Outcome, "verdict", json.loads(outcome_json()), "Verdict"),
    "refusal-reason": CodedMember(
        REFUSAL_REASON, Outcome, "refusal_reason", REFUSED_OUTCOME, "RefusalReason"
    ),
    "application-return-reason": CodedMember(
        APPLICATION_RETURN_REASON,
        ApplicationReturn,
        "reason",
        {**VALID_RECORDS["application-return"], "reason": "1"},
        "ApplicationReturnReason",
    ),
    "return-reason": CodedMember(
        RETURN_REASON, DispatchReturn, "reason", json.loads(return_json()), "ReturnReason"
    ),
    "agency-kind": CodedMember(AGENCY_KIND, Agency, "kind", agency(), "AgencyKind"),
    "agency-level": CodedMember(AGENCY_LEVEL, Agency, "level", agency(), "AgencyLevel"),
    "acc025": CodedMember(
        *(DEREGISTRATION_GROUND, Deregistration, "ground", json.loads(deregistration_json())),
        *("DeregistrationGround", "2016"),
    ),
    "deregistration-mode": CodedMember(
        DEREGISTRATION_MODE,
        Deregistration,
        "mode",
        json.loads(deregistration_json()),
        "DeregistrationMode",
    ),
}
LEFT_OUT = {("aae016", "0"), ("acc025", "22")}
"""未审核, which no outcome can say, and 达到退休年龄, which is no ground any more."""


@pytest.fixture(params=CASES)
def table(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def longer(table: str, tmp_path: Path) -> CodeTables:
    """Return the shipped tables with one more code in `table`."""
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "codes"))
    with (folder / f"{table}.csv").open("a", encoding="utf-8") as file:
        file.write(f"{NEW},新增,,,,{CASES[table].generation},a notice of next year,cited\n")
    return CodeTables.load(folder)


def with_tables(case: CodedMember, tables: CodeTables) -> type[WireModel]:
    """Return the model of a case with its list taken from other tables."""
    field = case.model.model_fields[case.member]
    listed = replace(case.listed, tables=lambda: tables)
    wider = (Annotated[str, listed], Field(alias=field.alias))
    members: dict[str, Any] = {case.member: wider}
    return create_model(case.model.__name__, __base__=case.model, **members)


def with_code(case: CodedMember, code: object) -> bytes:
    wire = case.model.model_fields[case.member].alias or case.member
    return json.dumps({**case.record, wire: code}).encode()


def test_a_code_of_the_list_is_read_as_plain_text(table: str) -> None:
    case = CASES[table]
    wire = case.model.model_fields[case.member].alias or case.member

    code = getattr(case.model.read(json.dumps(case.record).encode()), case.member)

    assert code == case.record[wire]
    assert type(code) is str


def test_a_code_added_to_the_table_is_read(table: str, longer: CodeTables) -> None:
    case = CASES[table]
    with pytest.raises(ValidationError):
        case.model.read(with_code(case, NEW))

    record = with_tables(case, longer).read(with_code(case, NEW))

    assert getattr(record, case.member) == NEW


def test_a_code_added_to_the_table_is_published(table: str, longer: CodeTables) -> None:
    case = CASES[table]

    made = described_schema("trial", with_tables(case, longer))

    assert made["$defs"][case.name]["enum"] == [*case.listed.codes(), NEW]


@pytest.mark.parametrize("code", [1, None, True, "", "1 ", "９", ["1"], {}])
def test_what_is_no_code_of_the_list_is_refused_as_before(table: str, code: object) -> None:
    case = CASES[table]
    if code is None and case.member == "refusal_reason":
        code = "null"  # null itself is the same as absent

    with pytest.raises(ValidationError) as refused:
        case.model.read(with_code(case, code))

    assert [error["type"] for error in refused.value.errors()] == ["enum"]


def test_the_error_names_what_may_stand_there() -> None:
    with pytest.raises(ValidationError) as refused:
        Outcome.read(outcome_json(aae016="0"))

    assert refused.value.errors()[0]["msg"] == "Input should be '1' or '2'"


def test_every_published_list_is_that_of_its_table_in_the_same_order() -> None:
    tables = {(one.record, one.member): one.code_table for one in catalogue()}
    found = set()
    for record, model in RECORDS.items():
        made = schema_of(record)
        for name, part in (*made.get("$defs", {}).items(), (model.__name__, made)):
            for member, shape in part.get("properties", {}).items():
                listed = listed_in(shape, made)
                if listed is not None and (table := tables.get((name, member))):
                    shipped = CodeTables.load().codes(table)
                    assert listed == [code for code in shipped if (table, code) not in LEFT_OUT]
                    found.add(table)
    assert found == {*CASES}


def listed_in(shape: object, made: JsonSchemaValue) -> list[str] | None:
    """Return the closed list that a member's shape refers to, if it does."""
    reference = re.search(r"#/\$defs/(\w+)", json.dumps(shape))
    listed: list[str] | None = made["$defs"][reference[1]].get("enum") if reference else None
    return listed


@pytest.mark.parametrize(
    ("listed", "constants"),
    [
        (VERDICT, [*Verdict]),
        (REFUSAL_REASON, [*RefusalReason]),
        (RETURN_REASON, [OTHER_RETURN_REASON]),
    ],
)
def test_the_codes_that_programs_act_on_are_in_their_tables(
    listed: ListedCode, constants: list[str]
) -> None:
    assert {*constants} <= {*listed.codes()}


def test_no_program_compares_a_code_of_a_record_by_identity() -> None:
    by_identity = re.compile(r"\bis (not )?(Verdict|RefusalReason)\.")
    sources = {named(path): path.read_text("utf-8") for path in modules(*PACKAGES, "tests")}

    assert [name for name, source in sources.items() if by_identity.search(source)] == []
