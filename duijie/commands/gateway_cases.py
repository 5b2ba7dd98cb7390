"""`duijie gateway cases`: the cases of the ledger, the person masked."""

import asyncio
import json
from pathlib import Path
from typing import Final

import click

from duijie.case_rows import HEADINGS, case_cells, case_record
from duijie.cli_errors import cli_errors
from duijie.ledger_reader import CaseFilter, Listed, list_cases, open_ledger_reader
from duijie.options import config_option, json_option
from duijie.tables import print_table
from gateway.config import Settings
from gateway.domain.case import State
from gateway.settings_file import load_settings
from schemas.reference.clock import beijing_date, utc_now

_HELP: Final = """办件列表，按办结时限排序；姓名和证件号码脱敏显示。

List cases by due date, the person masked. It only reads, beside the running gateway.

\b
示例
  duijie gateway cases --config var/gateway.toml
  duijie gateway cases --overdue --agency 4101000001 --limit 20
  duijie gateway cases --state HELD --json
"""


@click.command(help=_HELP)
@config_option("var/gateway.toml")
@click.option("--agency", metavar="CODE", help="经办机构代码")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([state.value for state in State], case_sensitive=False),
    help="状态，可多次",
)
@click.option("--overdue", "late", is_flag=True, help="仅列逾期办件")
@click.option(
    "--limit", type=click.IntRange(1), default=50, show_default=True, help="最多列出的件数"
)
@json_option("输出 JSON")
def cases(
    config: Path,
    *,
    agency: str | None,
    states: tuple[str, ...],
    late: bool,
    limit: int,
    as_json: bool,
) -> None:
    """List cases by due date, the person masked."""
    today = beijing_date(utc_now())
    case_filter = CaseFilter(agency, states, today if late else None)
    with cli_errors():
        settings = load_settings(config)
        rows = asyncio.run(_list_cases(settings, case_filter, limit))
    if as_json:
        click.echo(json.dumps([case_record(row, settings) for row in rows], ensure_ascii=False))
    elif rows:
        print_table(HEADINGS, [case_cells(row, settings) for row in rows])
    else:
        click.echo("没有符合条件的办件。")


async def _list_cases(settings: Settings, case_filter: CaseFilter, limit: int) -> list[Listed]:
    async with open_ledger_reader(settings) as ledger:
        return await list_cases(ledger, case_filter, limit)
