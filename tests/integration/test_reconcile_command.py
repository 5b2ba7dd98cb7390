"""`duijie gateway reconcile` against a real national side: found, mended, listed, closed."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from duijie.clients.control_client import ControlClient
from duijie.errors import FAILED, UNREACHABLE
from gateway.app.lifecycle import Gateway
from gateway.domain.case import State
from gateway.ports.views import WorkFilter
from schemas.reference.clock import beijing_date, utc_now
from simulator.app import Simulator
from simulator.web.control.requests import ArmFaultRequest, CloseDayRequest
from tests.support.rows import readable
from tests.support.stack import Stack, a_gateway, a_simulator, make_stack
from tests.support.tree import ROOT
from tests.support.until import until

FETCH = "fetchStatement"


@dataclass(frozen=True)
class Day:
    """A day on which some applications went there and back, and its national side."""

    stack: Stack
    simulator: Simulator
    today: date

    async def command(self, *words: str) -> tuple[int, str]:
        """Run a command of the gateway; return its exit code and what it printed."""
        arguments = ("-m", "duijie", "gateway", *words, "--config", str(self.stack.gateway_file))
        process = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, cwd=ROOT, stdout=PIPE, stderr=STDOUT
        )
        said, _ = await process.communicate()
        return process.returncode or 0, said.decode()

    async def reconcile(self, *words: str) -> tuple[int, dict[str, object]]:
        """Reconcile the day; return the exit code and the record."""
        asked = ("reconcile", "--date", self.today.isoformat(), "--json", *words)
        code, said = await self.command(*asked)
        record = json.loads(said.splitlines()[-1])  # events of the log go before it
        assert isinstance(record, dict)
        return code, record

    async def close(self) -> None:
        """Close the day at the national side."""
        async with ControlClient(self.simulator.addresses.control) as control:
            await control.close_day(CloseDayRequest(date=self.today))

    async def arm(self, fault: str, **params: str | int) -> None:
        """Have the statement differ at every call from now on."""
        async with ControlClient(self.simulator.addresses.control) as control:
            await control.disarm(None)
            request = ArmFaultRequest(fault=fault, operation=FETCH, every=1, params=params)
            await control.arm(request)


@pytest.fixture
async def day(tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str]) -> AsyncIterator[Day]:
    """Let five applications go there and back, and end the gateway."""
    stack = make_stack(tmp_path)
    async with a_simulator(stack.simulator_settings()) as simulator:
        async with a_gateway(stack.gateway_settings(), jitter=lambda: 0.0) as gateway:
            async with ControlClient(simulator.addresses.control) as control:
                await control.file(5)
            await until(lambda: are_reported(gateway, 5), within_s=30.0)
        yield Day(stack, simulator, beijing_date(utc_now()))


async def are_reported(gateway: Gateway, count: int) -> bool:
    """Say whether so many cases are at their end."""
    listed = await gateway.store.read(
        lambda views: views.worklist(WorkFilter(), after=None, limit=50)
    )
    states = [row.case.state for row in readable(listed)]
    return states == [State.REPORTED] * count


async def test_a_day_is_compared_once_it_is_closed_and_agrees(day: Day) -> None:
    code, said = await day.command("reconcile", "--date", day.today.isoformat())
    assert code == UNREACHABLE, said
    assert "statement.not-ready" in said
    await day.close()

    code, record = await day.reconcile()

    assert (code, record["done"], record["theirs"], record["ours"]) == (0, True, 10, 10)
    assert record["differences"] == []


async def test_a_difference_is_shown_by_a_dry_run_found_listed_and_closed(day: Day) -> None:
    # Given a statement with another verdict
    await day.close()
    await day.arm("statement-entry", change="verdict")

    # When it is tried first, then nothing is changed
    code, record = await day.reconcile("--dry-run")
    assert code == FAILED
    assert [one["kind"] for one in _differences(record)] == ["verdict-differs"]
    assert await day.command("discrepancies") == (0, "没有未消除的差异。\n")

    # And when it is done, then the difference is listed with what to do
    code, record = await day.reconcile()
    (found,) = _differences(record)
    assert (code, found["kind"], found["state"]) == (FAILED, "verdict-differs", "open")
    code, said = await day.command("discrepancies")
    assert code == FAILED
    assert "审核结果不同" in said
    assert "请按安全事件核查" in said

    # Until an operator closes it
    number = str(found["number"])
    closing = ("discrepancies", "--close", number, "--operator", "李敏")
    assert await day.command(*closing) == (0, f"{number}：已办结\n")
    assert await day.command(*closing) == (0, f"{number}：此前已办结\n")
    assert (await day.command("discrepancies"))[0] == 0
    assert (await day.reconcile())[0] == 0


@pytest.mark.parametrize(
    ("fault", "params", "reason"),
    [
        ("statement-truncated", {}, "statement.counts-differ"),
        ("statement-shuffled", {"mode": "part"}, "statement.other-part"),
        ("unsigned", {}, "answer.unsigned"),
    ],
)
async def test_a_statement_that_is_not_whole_is_not_used_and_the_reason_is_said(
    day: Day, fault: str, params: dict[str, str | int], reason: str
) -> None:
    await day.close()
    await day.arm(fault, **params)

    code, record = await day.reconcile()
    assert (code, record["done"], record["reason"]) == (UNREACHABLE, False, reason)
    assert record["differences"] == []
    code, said = await day.command("reconcile", "--date", day.today.isoformat(), "--dry-run")
    assert code == UNREACHABLE
    assert "签名" in said if fault == "unsigned" else reason in said

    # And once it is whole, the day is compared
    await day.arm("delay", ms=0)
    code, record = await day.reconcile()
    assert (code, record["done"]) == (0, True)


async def test_a_foreign_result_is_a_difference(day: Day) -> None:
    await day.close()
    await day.arm("statement-entry", change="added")

    code, record = await day.reconcile()

    assert code == FAILED
    assert [one["kind"] for one in _differences(record)] == ["never-sent"]


def _differences(record: dict[str, object]) -> list[dict[str, object]]:
    found = record["differences"]
    assert isinstance(found, list)
    return found
