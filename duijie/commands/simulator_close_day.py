"""`duijie simulator close-day`."""

import asyncio
from datetime import datetime
from typing import Final

import click

from duijie.clients.control_client import ControlClient, checked_request
from duijie.options import control_option
from schemas.reference.clock import BEIJING, beijing_date, utc_now
from simulator.web.control.requests import CloseDayRequest
from simulator.web.control.responses import DayClosed

_HELP: Final = """提前生成某日的对账单，供联调测试当日对账；缺省为今日。

Close a Beijing day at the simulated national side now, so that its statement can be fetched before
the day ends. It counts up to now; closed again, it counts up to then.

\b
示例
  duijie simulator close-day
  duijie simulator close-day --date 2026-11-27
"""


@click.command(name="close-day", help=_HELP)
@click.option(
    "--date",
    "on",
    type=click.DateTime(formats=["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="北京日期，缺省为今日",
)
@control_option
def close_day(control: str, *, on: datetime | None) -> None:
    """Close a day at the national side and print up to when its statement counts."""
    day = beijing_date(utc_now()) if on is None else on.date()
    closed = asyncio.run(_close(control, checked_request(CloseDayRequest, date=day)))
    at = closed.closed_at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
    click.echo(f"{closed.date.isoformat()} 的对账单可以下载，截至 {at}（北京时间）")


async def _close(url: str, request: CloseDayRequest) -> DayClosed:
    async with ControlClient(url) as control:
        return await control.close_day(request)
