"""Refusals of settings, keys, TLS and stores: each reason has its Chinese beside its English."""

import ast
import importlib
import re
from collections.abc import Iterator
from typing import Final

import pytest

from contracts.compat.change_texts import CHANGE_TEXTS
from contracts.compat.changes import ChangeRule
from contracts.lint.violation import LintCode
from contracts.lint.violation_texts import LINT_TEXTS
from duijie.reason_words import ALL_REASON_TEXTS
from schemas.reasons.quotation_texts import QUOTATION_TEXTS, describe_quotation, original_of
from schemas.reasons.quotations import Quotation, Source
from schemas.reasons.reason import Reason, ReasonCode, ReasonedError
from schemas.reasons.reason_texts import describe_reasons, parameters_of
from schemas.reasons.settings_file_reasons import SettingsFileReason
from schemas.reference.table_reasons import TableReason
from storage.reasons import StoreReason
from tests.support.tree import ROOT
from tests.unit.test_wording import halves_in, is_chinese, marks_in, retired_in

_LISTS: Final = re.compile(r"^class (\w+)\(ReasonCode\):", re.MULTILINE)
_PACKAGES: Final = ("schemas", "storage", "transport", "gateway", "simulator", "duijie")
_NAMES: Final = re.compile(r"\{\w+\}|duijie [a-z -]+|\w*[_./=]\w*")
"""Parameters, commands, files and settings: what is the same in every language."""
_NAMES_ONLY: Final = re.compile(r"^\{\w+\}$")
"""A text that only hands on what another one says."""


def lists_of_reasons() -> Iterator[type[ReasonCode]]:
    """Yield every closed list of reasons that the product has, wherever it stands."""
    for package in _PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for name in _LISTS.findall(path.read_text(encoding="utf-8")):
                module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
                yield getattr(importlib.import_module(module), name)


REASONS: Final = tuple(reason for closed in lists_of_reasons() for reason in closed)


def test_the_lists_of_all_programs_are_found() -> None:
    modules = {type(reason).__module__.partition(".")[0] for reason in REASONS}
    assert modules == {"schemas", "storage", "transport", "gateway", "simulator"}


def test_no_two_reasons_share_a_code() -> None:
    codes = [str(reason) for reason in REASONS]
    assert sorted({code for code in codes if codes.count(code) > 1}) == []


@pytest.mark.parametrize("reason", REASONS, ids=str)
def test_a_reason_is_said_in_chinese_with_the_parameters_of_its_english(reason: ReasonCode) -> None:
    assert not is_chinese(reason.english), "the log is English"
    text = ALL_REASON_TEXTS[reason]
    said = parameters_of(text.cause) | parameters_of(text.cure)
    assert said == parameters_of(reason.english)
    for part in (text.cause, text.cure):
        words = _NAMES.sub("", part)
        assert _NAMES_ONLY.match(part) or is_chinese(words)
        assert halves_in(words) + marks_in(part) + retired_in(part) == []
    assert text.cure.startswith(("请", "百分号", "用户名", "文件名", "主机", "确", "unix")), (
        "a cure"
    )


@pytest.mark.parametrize("code", LintCode, ids=str)
def test_what_lint_finds_is_said_in_chinese(code: LintCode) -> None:
    text = LINT_TEXTS[code]
    said = parameters_of(text.cause) | parameters_of(text.cure)
    assert said == parameters_of(code.english)
    assert is_chinese(_NAMES.sub("", text.cause))
    assert "请" in text.cure
    assert halves_in(_NAMES.sub("", text.cause)) + marks_in(text.cause) == []


@pytest.mark.parametrize("rule", ChangeRule, ids=str)
def test_a_change_of_the_contract_is_said_in_chinese(rule: ChangeRule) -> None:
    text = CHANGE_TEXTS[rule]
    assert parameters_of(text) == parameters_of(rule.english)
    assert is_chinese(_NAMES.sub("", text))
    assert halves_in(text) + marks_in(text) + retired_in(text) == []


def test_no_text_is_left_of_a_reason_that_is_gone() -> None:
    assert sorted(ALL_REASON_TEXTS.keys() - set(REASONS)) == []


@pytest.mark.parametrize("key", QUOTATION_TEXTS, ids=str)
def test_what_others_say_is_told_in_chinese(key: tuple[Source, str]) -> None:
    assert is_chinese(re.sub(r"\{\w+\}", "", QUOTATION_TEXTS[key]))
    assert halves_in(QUOTATION_TEXTS[key]) == []


def test_what_has_no_words_goes_by_its_code_and_is_quoted_on_a_line_of_its_own() -> None:
    said = Quotation(Source.SQLITE, "SQLITE_NOLFS", "large file support is disabled")
    assert describe_quotation(said) == "SQLite 错误 SQLITE_NOLFS"
    assert original_of(said) == "原文：large file support is disabled"


def test_the_place_that_all_reasons_share_is_said_once() -> None:
    reasons = (
        StoreReason.URL_PORT.at("gateway.toml", "store"),
        StoreReason.NO_WAL.at("gateway.toml", "ledger"),
    )
    described = describe_reasons(reasons, ALL_REASON_TEXTS)
    assert described.place == "gateway.toml"
    assert described.cause.splitlines() == [
        "store：端口须为 1 至 65535；请改正端口",
        "ledger：此文件系统不支持 WAL；请将台账放在本地磁盘",
    ]
    assert described.cure == "请逐项改正后重新运行"
    assert str(ReasonedError(*reasons)) == (
        "gateway.toml: store: the port is not a number from 1 to 65535; correct it; "
        "ledger: no WAL on this file system; use a local disk"
    )


def test_the_cure_stands_beside_its_cause_and_before_what_is_quoted() -> None:
    said = Quotation(Source.POSTGRESQL, "", "connection refused")
    reasons = (
        StoreReason.POSTGRESQL_FAILED.at(said=said),
        StoreReason.NO_WAL.at(),
    )
    cause = describe_reasons(reasons, ALL_REASON_TEXTS).cause
    assert cause.splitlines()[0].startswith("无法连接数据库服务器；请核对 store")
    assert cause.splitlines()[1] == "原文：connection refused"


def test_names_are_listed_in_the_manner_of_each_language() -> None:
    missing = SettingsFileReason.MISSING.at(count=2, names=("store", "portal.url"))
    assert str(missing) == "2 settings are missing: store, portal.url"
    assert describe_reasons([missing], ALL_REASON_TEXTS).cause == "缺少 2 项设置：store、portal.url"


def test_a_reason_within_a_reason_is_told_in_chinese() -> None:
    cells = TableReason.CELLS.at(found=3, wanted=4)
    fault = TableReason.AT_LINE.at(file="2027.csv", line=2, fault=cells)
    assert describe_reasons([fault], ALL_REASON_TEXTS).cause == (
        "2027.csv 第 2 行：该行有 3 格，须为 4 格"
    )
    assert str(fault) == "2027.csv line 2: 3 cells, not 4"


def test_no_english_sentence_of_an_error_is_printed_but_as_a_quotation() -> None:
    """The command line says what an error means; only an original, marked as one, is quoted."""
    printed = [
        f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
        for path in (ROOT / "duijie").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if _prints_an_error(node)
    ]
    assert printed == []


def _prints_an_error(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="str"), args=[ast.Name(id="exc" | "error")]):
            return True
        case ast.JoinedStr(values=values):
            words = "".join(str(one.value) for one in values if isinstance(one, ast.Constant))
            shown = any(
                isinstance(one, ast.FormattedValue)
                and isinstance(one.value, ast.Name)
                and one.value.id in {"exc", "error"}
                for one in values
            )
            return shown and "原文：" not in words
        case _:
            return False


def test_a_reason_carries_no_value_that_its_sentence_does_not_say() -> None:
    reason = Reason(StoreReason.TOO_OLD, {"version": 12, "oldest": 14}, ("postgresql",))
    assert str(reason) == "postgresql: version 12; use 14 or newer"


def texts_that_go_out() -> Iterator[tuple[str, str]]:
    """Yield the words of each refusal that is sent as they are: to a browser or a caller."""
    files = [*(ROOT / "simulator").rglob("*.py"), *(ROOT / "schemas" / "calls").rglob("*.py")]
    for path in files:
        name = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                is_checked_here = name.startswith("simulator/web/") or node.func.id != "ValueError"
                said = " ".join(_words_of(node.func.id, node))
                if said and is_checked_here:
                    yield f"{name}:{node.lineno}", said


def _words_of(called: str, node: ast.Call) -> Iterator[str]:
    """Yield the texts of a refusal's detail, or of what a validator says of a member."""
    match called:
        case "RequestRefused" | "CallRefused":
            said = node.args[1:2]
        case "unfit_member":
            said = [one.value for one in node.keywords if one.arg == "text"]
        case "ValueError":
            said = node.args[:1]
        case _:
            return
    for part in said:
        for one in ast.walk(part):
            if isinstance(one, ast.Constant) and isinstance(one.value, str):
                yield one.value


def test_what_a_caller_of_the_simulator_is_told_is_chinese() -> None:
    said = dict(texts_that_go_out())
    assert len(said) > 10
    assert {where: text for where, text in said.items() if not is_chinese(text)} == {}
