"""`duijie gateway resend` and the messages that `duijie gateway case` shows, on a real ledger."""

import asyncio
import json
from pathlib import Path

import pytest

from duijie.cli import run
from duijie.errors import FAILED, USAGE
from gateway.adapters.ledger.store import open_ledger
from schemas.reference.clock import utc_now
from storage.sealing_keys import load_sealer
from tests.builders.records import JINSHUI
from tests.integration.flows.desk import Desk, an_item
from tests.integration.flows.test_resend import with_refused_dispatches
from tests.integration.gateway.harness import AGENCIES
from tests.support.clock import SettableClock
from tests.support.stack import Stack, make_stack


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    """Give a stack whose ledger holds SY1, refused by its agency, and SY2, which is not."""
    made = make_stack(tmp_path, AGENCIES)
    asyncio.run(_prepare(made))
    return made


async def _prepare(stack: Stack) -> None:
    settings = stack.gateway_settings()
    sealer = load_sealer(settings.ledger_keys)
    store = open_ledger(settings.store, sealer=sealer, now=utc_now)
    desk = Desk(store, SettableClock(utc_now))
    await with_refused_dispatches(desk, "SY1")
    await desk.pull(an_item("SY2"))
    await store.close()


def command(stack: Stack, *words: str) -> int:
    """Run a command of the gateway over the stack's settings."""
    return run(["gateway", *words, "--config", str(stack.gateway_file)])


def test_a_refused_dispatch_is_sent_again_once(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(stack, "resend", "SY1", "--operator", "李敏", "--json") == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["application_no"], found["peer"], found["sent_again"]) == ("SY1", JINSHUI, True)
    assert (found["kind"], found["error"]) == ("dispatch", "message.invalid")

    assert command(stack, "resend", "SY1", "--operator", "李敏") == FAILED
    assert "没有待人工处理的报文" in capsys.readouterr().out


def test_all_that_waits_for_a_peer_is_shown_in_words(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("resend", "--peer", JINSHUI)
    assert command(stack, *asked, "--dry-run") == 0
    assert "可以重发" in capsys.readouterr().out
    assert command(stack, *asked, "--operator", "李敏") == USAGE  # nobody is there to confirm it
    assert "未经确认" in capsys.readouterr().err

    assert command(stack, *asked, "--rate", "60", "--yes", "--operator", "李敏") == 0
    shown = capsys.readouterr().out
    assert "分派单" in shown
    assert "报文内容不符合接口约定" in shown
    assert "重新列入待发" in shown
    assert "SY2" not in shown


def test_which_messages_has_to_be_said(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(stack, "resend", "--operator", "李敏") == USAGE
    assert command(stack, "resend", "SY1") == USAGE
    assert command(stack, "resend", "SY1", "--peer", JINSHUI) == USAGE
    assert "--peer" in capsys.readouterr().err


def test_a_case_shows_how_often_its_messages_were_sent_and_why_not_received(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(stack, "case", "SY1", "--json") == 0
    (message,) = json.loads(capsys.readouterr().out)["messages"]
    assert (message["attempts"], message["error"]) == (1, "message.invalid")
    assert message["parked_at"] is not None

    assert command(stack, "case", "SY1") == 0
    assert "被拒收，待人工处理" in capsys.readouterr().out
    assert command(stack, "case", "SY2") == 0
    assert "待发" in capsys.readouterr().out
