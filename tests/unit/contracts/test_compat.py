"""Comparing two versions: every kind of breaking change is found, in its direction, with proof."""

import copy
import json
from collections.abc import Callable, Mapping
from typing import Any

import jsonschema_rs
import pytest

from contracts.compat.changes import ROLL_OUT, ChangeRule, ContractChange, Impact, joined
from contracts.compat.compare import compare
from contracts.publish.export import generated

OLD: Mapping[str, bytes] = generated()
Document = dict[str, Any]
APPLICATION, OUTCOME = "jsonschema/application.json", "jsonschema/outcome.json"
FEED, NATIONAL = "jsonschema/feed-page.json", "openapi/national.json"


def changed(file: str, edit: Callable[[Document], object]) -> Mapping[str, bytes]:
    """Return the contract with one JSON file edited."""
    document = json.loads(OLD[file])
    before = copy.deepcopy(document)
    edit(document)
    assert document != before, "the edit changed nothing"
    return {**OLD, file: json.dumps(document).encode()}


def prop(document: Document, name: str) -> Document:
    found: Document = document["properties"][name]
    return found


def path(document: Document, name: str = "/national/v1/outcomes") -> Document:
    found: Document = document["paths"][name]
    return found


# fmt: off
# ruff: noqa: E501 — one change a line reads as a table
RECORD_CHANGES: list[tuple[str, str, Impact, Callable[[Document], object]]] = [
    ("member-added", OUTCOME, Impact.WIDENS, lambda d: d["properties"].update(x={"type": "string"})),
    ("member-removed", OUTCOME, Impact.NARROWS, lambda d: d["properties"].pop("remarks")),
    ("member-removed", OUTCOME, Impact.BOTH, lambda d: (d["properties"].pop("aae019"), d["required"].remove("aae019"))),
    ("required-added", OUTCOME, Impact.NARROWS, lambda d: d["required"].append("contact")),
    ("required-dropped", OUTCOME, Impact.WIDENS, lambda d: d["required"].remove("aae019")),
    ("opened", OUTCOME, Impact.WIDENS, lambda d: d.update(additionalProperties=True)),
    ("value-added", OUTCOME, Impact.WIDENS, lambda d: d["$defs"]["RefusalReason"]["enum"].append("08")),
    ("value-removed", OUTCOME, Impact.NARROWS, lambda d: d["$defs"]["RefusalReason"]["enum"].remove("07")),
    ("type", OUTCOME, Impact.WIDENS, lambda d: prop(d, "revision").update(type=["integer", "string"])),
    ("type", OUTCOME, Impact.BOTH, lambda d: prop(d, "revision").update(type="string")),
    ("bound", OUTCOME, Impact.WIDENS, lambda d: prop(d, "aae020").update(maxLength=120)),
    ("bound", OUTCOME, Impact.NARROWS, lambda d: prop(d, "aae020").update(maxLength=50)),
    ("bound", OUTCOME, Impact.WIDENS, lambda d: prop(d, "revision").update(minimum=0)),
    ("bound", OUTCOME, Impact.NARROWS, lambda d: prop(d, "revision").update(maximum=99)),
    ("bound", APPLICATION, Impact.WIDENS, lambda d: prop(d, "intentions").update(maxItems=5)),
    ("bound", FEED, Impact.NARROWS, lambda d: prop(d, "items").update(maxItems=100)),
    ("pattern", OUTCOME, Impact.NARROWS, lambda d: prop(d, "aae017").update(pattern="^[0-9]{1,20}$")),
    ("pattern", OUTCOME, Impact.WIDENS, lambda d: prop(d, "aae022").update(pattern="^[0-9]{1,12}$")),
    ("pattern", OUTCOME, Impact.WIDENS, lambda d: prop(d, "aae020").pop("pattern")),
    ("format", APPLICATION, Impact.WIDENS, lambda d: prop(d, "ajc090").pop("format")),
    ("condition", OUTCOME, Impact.WIDENS, lambda d: d["allOf"].pop()),
    ("condition", APPLICATION, Impact.WIDENS, lambda d: d.pop("allOf")),
    ("condition", OUTCOME, Impact.NARROWS, lambda d: d["allOf"].append({"required": ["contact"]})),
    ("member-added", FEED, Impact.WIDENS, lambda d: d["$defs"]["Withdrawal"]["properties"].update(x={"type": "string"})),
    ("values", OUTCOME, Impact.WIDENS, lambda d: (prop(d, "review_state").pop("const"), prop(d, "review_state").update(type="string"))),
]
DOCUMENT_CHANGES: list[tuple[str, Impact, Callable[[Document], object]]] = [
    ("operation-removed", Impact.NARROWS, lambda d: d["paths"].pop("/national/v1/ping")),
    ("operation-removed", Impact.NARROWS, lambda d: path(d).update(put=path(d).pop("post"))),
    ("status-added", Impact.WIDENS, lambda d: path(d)["post"]["responses"].update({"423": {}})),
    ("status-removed", Impact.BOTH, lambda d: path(d)["post"]["responses"].pop("200")),
    ("security", Impact.BOTH, lambda d: d["security"].append({})),
    ("security", Impact.BOTH, lambda d: path(d)["post"].update(security=[])),
    ("operation-id", Impact.BOTH, lambda d: path(d)["post"].update(operationId="sendOutcomes")),
    ("content", Impact.BOTH, lambda d: path(d)["post"]["requestBody"]["content"].update({"text/csv": {}})),
    ("parameter", Impact.BOTH, lambda d: path(d, "/national/v1/applications")["get"]["parameters"][0]["schema"].update(maximum=50)),
    ("parameter-removed", Impact.NARROWS, lambda d: path(d, "/national/v1/applications")["get"]["parameters"].pop()),
    ("parameter-added", Impact.NARROWS, lambda d: path(d)["post"].update(parameters=[{"name": "x", "in": "query", "required": True}])),
]
# fmt: on
LOCAL_KEY = ["division", "local_serial"]
ONE_KEY_FORM_BY_ALTERNATIVES: Document = {
    "oneOf": [
        {
            "required": ["application_no"],
            "properties": {
                "application_no": {"not": {"type": "null"}},
                **{name: {"type": "null"} for name in LOCAL_KEY},
            },
        },
        {
            "required": LOCAL_KEY,
            "properties": {
                "application_no": {"type": "null"},
                **{name: {"not": {"type": "null"}} for name in LOCAL_KEY},
            },
        },
    ]
}
HARMLESS: list[tuple[str, Callable[[Document], object]]] = [
    (OUTCOME, lambda d: d.update(description="another text")),
    (OUTCOME, lambda d: prop(d, "aae020").update(title="经办机构", description="another text")),
    (OUTCOME, lambda d: d["properties"]["aae020"].pop("x-duijie")),
    (OUTCOME, lambda d: d["required"].reverse()),
    (OUTCOME, lambda d: d["allOf"].__setitem__(0, ONE_KEY_FORM_BY_ALTERNATIVES)),
    (NATIONAL, lambda d: d["info"].update(description="another text")),
    (NATIONAL, lambda d: path(d)["post"].update(summary="another text", tags=["x"])),
    (NATIONAL, lambda d: d["components"]["responses"]["BadRequest"].update(description="x")),
]


def takes(content: bytes, counterexample: str) -> bool:
    schema = jsonschema_rs.Draft202012Validator(json.loads(content), validate_formats=True)
    return schema.is_valid(json.loads(counterexample))


@pytest.mark.parametrize(("rule", "file", "impact", "edit"), RECORD_CHANGES)
def test_a_change_of_a_record_is_found_with_a_counterexample(
    rule: str, file: str, impact: Impact, edit: Callable[[Document], object]
) -> None:
    new = changed(file, edit)
    found = [change for change in compare(OLD, new) if change.rule == rule]
    assert [change.impact for change in found] == [impact]
    counterexample = found[0].counterexample
    assert counterexample is not None
    taken = (takes(OLD[file], counterexample), takes(new[file], counterexample))
    if impact is Impact.BOTH:
        assert taken in {(True, False), (False, True)}
    else:
        assert taken == ((False, True) if impact is Impact.WIDENS else (True, False))


@pytest.mark.parametrize(("rule", "impact", "edit"), DOCUMENT_CHANGES)
def test_a_change_of_the_operations_is_found(
    rule: str, impact: Impact, edit: Callable[[Document], object]
) -> None:
    found = [change for change in compare(OLD, changed(NATIONAL, edit)) if change.rule == rule]
    assert [change.impact for change in found] == [impact]
    assert found[0].breaking


@pytest.mark.parametrize(("file", "edit"), HARMLESS)
def test_words_or_another_spelling_break_nothing(
    file: str, edit: Callable[[Document], object]
) -> None:
    assert [change for change in compare(OLD, changed(file, edit)) if change.breaking] == []


def test_a_rule_that_differs_in_one_case_is_no_other_spelling() -> None:
    wider = copy.deepcopy(ONE_KEY_FORM_BY_ALTERNATIVES)
    wider["oneOf"][1]["properties"].pop("application_no")
    new = changed(OUTCOME, lambda d: d["allOf"].__setitem__(0, wider))
    assert [change.rule for change in compare(OLD, new)] == ["condition"]


def test_the_same_contract_has_no_change() -> None:
    assert compare(OLD, OLD) == ()


def test_the_same_change_backwards_has_the_other_direction() -> None:
    new = changed(OUTCOME, lambda d: prop(d, "aae020").update(maxLength=120))
    (there,) = compare(OLD, new)
    (back,) = compare(new, OLD)
    assert (there.impact, back.impact) == (Impact.WIDENS, Impact.NARROWS)
    assert there.roll_out == ROLL_OUT[Impact.WIDENS]


def test_a_new_operation_breaks_nobody() -> None:
    new = changed(NATIONAL, lambda d: d["paths"].update({"/x": {"get": {"responses": {}}}}))
    assert [(one.rule, one.breaking) for one in compare(OLD, new)] == [("operation-added", False)]


@pytest.mark.parametrize(
    ("old", "new", "rule", "impact"),
    [
        (b"0,", b"7,", {"code-removed", "code-added"}, {Impact.NARROWS, Impact.NONE}),
        ("未知".encode(), "不详".encode(), set(), set()),
    ],
)
def test_a_code_table_changes_by_its_codes_and_not_by_its_names(
    old: bytes, new: bytes, rule: set[str], impact: set[Impact]
) -> None:
    table = OLD["codes/aac004.csv"]
    assert old in table
    found = compare(OLD, {**OLD, "codes/aac004.csv": table.replace(old, new, 1)})
    assert {change.rule for change in found} == rule
    assert {change.impact for change in found} == impact


@pytest.mark.parametrize(
    ("old", "new", "rule", "impact"),
    [
        (b"\ncase.stale,", b"\ncase.overtaken,", {"error-added", "error-removed"}, Impact.NONE),
        (b"outcome.conflict,409", b"outcome.conflict,422", {"error-status"}, Impact.BOTH),
        ("核对分派单号".encode(), "请核对".encode(), set(), Impact.NONE),
    ],
)
def test_the_error_catalogue_changes_by_its_codes_and_statuses_and_not_by_its_words(
    old: bytes, new: bytes, rule: set[str], impact: Impact
) -> None:
    catalogue = OLD["errors.csv"]
    assert old in catalogue
    found = compare(OLD, {**OLD, "errors.csv": catalogue.replace(old, new, 1)})
    assert {change.rule for change in found} == rule
    assert joined(*(change.impact for change in found)) is impact


def test_a_record_that_is_not_published_any_more_is_missed() -> None:
    left = {name: content for name, content in OLD.items() if name != OUTCOME}
    (gone,) = compare(OLD, left)
    (added,) = compare(left, OLD)
    assert (gone.rule, gone.breaking) == ("file-removed", True)
    assert (added.rule, added.breaking) == ("file-added", False)


def test_impacts_add_up() -> None:
    assert joined() is Impact.NONE
    assert joined(Impact.NONE, Impact.WIDENS) is Impact.WIDENS
    assert joined(Impact.NARROWS, Impact.WIDENS) is Impact.BOTH
    assert not ContractChange(ChangeRule.FILE_ADDED, "f", "", Impact.NONE).breaking
