"""The field catalogue: no member without its Chinese name, source and certainty."""

import csv
import io
from typing import Final

from contracts.catalogue.fields import aliases_csv, catalogue, fields_csv
from contracts.catalogue.records import RECORDS, models
from schemas.reference.codes import CodeTables
from tests.support.tree import ROOT

WORDS: Final = ROOT / "contracts" / "data" / "field_words.csv"


def test_every_member_of_every_model_is_in_the_catalogue() -> None:
    listed = {(row.record, row.member, row.name) for row in catalogue()}
    wanted = {
        (model.__name__, field.alias or name, name)
        for model in models()
        for name, field in model.model_fields.items()
    }
    assert listed == wanted
    assert {model.__name__ for model in RECORDS.values()} <= {row.record for row in catalogue()}


def test_nothing_is_said_of_a_member_that_does_not_exist() -> None:
    pairs = {(row.record, row.member) for row in catalogue()}
    members = {member for _, member in pairs}
    rows = csv.DictReader(WORDS.read_text("utf-8").splitlines())
    described_members = [(row["model"], row["member"]) for row in rows]
    assert described_members
    idle = [
        (model, member)
        for model, member in described_members
        if ((model, member) not in pairs if model != "*" else member not in members)
    ]
    assert idle == []


def test_every_row_has_a_chinese_name_a_source_and_a_certainty() -> None:
    assert [row for row in catalogue() if not (row.name_zh and row.meaning and row.source)] == []
    assert {row.certainty for row in catalogue()} == {"cited", "inferred", "assumed"}


def test_every_named_code_table_exists() -> None:
    known = {*CodeTables.load().tables(), "divisions", "agencies", ""}
    assert {row.code_table for row in catalogue()} <= known


def test_a_member_with_an_indicator_bears_it_in_lower_case() -> None:
    assert [
        row for row in catalogue() if row.indicator and row.indicator.lower() != row.member
    ] == []
    name = next(
        row for row in catalogue() if (row.record, row.name) == ("PersonForm", "certificate_no")
    )
    assert (name.member, name.name_zh, name.required) == ("aac147", "证件号码", "yes")


def test_other_names_of_a_fact_stand_with_its_member() -> None:
    mobile = next(row for row in catalogue() if row.member == "aac067")
    assert mobile.aliases.split() == ["aae007", "aac030", "bae528"]
    rows = list(csv.DictReader(io.StringIO(aliases_csv().decode())))
    members = {row.member for row in catalogue()}
    unknown = {row["member"] for row in rows if row["member"] not in members}
    assert unknown == {"acc026", "acc027", "acc311"}, "members of no record here"


def test_the_published_catalogue_is_a_table_of_one_width() -> None:
    rows = list(csv.reader(io.StringIO(fields_csv().decode())))
    assert {len(row) for row in rows} == {14}
    assert len(rows) == len(catalogue()) + 1
