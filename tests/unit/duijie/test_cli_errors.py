"""What a person reads when something expected goes wrong."""

from pathlib import Path

import pytest

from duijie.cli_errors import cli_errors, ledger_errors
from duijie.errors import FAILED, UNREACHABLE, USAGE, CliError
from gateway.errors import (
    IllegalStep,
    Misconfigured,
    PeerFailure,
    PeerRefused,
    PeerUnavailable,
)
from gateway.settings_file import load_settings
from schemas.reasons.quotations import Quotation, Source
from schemas.reasons.reason import ReasonedError
from schemas.reasons.settings_file_reasons import SettingsFileReason
from schemas.signing import KeyRejected, SignatureErrorCode
from schemas.signing.key_reasons import KeyReason
from simulator.config import SimulatorSettings
from storage.errors import StoreOwned, StoreUnavailable
from storage.reasons import StoreReason
from tests.unit.test_wording import halves_in, is_chinese

OWNED = StoreOwned(StoreReason.OWNED.at("store", "gateway.db"))


def shown(error: Exception) -> CliError:
    with pytest.raises(CliError) as caught, cli_errors():
        raise error
    return caught.value


def test_a_ledger_that_another_process_owns_is_not_called_a_wrong_setting() -> None:
    block = shown(OWNED).block()
    assert "独占" in block
    assert "设置不完整" not in block
    assert shown(OWNED).exit_code == USAGE


def test_a_command_is_sent_to_the_console_only_where_the_gateway_owns_the_ledger() -> None:
    damaged = StoreReason.DAMAGED.at("store", "gateway.db")
    for error, expected in ((OWNED, True), (StoreUnavailable(damaged), False)):
        with pytest.raises((CliError, StoreUnavailable)) as caught, ledger_errors("127.0.0.1:8082"):
            raise error
        assert ("127.0.0.1:8082" in getattr(caught.value, "cure", "")) is expected


def test_a_wrong_setting_is_called_one_with_its_name_rule_and_cure() -> None:
    error = shown(Misconfigured(SettingsFileReason.MISSING_ONE.at("gateway.toml", name="store")))
    assert error.block() == (
        "现象：设置不完整或不正确：gateway.toml\n"
        "原因：缺少一项设置：store\n"
        "处理办法：请补充该项设置"
    )


def test_a_refused_key_is_told_with_its_file_rule_and_cure() -> None:
    reason = KeyReason.READABLE_TO_OTHERS.at("keys/a.json", mode="0644", file="keys/a.json")
    error = shown(KeyRejected(SignatureErrorCode.KEY_FILE_OPEN_TO_OTHERS, reason))
    assert error.block() == (
        "现象：密钥文件不可用：keys/a.json\n"
        "原因：权限 0644 使本机其他用户可以读取密钥\n"
        "处理办法：请执行 chmod 600 keys/a.json；如曾泄露，请更换密钥"
    )


def test_what_a_database_server_said_stands_on_a_line_of_its_own() -> None:
    said = Quotation(Source.POSTGRESQL, "", "connection to server failed: Connection refused")
    error = shown(StoreUnavailable(StoreReason.POSTGRESQL_FAILED.at("postgresql", said=said)))
    assert error.cause.splitlines() == ["无法连接数据库服务器", f"原文：{said.english}"]
    assert error.exit_code == FAILED


@pytest.mark.parametrize(
    "error",
    [
        PeerUnavailable("portal", PeerFailure.NO_ANSWER),
        PeerRefused("portal", status=403, problem="signature.unknown-key"),
    ],
)
def test_a_peer_that_does_not_answer_is_told_in_chinese(error: Exception) -> None:
    block = shown(error).block()
    assert block.startswith("现象：部端没有返回可用的响应")
    assert all(is_chinese(line) and not halves_in(line) for line in block.splitlines())
    assert shown(error).exit_code == UNREACHABLE


def test_a_defect_quotes_itself_on_a_line_of_its_own() -> None:
    cause = shown(IllegalStep("SQ1", "RETURNED", "decide")).cause
    assert cause.splitlines() == [
        "程序自带的数据或状态不符（case.illegal-step）",
        "原文：SQ1: cannot decide while RETURNED",
    ]


WRONG_GATEWAY = """
province = "43"
listn = "127.0.0.1:8080"
console = "0.0.0.0:8082"
poll_every_s = 0
log_level = "loud"
store = "oracle://x"
ledger_keys = "keys/ledger.json"

[portal]
url = "ftp://portal"
key_file = "a.json"
"""
WRONG_SIMULATOR = """
seed = -1
[national]
listn = "127.0.0.1:8600"
control = "8601"
[[agency]]
code = "x"
"""


def refused(path: Path, text: str) -> ReasonedError:
    path.write_text(text, encoding="utf-8")
    read = load_settings if text is WRONG_GATEWAY else SimulatorSettings.read
    with pytest.raises(ReasonedError) as caught:
        read(path)
    return caught.value


@pytest.mark.parametrize("text", [WRONG_GATEWAY, WRONG_SIMULATOR], ids=["gateway", "simulator"])
def test_everything_wrong_in_a_settings_file_is_told_in_chinese(tmp_path: Path, text: str) -> None:
    error = refused(tmp_path / "wrong.toml", text)

    block = shown(error).block()

    assert len(error.reasons) >= 4
    assert len(shown(error).cause.splitlines()) == len(error.reasons)
    assert [line for line in block.splitlines() if halves_in(line)] == []
    assert "取值不符合规则" not in block, "a rule of the library without words"
