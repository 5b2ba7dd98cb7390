"""`duijie gateway poll`: one download from the national side, in a process of its own."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from duijie.cli_errors import cli_errors, ledger_errors
from duijie.errors import FAILED
from duijie.names import agency_name, place_name
from duijie.options import config_option, json_option
from duijie.tables import print_table
from gateway.app.lifecycle import Gateway
from gateway.config import Settings
from gateway.flows.page_result import IngestedItem
from gateway.logs import write_logs
from gateway.settings_file import load_settings

_HEADINGS: Final = ("申请编号", "登记失业地", "经办机构", "办结时限", "说明")

_POLL_HELP: Final = """立即向部端下载一次：接收、下载确认、分派，列出接收到的申请。

Ingest what is waiting at the national side. Ends with 0: done, 1: something is held,
3: the national side was not reached.

With SQLite the running gateway owns the ledger: stop it first, or use PostgreSQL.

\b
示例
  duijie gateway poll --once --config var/gateway.toml
  duijie gateway poll --once --json
"""


@click.command(help=_POLL_HELP)
@config_option("var/gateway.toml")
@click.option("--once", is_flag=True, required=True, help="下载一次后结束")
@json_option("输出 JSON")
def poll(config: Path, *, once: bool, as_json: bool) -> int:
    """Ingest what is waiting at the national side."""
    with cli_errors():
        settings = load_settings(config)
        write_logs("error")
        rows = asyncio.run(_poll(settings))
    if as_json:
        click.echo(json.dumps([_record(row, settings) for row in rows], ensure_ascii=False))
    else:
        _show(rows, settings)
    return FAILED if any(row.held for row in rows) else 0


async def _poll(settings: Settings) -> tuple[IngestedItem, ...]:
    gateway = Gateway(settings)
    try:
        with ledger_errors(settings.console):
            await gateway.open()
        return await gateway.poll_once()
    finally:
        await gateway.drain()


def _show(rows: Sequence[IngestedItem], settings: Settings) -> None:
    if not rows:
        click.echo("部端没有等待下载的申请。")
        return
    print_table(_HEADINGS, [list(_record(row, settings).values()) for row in rows])
    held = sum(row.held is not None for row in rows)
    again = sum(row.repeated for row in rows)
    click.echo(f"共 {len(rows)} 件：新接收 {len(rows) - again}，重复 {again}，挂起 {held}。")


def _record(row: IngestedItem, settings: Settings) -> dict[str, str | None]:
    remark = f"挂起：{row.held}" if row.held else ("重复，已再次确认下载" if row.repeated else None)
    return {
        "application_no": row.key,
        "place": place_name(row.place),
        "agency": agency_name(row.agency, settings),
        "due_on": None if row.due_on is None else row.due_on.isoformat(),
        "remark": remark,
    }
