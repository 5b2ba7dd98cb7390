"""`duijie contract`: what it prints and how it ends."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from contracts.publish.export import PUBLISHED
from contracts.publish.export import export as export_files
from duijie.commands.contract import docs, explain_term, export, lint_contract
from duijie.errors import CliError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(PUBLISHED / "lifecycle.json", tmp_path / "lifecycle.json")
    return tmp_path


def test_export_writes_once_and_then_finds_nothing_to_do(folder: Path) -> None:
    first = CliRunner().invoke(export, ["--folder", str(folder)])
    again = CliRunner().invoke(export, ["--folder", str(folder)])
    assert "已更新 openapi/national.json" in first.output
    assert again.output == "接口约定文件均为最新。\n"


def test_export_may_only_compare(folder: Path) -> None:
    compared = CliRunner().invoke(
        export, ["--folder", str(folder), "--check"], standalone_mode=False
    )
    assert compared.return_value == 4
    assert [path.name for path in folder.iterdir()] == ["lifecycle.json"]
    export_files(folder)
    again = CliRunner().invoke(export, ["--folder", str(folder), "--check"], standalone_mode=False)
    assert again.return_value == 0


def test_lint_ends_with_4_when_something_is_wrong(folder: Path) -> None:
    export_files(folder)
    good = CliRunner().invoke(lint_contract, ["--folder", str(folder)], standalone_mode=False)
    assert (good.return_value, good.output) == (0, "接口约定检查通过。\n")
    (folder / "fields.csv").write_text("")
    bad = CliRunner().invoke(
        lint_contract, ["--folder", str(folder), "--json"], standalone_mode=False
    )
    assert bad.return_value == 4
    assert {"published", "lock"} == {one["rule"] for one in json.loads(bad.output)}


def test_explain_prints_clause_code_and_proof() -> None:
    text = CliRunner().invoke(explain_term, ["NAT-32"]).output
    assert text.startswith("NAT-32 人社厅发〔2020〕3号\n")
    listed = json.loads(CliRunner().invoke(explain_term, ["duijie.conflict", "--json"]).output)
    assert "outcome.conflict 同一版次内容不同" in [one["heading"] for one in listed]


def test_a_slip_is_answered_with_what_was_meant() -> None:
    result = CliRunner().invoke(explain_term, ["outcome.conflit"])
    assert isinstance(result.exception, CliError)
    assert "outcome.conflict" in result.exception.cure
    assert result.exception.exit_code == 2


def test_docs_writes_one_page(tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    assert "已生成" in CliRunner().invoke(docs, ["--out", str(out)]).output
    assert out.read_text("utf-8").startswith("<!doctype html>")


def test_a_page_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    result = CliRunner().invoke(docs, ["--out", str(tmp_path / "nowhere" / "page.html")])
    assert isinstance(result.exception, CliError)
