"""`duijie gateway audit verify`: its report and its exit code, with no gateway running."""

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from duijie.cli import run
from gateway.adapters.ledger.store import open_ledger
from gateway.config import Settings
from storage.sealing_keys import load_sealer
from storage.urls import sqlite_path
from tests.builders.ledger import AT, an_opening
from tests.support.stack import Stack, make_stack


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    """Provision a gateway with two cases in its ledger."""
    made = make_stack(tmp_path)
    asyncio.run(fill(made.gateway_settings()))
    return made


async def fill(settings: Settings) -> None:
    store = open_ledger(settings.store, sealer=load_sealer(settings.ledger_keys), now=lambda: AT)
    openings = [an_opening("SQ1"), an_opening("SQ2")]
    await store.transact(lambda ledger: ledger.cases.open(openings))
    await store.close()


def alter(stack: Stack) -> None:
    """Give a case to another agency behind the gateway's back."""
    path = sqlite_path(stack.gateway_settings().store)
    assert path is not None
    with closing(sqlite3.connect(path, isolation_level=None)) as beside:
        beside.execute("UPDATE cases SET agency = '410105A01' WHERE key = 'SQ2'")


def test_a_whole_ledger_ends_with_0_and_an_altered_one_with_5(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["gateway", "audit", "verify", "--config", str(stack.gateway_file)]
    assert run(command) == 0
    assert "核对了 2 件办件、2 条经过：没有发现改动" in capsys.readouterr().out
    alter(stack)
    assert run(command) == 5
    assert "✘ SQ2：办件本身被改动" in capsys.readouterr().out
    assert run([*command, "--json"]) == 5
    assert json.loads(capsys.readouterr().out) == {
        "cases": 2,
        "entries": 2,
        "disclosures": 0,
        "findings": [{"key": "SQ2", "code": "case.changed", "seq": None}],
        "history": [],
    }
