"""恢复备份: an older ledger is refused in words until an operator has accepted it."""

import asyncio
import json
import logging
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from duijie.checks.head import check_head
from duijie.cli import run
from duijie.commands.gateway_audit import ALTERED
from duijie.errors import USAGE
from gateway.adapters.ledger.store import open_ledger
from gateway.app.lifecycle import Gateway
from gateway.jobs.store_watch import StoreWatchLoop
from gateway.metrics import Metrics
from schemas.reference.clock import utc_now
from storage.errors import StoreReplaced
from storage.sealing_keys import load_sealer
from storage.urls import sqlite_path
from tests.builders.ledger import an_opening
from tests.support.stack import Stack, make_stack


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    """Give a stack in whose ledger's place a backup was put, from before its newest case."""
    made = make_stack(tmp_path)
    asyncio.run(open_a_case(made, "SQ1"))
    backup = shutil.copy(ledger_of(made), tmp_path / "backup")
    asyncio.run(open_a_case(made, "SQ2"))
    shutil.copy(backup, ledger_of(made))
    return made


def ledger_of(stack: Stack) -> Path:
    path = sqlite_path(stack.gateway_settings().store)
    assert path is not None
    return path


async def open_a_case(stack: Stack, key: str) -> None:
    settings = stack.gateway_settings()
    store = open_ledger(settings.store, sealer=load_sealer(settings.ledger_keys), now=utc_now)
    await store.transact(lambda ledger: ledger.cases.open([an_opening(key)]))
    await store.close()


def command(stack: Stack, *words: str) -> int:
    return run(["gateway", *words, "--config", str(stack.gateway_file)])


def test_a_backup_in_the_place_of_the_ledger_is_refused_with_cause_and_cure(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(StoreReplaced):
        asyncio.run(Gateway(stack.gateway_settings()).open())
    assert command(stack, "resend", "SQ1", "--operator", "李敏") == USAGE

    found = check_head(stack.gateway_settings(), ledger_of(stack))
    assert "accept-restored" in found.cure

    said = capsys.readouterr().err
    assert f"台账 {ledger_of(stack)} 与进度文件 {ledger_of(stack)}.head 不符" in said
    assert "（file.behind-head）" in said
    assert "进度文件写到：" in said
    assert "被换成较早的副本" in said
    assert "duijie gateway ledger accept-restored --operator" in said


def test_an_operator_accepts_it_once_and_the_history_of_the_ledger_says_so(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(stack, "ledger", "accept-restored") == USAGE  # nobody is named
    assert command(stack, "ledger", "accept-restored", "--operator", "李敏") == 0
    assert "其编号无法得知" in capsys.readouterr().out

    asyncio.run(open_a_case(stack, "SQ3"))
    assert command(stack, "ledger", "accept-restored", "--operator", "李敏", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"accepted": False}
    assert command(stack, "audit", "verify") == 0
    said = capsys.readouterr().out
    assert said.count("认可恢复的备份（经手人 李敏）") == 1
    assert "核对了 2 件办件" in said


def test_an_altered_history_of_the_ledger_is_found_by_the_audit(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(stack, "ledger", "accept-restored", "--operator", "李敏") == 0
    with closing(sqlite3.connect(ledger_of(stack))) as connection, connection:
        connection.execute("UPDATE ledger_history SET actor = 'operator:王伟'")
    assert command(stack, "audit", "verify") == ALTERED
    assert "ledger-entry.changed" in capsys.readouterr().out


async def test_the_first_head_of_a_ledger_is_in_the_log_and_later_ones_are_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = make_stack(tmp_path).gateway_settings()
    store = open_ledger(settings.store, sealer=load_sealer(settings.ledger_keys), now=utc_now)
    loop = StoreWatchLoop(store=store, metrics=Metrics(version="0", contract="0"))
    with caplog.at_level(logging.INFO):
        for _ in range(2):
            await loop.turn()
            await store.probe_write()
    await store.close()
    assert [one.getMessage() for one in caplog.records].count("ledger-head.created") == 1
