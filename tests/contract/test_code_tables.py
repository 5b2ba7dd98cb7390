"""The code tables as published: complete, dated, sourced; an unknown code is kept and shown."""

import csv
import json
from datetime import date
from pathlib import Path

import pytest

from contracts.catalogue.fields import catalogue
from contracts.publish.export import PUBLISHED
from contracts.verify.schema_validator import SchemaValidator
from gateway.domain.screening import Finding, Screener
from schemas.records.applications import ForwardedApplication
from schemas.reference.code_rows import Certainty
from schemas.reference.codes import CodeTables
from schemas.reference.divisions import DivisionTree
from tests.builders.records import REFUSAL, application_json, outcome_json

CODES: Path = PUBLISHED / "codes"
COLUMNS = [
    *("code", "name", "valid_from", "valid_to", "replaced_by", "generation", "source", "certainty")
]
WANTED = (
    *("aac004", "aac005", "aac009", "aac011", "aac013", "aac015", "aac017", "aac024", "aac033"),
    *("aac058", "aac058-service", "aac152", "aae016", "aae100", "aae110", "acc025", "acc032"),
    *("acc035", "acc05q", "acc0m3", "acc412", "adc310", "ajc093", "channel", "disability-grade"),
    *("issue-kind", "policy", "refusal-reason", "review-state", "yes-no"),
)
"""Every table the field's standards and the notices know, by its published name."""
FORBIDDEN = ("户籍", "居住", "常住", "人户", "材料", "证明", "参保", "社保", "保险金", "待遇条件")
"""No reasons to refuse: 人社厅发〔2020〕3号 art. 8, 湖南基层公共就业服务经办规程 art. 2."""
TWO_GENERATIONS = ("ajc093", "acc025")
NAMES_OF_A_FACT = {
    "aae043": {"ajc094", "aae044", "adc210", "acc03b"},
    "aab301": {"aac046", "aaf016", "ycc005"},
    "aac026": {"bab305", "acc0mm", "aac046", "aae006"},
    "aac067": {"aae007", "aac030", "bae528"},
    "acc026": {"acc978", "ycc02h"},
    "acc027": {"acc312", "ycc02n"},
    "acc025": {"ajc00a", "bae045"},
    "aaea36": {"acc028", "bae043"},
    "acc0m1": {"aac021", "alc083", "bdc049", "adc001"},
    "ajc174": {"acc02y"},
    "aac147": {"aac002"},
}
CODED = {
    row.member: row.code_table
    for row in catalogue()
    if row.record == "ForwardedApplication"
    and row.code_table not in {"", "divisions", "yes-no", "disability-grade"}
}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("table", WANTED)
def test_a_table_is_published_with_validity_generation_source_and_certainty(table: str) -> None:
    listed = rows(CODES / f"{table}.csv")
    assert listed
    assert all(list(row) == COLUMNS for row in listed)
    assert all(row["code"] and row["name"] and row["source"] for row in listed)
    assert {row["certainty"] for row in listed} <= set(Certainty)


def test_every_published_table_is_the_one_the_code_reads() -> None:
    tables = CodeTables.load()
    assert set(WANTED) <= set(tables.tables())
    published = {path.stem for path in CODES.glob("*.csv")}
    assert published == set(tables.tables())
    for table in published:
        listed = [(row["generation"], row["code"]) for row in rows(CODES / f"{table}.csv")]
        known = [(g, c) for g in tables.generations(table) for c in tables.codes(table, g)]
        assert sorted(listed) == sorted(known)


def test_every_table_has_a_name_in_both_languages() -> None:
    listed = rows(PUBLISHED / "code_tables.csv")
    assert [row["table"] for row in listed] == list(CodeTables.load().tables())
    assert all(row["name_zh"] and row["name_en"].isascii() for row in listed)


@pytest.mark.parametrize("table", TWO_GENERATIONS)
def test_both_generations_stand_beside_each_other_with_an_explicit_map(table: str) -> None:
    listed = {(row["generation"], row["code"]): row["name"] for row in rows(CODES / f"{table}.csv")}
    assert {generation for generation, _ in listed} == {"2010", "2016"}
    mapped = rows(CODES / "maps" / f"{table}.csv")
    assert {(row["from_generation"], row["to_generation"]) for row in mapped} == {
        ("2010", "2016"),
        ("2016", "2010"),
    }
    for row in mapped:
        assert (row["from_generation"], row["code"]) in listed
        assert (row["to_generation"], row["becomes"]) in listed
        assert row["source"]
        assert row["certainty"] in set(Certainty)


def test_a_digit_that_both_generations_use_means_something_else_in_each() -> None:
    tables = CodeTables.load()
    for code in ("40", "50", "60", "70", "80"):
        names = {tables.name("ajc093", code, generation) for generation in ("2010", "2016")}
        assert len(names) == 2
        old = tables.becomes("ajc093", code, from_generation="2010", to_generation="2016")
        assert old != code


def test_a_forbidden_reason_cannot_be_expressed() -> None:
    schema = json.loads((PUBLISHED / "jsonschema" / "outcome.json").read_bytes())
    listed = rows(CODES / "refusal-reason.csv")
    said = schema["$defs"]["RefusalReason"]["enum"]
    assert said == [row["code"] for row in listed]
    assert [row["name"] for row in listed if any(word in row["name"] for word in FORBIDDEN)] == []
    validator = SchemaValidator.load()
    for code in (*(f"{number:02d}" for number in range(100)), "户籍", "", "99", "Z9"):
        body = outcome_json(**{**REFUSAL, "refusal_reason": code, "refusal_source": "社会保险"})
        assert (validator.check("outcome", body) == ()) == (code in said)


@pytest.mark.parametrize("member", CODED)
def test_an_unknown_code_is_taken_kept_as_it_came_and_shown(member: str) -> None:
    body = application_json(**{member: "Z9"})
    assert SchemaValidator.load().check("application", body) == ()
    read = ForwardedApplication.read(body)
    assert json.loads(read.wire())[member] == "Z9"
    notes = Screener(CodeTables.load(), DivisionTree.load()).screen(read, read, date(2026, 3, 2))
    assert f"{Finding.CODE_UNKNOWN}:{CODED[member]}" in notes


def test_the_other_names_of_each_fact_are_published() -> None:
    found: dict[str, set[str]] = {}
    for row in rows(PUBLISHED / "aliases.csv"):
        found.setdefault(row["member"], set()).add(row["alias"])
    for member, names in NAMES_OF_A_FACT.items():
        assert names <= found[member]


@pytest.mark.parametrize("file", ["divisions/national.csv", "divisions/retired.csv"])
def test_divisions_are_published_with_parent_validity_and_source(file: str) -> None:
    listed = rows(PUBLISHED / file)
    assert len(listed) > 1000
    assert all(row["source"] for row in listed)
    tree = DivisionTree.load()
    assert all(tree.get(row["code"]) is not None for row in listed)
