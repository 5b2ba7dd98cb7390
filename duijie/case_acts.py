"""经手: an operator's act on cases, done page by page, and shown; several commands have one."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import click

from duijie.errors import FAILED
from duijie.ledger_writer import open_ledger_writer
from duijie.names import agency_name
from duijie.tables import print_table
from gateway.config import Settings
from gateway.domain.operator_acts import ActResult
from gateway.flows.operator_acts import ACTS_AT_ONCE, CaseAct
from gateway.ports.store import Store
from gateway.words import ACT_RESULTS, STATES

Act = Callable[[Sequence[str], Store], Awaitable[tuple[CaseAct, ...]]]
_HEADINGS: Final = ("申请编号", "原状态", "原经办机构", "结果", "现状态", "现经办机构")
_FINE: Final = frozenset({ActResult.DONE, ActResult.ALREADY})


def run_act(settings: Settings, numbers: Sequence[str], act: Act, *, as_json: bool) -> int:
    """Do `act` to the cases `numbers` and print what became of each; return the exit code.

    Ends with 0 where all are as they should be, done now or before.
    """
    done = asyncio.run(_act(settings, list(dict.fromkeys(numbers)), act))
    if as_json:
        click.echo(json.dumps([_record(one) for one in done], ensure_ascii=False))
    else:
        print_table(_HEADINGS, [_cells(one, settings) for one in done])
    return 0 if all(one.result in _FINE for one in done) else FAILED


async def _act(settings: Settings, numbers: Sequence[str], act: Act) -> list[CaseAct]:
    done: list[CaseAct] = []
    async with open_ledger_writer(settings) as ledger:
        for start in range(0, len(numbers), ACTS_AT_ONCE):
            await ledger.reserve()
            done += await act(numbers[start : start + ACTS_AT_ONCE], ledger.store)
    return done


def _cells(one: CaseAct, settings: Settings) -> list[str | None]:
    before = one.before
    after = one.change.case if one.change else before
    return [
        one.key,
        None if before is None else STATES[before.state],
        None if before is None else agency_name(before.agency, settings),
        ACT_RESULTS[one.result],
        None if after is None else STATES[after.state],
        None if after is None else agency_name(after.agency, settings),
    ]


def _record(one: CaseAct) -> dict[str, str | None]:
    after = one.change.case if one.change else one.before
    return {
        "application_no": one.key,
        "result": one.result.value,
        "state_before": None if one.before is None else one.before.state.value,
        "agency_before": None if one.before is None else one.before.agency,
        "state": None if after is None else after.state.value,
        "agency_code": None if after is None else after.agency,
        "dispatch_no": None if after is None else after.dispatch_no,
    }
