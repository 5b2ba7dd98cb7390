"""`duijie gateway return`, on a real ledger: what goes back, what stays, and what it says."""

import asyncio
import json
from pathlib import Path

import pytest

from duijie.errors import FAILED, USAGE
from gateway.adapters.ledger.store import open_ledger
from schemas.reference.clock import utc_now
from storage.sealing_keys import load_sealer
from tests.integration.flows.desk import Desk, an_item
from tests.integration.gateway.harness import AGENCIES
from tests.integration.test_act_commands import answered, command
from tests.support.clock import SettableClock
from tests.support.stack import Stack, make_stack

Capture = pytest.CaptureFixture[str]
BY = ("--operator", "李敏")


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    """Give a stack whose ledger holds SY1, of 金水区, and SY2, of another province."""
    made = make_stack(tmp_path, AGENCIES)
    asyncio.run(_prepare(made))
    return made


async def _prepare(stack: Stack) -> None:
    settings = stack.gateway_settings()
    store = open_ledger(settings.store, sealer=load_sealer(settings.ledger_keys), now=utc_now)
    desk = Desk(store, SettableClock(utc_now))
    await desk.pull(an_item("SY1"), an_item("SY2", place_division="430102"))
    await store.close()


def test_what_is_not_the_provinces_goes_back_once(stack: Stack, capsys: Capture) -> None:
    assert command(stack, "return", "SY2", "--reason", "1", *BY, "--json") == 0
    (done,) = answered(capsys)
    assert (done["result"], done["state"]) == ("done", "HELD")
    assert command(stack, "return", "SY2", "--reason", "1", *BY) == 0
    assert "此前已办理" in capsys.readouterr().out

    assert command(stack, "case", "SY2") == 0
    shown = capsys.readouterr().out
    assert "退回部端，原因：不属本省" in shown
    assert "李敏" in shown


def test_what_the_operator_adds_stands_here_and_goes_nowhere(stack: Stack, capsys: Capture) -> None:
    words = ("--reason", "2", "--belongs-to", "430103", "--note", "电话 13800000000 核实", *BY)
    assert command(stack, "return", "SY2", *words) == 0
    capsys.readouterr()
    assert command(stack, "case", "SY2", "--json") == 0
    (found,) = answered(capsys)
    history = found["history"]
    assert isinstance(history, list)
    assert history[-1]["text"] == "电话 *********** 核实"
    assert "430103" in json.dumps(history, ensure_ascii=False)


def test_what_is_the_provinces_stays(stack: Stack, capsys: Capture) -> None:
    assert command(stack, "return", "SY1", "SY404", "--reason", "1", *BY) == FAILED
    shown = capsys.readouterr().out
    assert "属于本省，不得退回" in shown
    assert "没有这个办件" in shown


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--reason", "9", *BY), "没有退回原因 9"),
        (("--reason", "2", *BY), "没有应属地区"),
        (("--reason", "3", "--belongs-to", "430102", *BY), "应属地区与退回原因不符"),
        (("--reason", "2", "--belongs-to", "999999", *BY), "没有行政区划 999999"),
        (("--reason", "2", "--belongs-to", "410102", *BY), "410102 属于本省"),
        (("--reason", "1"), "--operator"),
        (("--reason", "1", "--note", "\x1b[2J", *BY), "--note"),
        (BY, "--reason"),
    ],
)
def test_a_wrong_word_is_named_with_its_cure(
    stack: Stack, capsys: Capture, words: tuple[str, ...], said: str
) -> None:
    assert command(stack, "return", "SY2", *words) == USAGE
    assert said in capsys.readouterr().err
