"""`duijie gateway discrepancies`: what differs from the national side, and is not settled."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import click

from duijie.cli_errors import cli_errors
from duijie.discrepancy_rows import discrepancy_record, print_discrepancies
from duijie.errors import FAILED
from duijie.ledger_reader import open_ledger_reader
from duijie.ledger_writer import open_ledger_writer
from duijie.options import config_option, json_option, operator_name
from gateway.config import Settings
from gateway.domain.discrepancies import DiscrepancyState, RecordedDiscrepancy
from gateway.flows.close_discrepancies import (
    ClosedDiscrepancy,
    CloseResult,
    close_discrepancies,
)
from gateway.ports.views import Views
from gateway.settings_file import load_settings
from schemas.reference.clock import utc_now

_PAGE: Final = 200
_RESULTS: Final[Mapping[CloseResult, str]] = MappingProxyType(
    {
        CloseResult.CLOSED: "已办结",
        CloseResult.CLOSED_BEFORE: "此前已办结",
        CloseResult.UNDER_WAY: "正在自动处理，不需人工办结",
        CloseResult.UNKNOWN: "没有这个序号",
    }
)
_HELP: Final = """对账差异：列出尚未消除的差异；人工核查后，以 --close 办结。

List the differences with the national side that are not settled. With --close NUMBER those that an
operator has looked into are taken off the list; nothing else of the ledger is changed, and no
decision ever. Listing works beside the running gateway. Ends with 0: nothing is listed, or all that
was named is closed; 1 otherwise.

With SQLite the running gateway owns the ledger: stop it before --close, or use PostgreSQL.

\b
示例
  duijie gateway discrepancies
  duijie gateway discrepancies --json
  duijie gateway discrepancies --close 12 --operator 李敏
"""


@click.command(help=_HELP)
@click.option(
    "--close", "numbers", type=click.IntRange(1, 1 << 62), multiple=True, help="办结的序号，可多次"
)
@click.option("--operator", metavar="NAME", help="经手人")
@click.option(
    "--limit", type=click.IntRange(1), default=200, show_default=True, help="最多列出的条数"
)
@config_option("var/gateway.toml")
@json_option("输出 JSON")
def discrepancies(
    config: Path, *, numbers: tuple[int, ...], operator: str | None, limit: int, as_json: bool
) -> int:
    """List differences, or close them."""
    name = operator_name(operator) if numbers else ""
    with cli_errors():
        settings = load_settings(config)
        if numbers:
            return _show_closed(asyncio.run(_close(settings, numbers, name)), as_json=as_json)
        found = asyncio.run(_list(settings, limit))
    if as_json:
        click.echo(json.dumps(list(map(discrepancy_record, found)), ensure_ascii=False))
    elif found:
        print_discrepancies(found)
    else:
        click.echo("没有未消除的差异。")
    return FAILED if found else 0


async def _list(settings: Settings, limit: int) -> list[RecordedDiscrepancy]:
    found: list[RecordedDiscrepancy] = []
    async with open_ledger_reader(settings) as ledger:
        for state in (DiscrepancyState.OPEN, DiscrepancyState.UNDER_WAY, DiscrepancyState.PENDING):
            after = 0
            while len(found) < limit:
                room = min(_PAGE, limit - len(found))

                def view(
                    views: Views,
                    state: DiscrepancyState = state,
                    after: int = after,
                    room: int = room,
                ) -> list[RecordedDiscrepancy]:
                    return views.reconciling.in_state(state, after=after, limit=room)

                page = await ledger.read(view)
                found += page
                if len(page) < room:
                    break
                after = page[-1].id
    return found


async def _close(
    settings: Settings, numbers: tuple[int, ...], operator: str
) -> tuple[ClosedDiscrepancy, ...]:
    async with open_ledger_writer(settings) as ledger:
        return await close_discrepancies(
            numbers, operator=operator, store=ledger.store, now=utc_now
        )


def _show_closed(done: tuple[ClosedDiscrepancy, ...], *, as_json: bool) -> int:
    if as_json:
        records = [{"number": one.number, "result": one.result.value} for one in done]
        click.echo(json.dumps(records, ensure_ascii=False))
    else:
        for one in done:
            click.echo(f"{one.number}：{_RESULTS[one.result]}")
    closed = {CloseResult.CLOSED, CloseResult.CLOSED_BEFORE}
    return 0 if all(one.result in closed for one in done) else FAILED
