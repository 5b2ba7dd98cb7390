"""`duijie simulator tables`: which code tables and divisions the national side offers."""

import asyncio
from datetime import datetime
from typing import Final

import click

from duijie.clients.control_client import ControlClient, checked_request
from duijie.options import control_option, json_option
from simulator.web.control.requests import OfferTablesRequest
from simulator.web.control.responses import OfferedTablesView

_HELP: Final = """模拟部端提供的代码表和行政区划：查看，或更换为演练版本。

Show which code tables and divisions the national side offers, or have another edition offered: the
rehearsal has a code that begins, one that ends, a new county and one that it takes over, from a
day on.

\b
示例
  duijie simulator tables
  duijie simulator tables --edition rehearsal --from 2026-12-01
  duijie simulator tables --edition shipped
"""


@click.command(name="tables", help=_HELP)
@click.option(
    "--edition", type=click.Choice(["shipped", "rehearsal"]), help="更换为此版本；不写则仅查看"
)
@click.option("--province", metavar="CODE", help="演练哪个省份的区划，默认为对接的省份")
@click.option(
    "--from",
    "on",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="演练的变更自哪一天起，默认为今天",
)
@control_option
@json_option("输出 JSON")
def tables(
    edition: str | None, province: str | None, on: datetime | None, control: str, *, as_json: bool
) -> None:
    """Show or choose the tables that are offered."""
    request = None
    if edition is not None:
        day = None if on is None else on.date()
        request = checked_request(OfferTablesRequest, edition=edition, province=province, on=day)
    elif province is not None or on is not None:
        raise click.UsageError("--province 和 --from 须与 --edition rehearsal 一起使用")
    offered = asyncio.run(_offer(control, request))
    click.echo(offered.model_dump_json() if as_json else "\n".join(_lines(offered)))


async def _offer(url: str, request: OfferTablesRequest | None) -> OfferedTablesView:
    async with ControlClient(url) as control:
        return await (control.tables() if request is None else control.offer_tables(request))


def _lines(offered: OfferedTablesView) -> list[str]:
    found = offered.rehearsal
    if found is None:
        return ["提供的版本：程序自带"]
    return [
        f"提供的版本：演练（虚构），自 {found.on.isoformat()} 起",
        f"代码表 {found.table}：新增 {found.new_code}，停用 {found.ended_code}",
        f"区划：新设 {found.new_county}，{found.merged_county} 并入其中",
    ]
