"""`duijie gateway assign`, `hold`, `annotate` and `case --why`, on a real ledger."""

import asyncio
import json
from pathlib import Path

import pytest

from duijie.cli import run
from duijie.errors import FAILED, USAGE
from gateway.adapters.ledger.store import open_ledger
from schemas.reference.clock import utc_now
from storage.sealing_keys import load_sealer
from tests.builders.records import JINSHUI, JIYUAN
from tests.integration.flows.desk import Desk, an_item
from tests.integration.gateway.harness import AGENCIES
from tests.support.clock import SettableClock
from tests.support.stack import Stack, make_stack

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    """Give a stack whose ledger holds SY1, with 金水区, and SY2, which has no agency."""
    made = make_stack(tmp_path, AGENCIES)
    asyncio.run(_prepare(made))
    return made


async def _prepare(stack: Stack) -> None:
    settings = stack.gateway_settings()
    sealer = load_sealer(settings.ledger_keys)
    store = open_ledger(settings.store, sealer=sealer, now=utc_now)
    desk = Desk(store, SettableClock(utc_now))
    await desk.pull(an_item("SY1", place_division="410105003"))
    await desk.pull(an_item("SY2", place_division="410202"))
    await desk.push()
    await store.close()


def command(stack: Stack, *words: str) -> int:
    """Run a command of the gateway over the stack's settings."""
    return run(["gateway", *words, "--config", str(stack.gateway_file)])


def answered(capsys: Capture) -> list[dict[str, object]]:
    """Return the JSON that a command printed."""
    found = json.loads(capsys.readouterr().out)
    return found if isinstance(found, list) else [found]


def test_cases_are_reassigned_by_command_once(stack: Stack, capsys: Capture) -> None:
    words = ("assign", "SY1", "SY2", "--to", JIYUAN, "--reason", "常住济源", "--operator", "李敏")
    assert command(stack, *words, "--json") == 0
    first, second = answered(capsys)
    assert (first["result"], first["agency_before"], first["agency_code"]) == (
        *("done", JINSHUI, JIYUAN),
    )
    assert (second["state_before"], second["state"]) == ("HELD", "ACCEPTED")

    assert command(stack, *words) == 0
    shown = capsys.readouterr().out
    assert shown.count("此前已办理") == 2
    assert "济源市公共就业服务中心" in shown


def test_what_an_operator_wrote_stands_beside_the_step_and_nowhere_in_clear(
    stack: Stack, capsys: Capture
) -> None:
    words = ("--operator", "李敏")
    assert command(stack, "hold", "SY1", "--reason", "待核实，电话 13800000000", *words) == 0
    assert command(stack, "annotate", "SY1", "--note", "已电话核实", *words) == 0
    capsys.readouterr()

    assert command(stack, "case", "SY1", "--json") == 0
    (found,) = answered(capsys)
    history = found["history"]
    assert isinstance(history, list)
    assert [(one["step"], one["actor"], one["text"]) for one in history[-2:]] == [
        ("hold", "operator:李敏", "待核实，电话 ***********"),
        ("note", "operator:李敏", "已电话核实"),
    ]
    assert command(stack, "case", "SY1") == 0
    shown = capsys.readouterr().out
    assert "人工挂起：待核实" in shown
    assert "人工备注" in shown
    path = stack.folder / "gateway.db"
    assert all("已电话核实".encode() not in one.read_bytes() for one in path.parent.glob("*.db*"))


def test_an_unknown_agency_or_case_and_missing_words_are_said(
    stack: Stack, capsys: Capture
) -> None:
    said = ("--reason", "x", "--operator", "李敏")
    assert command(stack, "assign", "SY1", "--to", "4105000001", *said) == USAGE
    assert "机构清单" in capsys.readouterr().err
    assert command(stack, "hold", "SY404", *said) == FAILED
    assert "没有这个办件" in capsys.readouterr().out
    for words in (
        ("assign", "SY1", "--to", JIYUAN, "--operator", "李敏"),
        ("assign", "SY1", "--to", JIYUAN, "--reason", "x"),
        ("assign", "SY1", *said),
        ("hold", "SY1", "--reason", "\x1b[2J", "--operator", "李敏"),
        ("hold", "SY1", "--reason", "x" * 501, "--operator", "李敏"),
        ("annotate", "SY1", "--operator", "李敏"),
        ("annotate", "--note", "x", "--operator", "李敏"),
    ):
        assert command(stack, *words) == USAGE
    assert "--" in capsys.readouterr().err


def test_why_a_case_is_with_its_agency_is_said_with_rule_path_and_directory(
    stack: Stack, capsys: Capture
) -> None:
    assert command(stack, "case", "SY1", "--why") == 0
    shown = capsys.readouterr().out
    assert "由最近的上级区划的经办机构办理" in shown
    assert f"410105 金水区（{JINSHUI} 金水区公共就业服务中心）" in shown
    assert "410100 郑州市 → 410000 河南省" in shown
    assert "机构清单：来自设置文件（无版本）" in shown

    assert command(stack, "case", "SY2", "--why", "--json") == 0
    why = answered(capsys)[0]["why"]
    assert isinstance(why, dict)
    assert (why["rule"], why["agency_by_rule"]) == ("place.no-agency", None)

    words = ("--to", JIYUAN, "--reason", "x", "--operator", "李敏")
    assert command(stack, "assign", "SY1", *words) == 0
    capsys.readouterr()
    assert command(stack, "case", "SY1", "--why") == 0
    shown = capsys.readouterr().out
    assert "人工改派（经手人 李敏）" in shown
    assert f"按规则的经办机构：{JINSHUI}" in shown
