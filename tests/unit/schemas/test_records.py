"""The records on the wire: closed, strict, under wire names, byte-exact, telling nothing."""

import json
from collections.abc import Callable, Mapping
from typing import Final

import pytest
from pydantic import ValidationError

from schemas.records.applications import ForwardedApplication, Withdrawal
from schemas.records.base import WireModel
from schemas.records.dispatches import Dispatch
from schemas.records.outcomes import Outcome
from tests.builders.records import (
    ADDRESS,
    MOBILE,
    NAME,
    an_application,
    application_json,
    as_json,
    citizen_number,
    dispatch_json,
    outcome_json,
    withdrawal_json,
)

MADE: Final[Mapping[type[WireModel], Callable[..., bytes]]] = {
    ForwardedApplication: application_json,
    Withdrawal: withdrawal_json,
    Outcome: outcome_json,
    Dispatch: dispatch_json,
}
each_record = pytest.mark.parametrize("model", MADE, ids=lambda model: model.__name__)


def refused(model: type[WireModel], body: bytes | str) -> str:
    """Return what the refusal of `body` says; fail when it is not refused."""
    with pytest.raises(ValidationError) as error:
        model.read(body)
    return str(error.value)


def application_refused(**changes: object) -> str:
    return refused(ForwardedApplication, application_json(**changes))


def outcome_refused(**changes: object) -> str:
    return refused(Outcome, outcome_json(**changes))


# What all records have in common


@each_record
def test_a_record_comes_back_as_it_was_sent(model: type[WireModel]) -> None:
    record = model.read(MADE[model]())
    assert model.read(record.wire()) == record


@each_record
def test_only_wire_names_cross_a_wire(model: type[WireModel]) -> None:
    record = model.read(MADE[model]())
    aliases = {field.alias for field in model.model_fields.values() if field.alias}
    plain = {name for name, field in model.model_fields.items() if not field.alias}
    assert set(json.loads(record.wire())) <= aliases | plain
    for name, field in model.model_fields.items():
        if field.alias and (value := json.loads(record.wire()).get(field.alias)) is not None:
            assert name in refused(model, MADE[model](**{field.alias: None, name: value}))


@each_record
def test_an_unknown_member_is_refused(model: type[WireModel]) -> None:
    assert "extra_forbidden" in refused(model, MADE[model](nickname="x"))


@each_record
def test_null_is_the_same_as_absent(model: type[WireModel]) -> None:
    record = model.read(MADE[model]())
    sent = json.loads(record.wire())
    for name, field in model.model_fields.items():
        member = field.alias or name
        with_null = json.dumps({**sent, member: None}).encode()
        without = as_json({**sent, member: None})
        if field.is_required():
            assert member in refused(model, with_null)
            assert member in refused(model, without)
        elif name not in ("findings", "intentions", "qualifications"):
            assert _read_or_refused(model, with_null) == _read_or_refused(model, without)


def _read_or_refused(model: type[WireModel], body: bytes) -> WireModel | None:
    try:
        return model.read(body)
    except ValidationError:
        return None


@each_record
def test_a_record_cannot_be_changed(model: type[WireModel]) -> None:
    record = model.read(MADE[model]())
    with pytest.raises(ValidationError):
        setattr(record, next(iter(model.model_fields)), "x")


@each_record
def test_nothing_is_bent_into_its_type(model: type[WireModel]) -> None:
    sent = json.loads(MADE[model]())
    for member, value in sent.items():
        if isinstance(value, str):
            for other in (1, True, [value], {"a": value}):
                assert member in refused(model, json.dumps({**sent, member: other}))


@pytest.mark.parametrize("revision", ["1", 1.5, True, 0, -1, 10_000, None])
def test_a_revision_is_a_whole_number_from_1(revision: object) -> None:
    assert "revision" in outcome_refused(revision=revision)


@pytest.mark.parametrize("given", ["true", 1, "1", None])
def test_a_commitment_is_given_or_not(given: object) -> None:
    commitment = {"given": given, "date": "2026-03-01", "text_version": "2020-1"}
    assert "commitment.given" in application_refused(commitment=commitment)


def test_an_error_shows_no_value() -> None:
    values = (NAME, MOBILE, ADDRESS, citizen_number())
    said = application_refused(
        aac003=f"{NAME}\n",
        aac067=f"{MOBILE}0",
        aac010=f"{ADDRESS}\x01",
        aac147=f"{citizen_number()} ",
        aac033="5",
    )
    assert not [value for value in values if value in said]


# Text


@pytest.mark.parametrize(
    "name",
    [
        "阿依古丽·买买提",
        "𠮷田䶮",
        "𬭚𫖯𬀩﨑㛃堃",
        "é",
        "e\u0301",
        "ﬁ",
        "𠮷" * 50,
        "阿·" * 25,
        " 张 伟 ",
        'O\'Neil "Q" \\',
    ],
)
def test_a_name_survives_byte_exact(name: str) -> None:
    record = an_application(aac003=name)
    assert record.name == name
    assert json.loads(record.wire())["aac003"] == name
    assert json.dumps(name, ensure_ascii=False).encode() in record.wire()


@pytest.mark.parametrize("name", ["", "𠮷" * 51, "张\n伟", "张\x00伟", "张\x7f伟", "张\x85伟"])
def test_a_name_is_1_to_50_characters_on_one_line(name: str) -> None:
    assert "aac003" in application_refused(aac003=name)


@pytest.mark.parametrize(
    ("member", "longest"),
    [("aac010", 200), ("aac026", 200), ("other_contact", 100), ("aae013", 500)],
)
def test_text_has_a_length_in_characters(member: str, longest: int) -> None:
    kept = json.loads(an_application(**{member: "𠮷" * longest}).wire())[member]
    assert kept == "𠮷" * longest
    assert member in application_refused(**{member: "𠮷" * (longest + 1)})
    assert member in application_refused(**{member: ""})


def test_remarks_may_break_lines_be_indented_and_hold_no_other_control_character() -> None:
    assert an_application(aae013="一\r\n\t二").remarks == "一\r\n\t二"
    for control in ("\x00", "\x08", "\x0b", "\x1b", "\x9f"):
        assert "aae013" in application_refused(aae013=f"一{control}二")


@pytest.mark.parametrize("control", ["\x00", "\x1b", "\x7f"])
def test_a_note_on_the_reason_holds_no_control_character(control: str) -> None:
    assert "reason_note" in application_refused(ajc093="90", reason_note=f"一{control}二")


@pytest.mark.parametrize(
    ("member", "good", "bad"),
    [
        ("application_no", ("S", "~" * 40, "a/b:c"), ("", "~" * 41, "S 1", "申1", "S\n")),
        ("aac067", ("13000000000", "19999999999"), ("12000000000", "1380000000", "１３800000000")),
        ("aac147", ("1", "H12345678"), ("", "x" * 31, "1 2", "号1")),
        (
            "aab299",
            ("410105", "410105001", "410105001002"),
            ("4101", "4101050", "41010A", "４10105"),
        ),
        ("place_division", ("410105", "410105001002"), ("", "41010500100200")),
        ("aae005", ("0371-65000000", "+86 (371) 1"), ("12", "电话", "x" * 5)),
        (
            "aae015",
            ("a@b.cn",),
            ("a@b@c", "ab", "@b", "a@", "张@b.cn", "a@b.cn\n", "a" * 49 + "@b"),
        ),
        ("ajc174", ("0", "1"), ("2", "", "是", "01")),
        ("code_set", ("2016", "2010"), ("16", "20166", "")),
        (
            "trace_id",
            ("0af7651916cd43dd8448eb211c80319c",),
            ("0AF7651916CD43DD8448EB211C80319C", "x"),
        ),
        ("aac005", ("01", "A-1"), ("", "01234567890", "汉")),
    ],
)
def test_a_member_has_the_characters_of_its_kind(
    member: str, good: tuple[str, ...], bad: tuple[str, ...]
) -> None:
    for value in good:
        assert json.loads(an_application(**{member: value}).wire())[member] == value
    for value in bad:
        assert member in application_refused(**{member: value})


# Time


@pytest.mark.parametrize(
    "instant",
    ["2026-03-02T08:55:00+08:00", "2026-03-02T00:55:00Z", "2026-03-02T00:55:00.123456Z"],
)
def test_an_instant_has_an_offset(instant: str) -> None:
    record = an_application(submitted_at=instant)
    assert record.submitted_at.utcoffset() is not None
    assert ForwardedApplication.read(record.wire()).submitted_at == record.submitted_at


@pytest.mark.parametrize(
    "instant",
    [
        "2026-03-02T08:55:00",
        "2026-03-02",
        "2026-03-02 08:55:00Z",
        "2026-03-02T08:55Z",
        "2026-03-02T25:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-03-02T08:55:00.1234567Z",
        "2026-03-02T08:55:00+0800",
        "2026-03-02t08:55:00z",
        "1772412900",
        1772412900,
    ],
)
def test_what_is_no_instant_is_refused(instant: object) -> None:
    assert "submitted_at" in application_refused(submitted_at=instant)


@pytest.mark.parametrize(
    "day", ["2026-02-29", "2026-2-1", "20260201", "2026-02-01T00:00:00Z", "2026/02/01", 20260201]
)
def test_what_is_no_date_is_refused(day: object) -> None:
    assert "ajc090" in application_refused(ajc090=day)


def test_a_civil_date_is_never_converted() -> None:
    assert json.loads(an_application(ajc090="2026-02-10").wire())["ajc090"] == "2026-02-10"
