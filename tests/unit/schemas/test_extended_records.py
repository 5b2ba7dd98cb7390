"""Registrations, deregistrations, returns, agency lists, statements: what can be said in them.

Each document is judged twice: by the model and by the schema that is published.
"""

import json
from collections.abc import Mapping
from functools import cache

import jsonschema_rs
import pytest
from pydantic import ValidationError

from contracts.catalogue.records import RECORDS
from contracts.publish.record_schemas import schema_of
from schemas.records.statements import Statement, StatementEntry, statement_digest
from schemas.records.table_records import code_table_records
from schemas.records.tables import CodeTableList
from schemas.reference.codes import CodeTables
from tests.builders.extended import (
    deregistration_json,
    directory_json,
    registration_json,
    return_json,
    statement_json,
)

EXEMPT: Mapping[str, object] = {"notice": None, "notice_exempt": "1"}
DUE: Mapping[str, object] = {"notice": None, "notice_due": "1"}


@cache
def validator(record: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(schema_of(record), validate_formats=True)


def accepts(record: str, body: bytes) -> bool:
    """Ask model and published schema, and insist that they agree."""
    try:
        RECORDS[record].read(body)
        modelled = True
    except ValidationError:
        modelled = False
    assert validator(record).is_valid(json.loads(body)) == modelled, "model and schema disagree"
    return modelled


@pytest.mark.parametrize(
    ("record", "body"),
    [
        ("local-registration", registration_json()),
        ("deregistration", deregistration_json()),
        ("dispatch-return", return_json()),
        ("agency-directory", directory_json()),
        ("statement", statement_json()),
    ],
)
def test_a_whole_record_is_read_and_written_again(record: str, body: bytes) -> None:
    assert accepts(record, body)
    read = RECORDS[record].read(body)
    assert RECORDS[record].read(read.wire()) == read


@pytest.mark.parametrize(
    ("form", "result"),
    [
        ({}, {"aae016": "2", "refusal_reason": "01"}),
        ({"aac033": "5", "disability_grade": "3"}, {}),
        ({"ajc093": "90", "reason_note": "企业搬迁"}, {}),
    ],
)
def test_a_local_registration_keeps_the_rules_of_its_parts(
    form: Mapping[str, object], result: Mapping[str, object]
) -> None:
    assert accepts("local-registration", registration_json(form=form, result=result))


@pytest.mark.parametrize(
    ("form", "result"),
    [
        ({}, {"application_no": "SY1", "division": None, "local_serial": None}),
        ({}, {"application_no": "SY1"}),
        ({}, {"local_serial": None}),
        ({}, {"dispatch_no": "D0-1"}),
        ({}, {"aae016": "2"}),
        ({}, {"acc0m1": None}),
        ({"aac033": "5"}, {}),
        ({"ajc093": "90"}, {}),
        ({"aac003": None}, {}),
        ({"application_no": "SY1"}, {}),
    ],
)
def test_a_local_registration_has_a_local_key_and_a_whole_form(
    form: Mapping[str, object], result: Mapping[str, object]
) -> None:
    assert not accepts("local-registration", registration_json(form=form, result=result))


def test_another_agency_than_that_of_the_place_may_have_registered_the_person() -> None:
    elsewhere = {"aae017": "410105-01", "aae022": "410105"}  # 全省通办
    assert accepts("local-registration", registration_json(result=elsewhere))


def test_nobody_is_registered_locally_without_having_consented() -> None:
    without = {"commitment": {"given": False, "date": "2026-03-02", "text_version": "2020-1"}}
    refused = {"aae016": "2", "refusal_reason": "01", "acc020": None, "aae043": None}
    assert not accepts("local-registration", registration_json(**without))
    assert accepts("local-registration", registration_json(result=refused, **without))


@pytest.mark.parametrize("ground", ["243", "25", "26", "32"])
def test_four_grounds_need_no_notice_and_may_have_one(ground: str) -> None:
    assert accepts("deregistration", deregistration_json(acc025=ground, **EXEMPT))
    assert accepts("deregistration", deregistration_json(acc025=ground))
    assert not accepts("deregistration", deregistration_json(acc025=ground, **DUE))


@pytest.mark.parametrize(
    "ground", ["11", "12", "13", "14", "21", "23", "24", "241", "242", "31", "90"]
)
def test_on_every_other_ground_the_person_is_told_then_or_later(ground: str) -> None:
    note = {"ground_note": "其他情形"} if ground == "90" else {}
    assert accepts("deregistration", deregistration_json(acc025=ground, **note))
    assert accepts("deregistration", deregistration_json(acc025=ground, **note, **DUE))
    assert not accepts("deregistration", deregistration_json(acc025=ground, **note, **EXEMPT))
    assert not accepts("deregistration", deregistration_json(acc025=ground, **note, notice=None))


@pytest.mark.parametrize("ground", ["22", "20", "10", "99", "ZZ", "111", ""])
def test_what_the_notice_does_not_list_is_no_ground(ground: str) -> None:
    assert not accepts("deregistration", deregistration_json(acc025=ground, ground_note="其他"))


def test_a_notice_may_follow_in_a_later_revision() -> None:
    told_later = {"revision": 2, "notice": {"given_at": "2026-06-03T10:00:00+08:00", "mode": "01"}}
    assert accepts("deregistration", deregistration_json(**DUE))
    assert accepts("deregistration", deregistration_json(**told_later))
    assert not accepts("deregistration", deregistration_json(**told_later, notice_due="1"))


@pytest.mark.parametrize("ground", ["11", "12", "13"])
def test_an_employment_registration_deregisters_by_itself(ground: str) -> None:
    by_itself = {"acc025": ground, "mode": "1", "verified_by": "05"}
    assert accepts("deregistration", deregistration_json(**by_itself))


@pytest.mark.parametrize(("mode", "verified_by"), [("1", "01"), ("2", "01"), ("2", "04")])
def test_a_pensioner_is_deregistered_by_comparison_or_by_an_officer(
    mode: str, verified_by: str
) -> None:
    pension = {"acc025": "21", "mode": mode, "verified_by": verified_by}
    assert accepts("deregistration", deregistration_json(**pension))
    assert not accepts("deregistration", deregistration_json(**{**pension, "verified_by": None}))
    assert CodeTables.load().known("verification-mode", verified_by)


@pytest.mark.parametrize(("ground", "notice"), [("31", {}), ("32", EXEMPT)])
def test_a_count_that_is_reached_deregisters_in_the_system(
    ground: str, notice: Mapping[str, object]
) -> None:
    counted = {"acc025": ground, "mode": "1", "verified_by": "08", **notice}
    assert accepts("deregistration", deregistration_json(**counted))
    assert CodeTables.load().name("verification-mode", "08") == "系统按次数认定"


@pytest.mark.parametrize("verified_by", ["02", "03", "07"])
def test_the_person_the_family_or_a_visit_confirms_the_ground(verified_by: str) -> None:
    assert CodeTables.load().known("verification-mode", verified_by)
    for ground in ("11", "12", "13", "23", "241", "242", "243", "25"):
        confirmed = deregistration_json(acc025=ground, verified_by=verified_by)
        assert accepts("deregistration", confirmed)


@pytest.mark.parametrize(
    "changes",
    [
        {"notice": None},
        {"acc025": "26", "notice_exempt": "1"},
        {"acc025": "26", "notice": None, "notice_exempt": "0"},
        {"acc025": "90"},
        {"code_set": "2010"},
        {"mode": "3"},
        {"aae100": "1"},
        {"acc020": None},
        {"verified_by": None},
        {"application_no": None},
        {"division": "410105", "local_serial": "7"},
        {"revision": 0},
    ],
)
def test_a_deregistration_that_leaves_something_open_is_refused(
    changes: Mapping[str, object],
) -> None:
    assert not accepts("deregistration", deregistration_json(**changes))


def test_a_deregistration_of_a_local_registration_has_a_local_key() -> None:
    local = deregistration_json(application_no=None, division="419001", local_serial="7")
    assert accepts("deregistration", local)
    assert RECORDS["deregistration"].read(local).key == "419001/7"  # type: ignore[attr-defined] # of Deregistration


def test_a_local_ground_is_explained() -> None:
    assert accepts("deregistration", deregistration_json(acc025="90", ground_note="其他情形"))


@pytest.mark.parametrize(
    ("changes", "good"),
    [
        ({"reason": "9", "note": "机构搬迁中"}, True),
        ({"reason": "3", "belongs_to": None}, True),
        ({"application_no": None}, True),
        ({"reason": "9"}, False),
        ({"reason": "4"}, False),
        ({"returned_at": "2026-03-02"}, False),
        ({"dispatch_no": None}, False),
    ],
)
def test_a_return_says_why(changes: Mapping[str, object], good: bool) -> None:
    assert accepts("dispatch-return", return_json(**changes)) is good


@pytest.mark.parametrize(
    ("changes", "good"),
    [
        ({"level": "1", "kind": "2"}, True),
        ({"level": "3", "kind": "1"}, True),
        ({"level": "4", "division": "410105001001", "kind": "3"}, True),
        ({"accounts": None, "aae017": "A"}, True),
        ({"level": "5"}, False),
        ({"kind": "0"}, False),
        ({"services": []}, False),
        ({"ajg005": None}, False),
        ({"ajg008": None}, False),
        ({"registers": "2"}, False),
        ({"accounts": -1}, False),
        ({"division": "4101"}, False),
    ],
)
def test_an_agency_says_what_the_list_must_show(changes: Mapping[str, object], good: bool) -> None:
    assert accepts("agency-directory", directory_json(**changes)) is good


@pytest.mark.parametrize(
    ("changes", "good"),
    [
        ({"kind": "registration", "key": "419001/7"}, True),
        ({"kind": "application", "aae016": None, "acknowledged": True}, True),
        ({"kind": "deregistration", "aae016": None}, True),
        ({"kind": "application", "acknowledged": True}, False),
        ({"kind": "application", "aae016": None}, False),
        ({"aae016": None}, False),
        ({"acknowledged": False}, False),
        ({"kind": "receipt"}, False),
        ({"digest": "0"}, False),
    ],
)
def test_an_entry_of_a_statement_says_what_its_kind_has(
    changes: Mapping[str, object], good: bool
) -> None:
    assert accepts("statement", statement_json(**changes)) is good


def test_the_digest_of_a_statement_does_not_depend_on_the_order_of_its_parts() -> None:
    first = Statement.read(statement_json()).entries[0]
    second = Statement.read(statement_json(key="SY2", revision=2)).entries[0]
    whole = statement_digest([first, second])
    assert whole == statement_digest([second, first])
    changed = StatementEntry.read(second.wire().replace(b'"revision":2', b'"revision":3'))
    assert len({whole, statement_digest([first]), statement_digest([first, changed])}) == 3


def test_the_digest_of_a_statement_is_a_known_answer() -> None:
    entry = Statement.read(statement_json()).entries[0]
    assert statement_digest([]) == (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )
    assert statement_digest([entry]) == (
        "e528adfc2f55df708a0ef56d9a50ed5cc8e1f569c5dc8489fae3e03fc1fe66d7"
    )


def test_every_shipped_code_table_crosses_the_wire() -> None:
    tables = code_table_records(CodeTables.load())
    parts = [
        CodeTableList(part=number, parts=len(tables), tables=(one,))
        for number, one in enumerate(tables, 1)
    ]

    assert all(accepts("code-table-list", part.wire()) for part in parts)
    assert {one.generation for one in tables if one.table == "ajc093"} == {"2010", "2016"}
