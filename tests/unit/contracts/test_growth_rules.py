"""What may be added to a closed contract: by a rule that the documents bear out, not otherwise."""

import copy
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from contracts.compat.changes import ORDERS, ContractChange, GrowthRule, Pairing
from contracts.compat.compare import compare
from contracts.publish.export import files_in, generated
from duijie.cli import run
from duijie.commands.contract_compat import BREAKING, RELEASED

OLD: Mapping[str, bytes] = files_in(RELEASED / "1.0.0")
NEW: Mapping[str, bytes] = generated()
Document = dict[str, Any]
Edit = Callable[[Document], object]
FEED, NATIONAL = "jsonschema/feed-page.json", "openapi/national.json"
PROVINCE, RECEIPT = "openapi/province.json", "jsonschema/receipt.json"
DOWNLOAD = "/national/v1/applications"
BOTH_WAYS = frozenset(Pairing)
OLD_CALLER, OLD_SERVER = (frozenset({one}) for one in Pairing)


def edited(files: Mapping[str, bytes], file: str, edit: Edit) -> Mapping[str, bytes]:
    """Return the files with one JSON file edited."""
    document = json.loads(files[file])
    before = copy.deepcopy(document)
    edit(document)
    assert document != before, "the edit changed nothing"
    return {**files, file: json.dumps(document).encode()}


def broken(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> list[ContractChange]:
    return [one for one in compare(old, new) if one.breaking]


def operation(document: Document, path: str = DOWNLOAD, method: str = "get") -> Document:
    found: Document = document["paths"][path][method]
    return found


def test_what_is_asked_for_breaks_nobody_and_says_why() -> None:
    (change,) = [one for one in compare(OLD, NEW) if one.file == FEED]
    assert (change.rule, change.allowance, change.params["by"]) == (
        *("member-added", GrowthRule.ASKED, "positions"),
    )
    assert change.counterexample is not None, "a reader of 1.0 would refuse it all the same"


# Planted: an addition without its rule is a break, in its direction


def no_mark(document: Document) -> None:
    document["properties"]["positions"].pop("x-duijie")


def other_parameter(document: Document) -> None:
    document["properties"]["positions"]["x-duijie"]["by"] = "places"


def required(document: Document) -> None:
    document["required"].append("positions")


@pytest.mark.parametrize("edit", [no_mark, other_parameter])
def test_a_member_that_nobody_asks_for_breaks_older_callers(edit: Edit) -> None:
    (change,) = broken(OLD, edited(NEW, FEED, edit))
    assert (change.rule, change.breaks) == ("member-added", OLD_CALLER)


def test_a_member_that_comes_unasked_breaks_older_callers_whatever_its_mark_says() -> None:
    def drop(document: Document) -> None:
        of = operation(document)
        of["parameters"] = [one for one in of["parameters"] if one.get("name") != "positions"]

    (change,) = broken(OLD, edited(NEW, NATIONAL, drop))
    assert (change.file, change.breaks) == (FEED, OLD_CALLER)


def test_a_member_for_which_one_has_to_ask_breaks_older_callers() -> None:
    def demand(document: Document) -> None:
        (asked,) = [
            one for one in operation(document)["parameters"] if one.get("name") == "positions"
        ]
        asked["required"] = True

    changes = broken(OLD, edited(NEW, NATIONAL, demand))
    assert {one.rule for one in changes} == {"parameter-added", "member-added"}
    assert {one.breaks for one in changes} == {OLD_CALLER}


def test_a_member_that_must_be_there_breaks_both() -> None:
    changes = broken(OLD, edited(NEW, FEED, required))
    assert [(one.rule, one.breaks) for one in changes] == [("member-added", BOTH_WAYS)]


def test_a_mark_allows_no_request_to_ask_for_more() -> None:
    def narrower(document: Document) -> None:
        document["properties"]["key"]["pattern"] = "^[!-~]{1,50}$"

    (change,) = [one for one in broken(OLD, edited(NEW, RECEIPT, narrower)) if one.file == RECEIPT]
    assert (change.rule, change.allowance) == ("pattern", None)


def test_an_alternative_without_its_mark_breaks_older_servers() -> None:
    def unmarked(document: Document) -> None:
        said = document["$defs"]["PositionAcknowledgement"]["x-duijie"]
        said.pop("sent")

    file = "jsonschema/acknowledgement-batch.json"
    (change,) = broken(OLD, edited(NEW, file, unmarked))
    assert (change.rule, change.breaks) == ("alternative-added", OLD_SERVER)


def test_an_alternative_that_is_gone_breaks_older_callers() -> None:
    file = "jsonschema/acknowledgement-batch.json"
    gone = [one for one in broken(NEW, OLD) if one.file == file]
    assert [(one.rule, one.breaks) for one in gone] == [("alternative-removed", OLD_CALLER)]


def test_what_was_built_before_may_not_change_as_what_was_not() -> None:
    def built(document: Document) -> None:
        operation(document, "/agency/v1/deregistrations", "post")["x-duijie"]["built"] = True

    changes = broken(edited(OLD, PROVINCE, built), NEW)
    assert {one.file for one in changes} == {
        "jsonschema/deregistration.json",
        "jsonschema/deregistration-batch.json",
    }
    assert {"condition", "values"} <= {one.rule for one in changes}


def test_a_part_that_may_be_null_is_looked_into() -> None:
    def unmarked(document: Document) -> None:
        document["$defs"]["Receipt"]["properties"]["kind"].pop("x-duijie")

    file = "jsonschema/batch-answer.json"
    (change,) = broken(OLD, edited(NEW, file, unmarked))
    assert (change.place, change.rule) == ("/results/0/receipt/kind", "value-added")
    assert change.breaks == OLD_CALLER


@pytest.mark.parametrize(
    ("code", "status", "allowed"),
    [
        ("outcome.new-reason", "409", True),
        ("outcome.new-reason", "418", False),
        ("Outcome_NewReason", "409", False),
    ],
)
def test_an_error_code_may_be_new_where_its_status_and_its_shape_are_known(
    code: str, status: str, allowed: bool
) -> None:
    row = f"{code},urn:duijie:problem:{code},{status},t,c,c,c,r\n"
    (change,) = compare(OLD, {**OLD, "errors.csv": OLD["errors.csv"] + row.encode()})
    assert change.allowance is (GrowthRule.OPEN if allowed else None)
    assert change.breaks == (frozenset() if allowed else OLD_CALLER)


@pytest.mark.parametrize(
    ("file", "edit", "breaks"),
    [
        ("jsonschema/outcome-batch.json", "wider", OLD_SERVER),
        ("jsonschema/outcome-batch.json", "narrower", OLD_CALLER),
        ("jsonschema/case-view.json", "wider", OLD_CALLER),
        ("jsonschema/case-view.json", "narrower", OLD_SERVER),
    ],
)
def test_a_change_breaks_whoever_reads_what_the_other_sends(
    file: str, edit: str, breaks: frozenset[Pairing]
) -> None:
    def change(document: Document) -> None:
        inside = document["$defs"]["Outcome"] if "outcome" in file else document
        member = inside["properties"]["revision"]
        member["maximum"] = 99_999 if edit == "wider" else 99

    (found,) = broken(NEW, edited(NEW, file, change))
    assert (found.rule, found.breaks) == ("bound", breaks)


def test_every_pair_of_sides_has_its_order() -> None:
    assert len({*ORDERS.values()}) == 4
    assert {*map(len, ORDERS)} == {0, 1, 2}


def test_the_command_says_whom_a_break_breaks(
    tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, content in edited(NEW, FEED, no_mark).items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    words = ["contract", "compat", "--base", "1.0.0", "--folder", str(tmp_path)]
    assert run(words) == BREAKING
    said = capsys.readouterr().out.splitlines()[-3:]
    assert said == [
        "旧版调用方对新版服务方：不兼容（1 项）",
        "新版调用方对旧版服务方：兼容",
        "升级次序：先升级全部调用方，后升级服务方",
    ]
