"""`duijie gateway tables` and `duijie simulator tables`, on a real ledger and a real simulator."""

import asyncio
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from duijie.cli import run
from duijie.errors import FAILED, USAGE
from gateway.adapters.ledger.store import open_ledger
from schemas.reference.clock import beijing_date, utc_now
from storage.sealing_keys import load_sealer
from tests.integration.flows.desk import Desk, an_item
from tests.integration.gateway.harness import AGENCIES
from tests.support.clock import SettableClock
from tests.support.stack import Stack, a_simulator_thread, make_stack

Capture = pytest.CaptureFixture[str]
TODAY = beijing_date(utc_now())
WHO = ("--operator", "李敏", "--reason", "部端通知")


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """Give a stack whose national side runs, and whose ledger is there."""
    made = make_stack(tmp_path, AGENCIES)
    with a_simulator_thread(made.simulator_settings([])):
        asyncio.run(_prepare(made))
        yield made


async def _prepare(stack: Stack) -> None:
    settings = stack.gateway_settings()
    sealer = load_sealer(settings.ledger_keys)
    store = open_ledger(settings.store, sealer=sealer, now=utc_now)
    await Desk(store, SettableClock(utc_now)).pull(an_item("SY1", place_division="410199"))
    await store.close()


def gateway(stack: Stack, *words: str) -> int:
    return run(["gateway", *words, "--config", str(stack.gateway_file)])


def offer(stack: Stack, *words: str) -> int:
    control = f"http://127.0.0.1:{stack.plan.ports['control']}"
    return run(["simulator", "tables", *words, "--control", control])


def answered(capsys: Capture) -> list[dict[str, object]]:
    found = json.loads(capsys.readouterr().out)
    return found if isinstance(found, list) else [found]


def fetched(stack: Stack, capsys: Capture) -> dict[object, dict[str, object]]:
    capsys.readouterr()
    assert gateway(stack, "tables", "fetch", "--json") == 0
    return {one["kind"]: one for one in answered(capsys)}


def test_what_is_offered_as_shipped_is_nothing_to_decide_on(stack: Stack, capsys: Capture) -> None:
    found = fetched(stack, capsys)

    assert found["codes"]["edition"] == "codes-shipped"
    assert found["divisions"]["edition"] == "divisions-shipped"
    assert gateway(stack, "tables", "show") == 0
    assert "待定版本" not in capsys.readouterr().out


def test_a_change_is_rehearsed_from_the_offer_to_the_case_that_was_held_for_it(
    stack: Stack, capsys: Capture
) -> None:
    # Given a national side that offers a new county from today
    assert offer(stack, "--edition", "rehearsal", "--from", TODAY.isoformat(), "--json") == 0
    (offered,) = answered(capsys)
    rehearsal = offered["rehearsal"]
    assert isinstance(rehearsal, dict)
    assert rehearsal["new_county"] == "410199"

    # When it is fetched and compared
    found = fetched(stack, capsys)
    codes, divisions = (str(found[kind]["edition"]) for kind in ("codes", "divisions"))
    assert gateway(stack, "tables", "compare", codes) == 0
    shown = capsys.readouterr().out
    assert "channel：新增 77 演练渠道" in shown
    assert "channel：23 自" in shown
    assert gateway(stack, "tables", "compare", divisions, "--json") == 0
    (compared,) = answered(capsys)
    changes = compared["changes"]
    assert isinstance(changes, list)
    kinds = {one["code"]: one["kind"] for one in changes}
    assert kinds == {
        "410199": "division.added",
        str(rehearsal["merged_county"]): "division.merged",
    }
    consequences = compared["consequences"]
    assert isinstance(consequences, dict)
    assert [one["count"] for one in consequences["becoming_known"]] == [1]

    # And adopted, twice
    words = ("tables", "adopt", divisions, "--from", TODAY.isoformat(), *WHO, "--yes")
    assert gateway(stack, *words) == 0
    assert "已办理" in capsys.readouterr().out
    assert gateway(stack, *words) == 0
    assert "此前已办理" in capsys.readouterr().out

    # Then the held case is known, and `case --why` shows the way in the new table
    assert gateway(stack, "release", "SY1", "--operator", "李敏", "--json") == FAILED
    (released,) = answered(capsys)
    assert (released["held_for"], released["reason"]) == ("place.unknown", "place.no-agency")
    assert gateway(stack, "case", "SY1", "--why") == 0
    assert "410199 演练区 → 410100" in capsys.readouterr().out

    # And who decided, when and why is shown
    assert gateway(stack, "tables", "show") == 0
    shown = capsys.readouterr().out
    assert f"行政区划表：生效的版本 {divisions}" in shown
    assert "经手人 李敏" in shown
    assert "部端通知" in shown


def test_a_proposal_that_is_rejected_waits_no_more(stack: Stack, capsys: Capture) -> None:
    assert offer(stack, "--edition", "rehearsal") == 0
    codes = str(fetched(stack, capsys)["codes"]["edition"])

    assert gateway(stack, "tables", "reject", codes, *WHO) == 0
    assert "已办理" in capsys.readouterr().out

    assert gateway(stack, "tables", "show", "--json") == 0
    by_kind = {one["kind"]: one for one in answered(capsys)}
    assert by_kind["codes"]["waiting"] is None
    assert by_kind["divisions"]["waiting"] is not None


def test_an_adoption_that_is_not_confirmed_decides_nothing(
    stack: Stack, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    words = ("tables", "adopt", "codes-shipped", "--from", TODAY.isoformat(), *WHO)
    assert gateway(stack, *words) == 130
    capsys.readouterr()

    assert gateway(stack, "tables", "show", "--json") == 0
    assert [one["decisions"] for one in answered(capsys)] == [[], []]


@pytest.mark.parametrize(
    ("words", "exit_code", "said"),
    [
        (("codes-0000", "--from", TODAY.isoformat()), USAGE, "没有可用的版本"),
        (("codes-000000000000", "--from", TODAY.isoformat()), USAGE, "没有可用的版本"),
        (("codes-shipped", "--from", "2026-13-01"), USAGE, "--from"),
        (
            ("codes-shipped", "--from", (TODAY - timedelta(days=1)).isoformat()),
            FAILED,
            "启用日期早于今天",
        ),
    ],
)
def test_an_impossible_adoption_is_refused_with_what_is_wrong(
    stack: Stack, capsys: Capture, words: tuple[str, ...], exit_code: int, said: str
) -> None:
    assert gateway(stack, "tables", "adopt", *words, *WHO, "--yes") == exit_code
    printed = capsys.readouterr()
    assert said in printed.out + printed.err


def test_offering_needs_a_county_that_can_be_merged(stack: Stack, capsys: Capture) -> None:
    assert offer(stack, "--edition", "rehearsal", "--province", "999999") == FAILED
    assert "没有可用于演练的区县" in capsys.readouterr().err
    assert offer(stack, "--from", "2026-12-01") == USAGE
    assert offer(stack) == 0
    assert "程序自带" in capsys.readouterr().out
