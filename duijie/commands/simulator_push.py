"""`duijie simulator push`: shows, starts and stops pushes of the national side."""

import asyncio
import json
from collections.abc import Sequence
from typing import Final

import click

from duijie.clients.control_client import ControlClient
from duijie.options import control_option, json_option
from duijie.tables import print_table
from simulator.web.control.responses import PushView

_HEADINGS: Final = ("省份", "网关", "主动推送", "待推送（件）", "留待下载（件）")
_PUSH_HELP: Final = """主动推送：查看、开启、停止。不写 --on、--off 的，只查看。

Pushes of what is forwarded, beside the download: show them, or start and stop them for a province.

\b
示例
  duijie simulator push
  duijie simulator push --province 410000 --on
  duijie simulator push --province 410000 --off
"""


@click.command(name="push", help=_PUSH_HELP)
@click.option("--province", metavar="CODE", help="省份代码，默认为全部设置了推送的省份")
@click.option("--on/--off", "on", default=None, help="开启或停止")
@control_option
@json_option("输出 JSON")
def push(province: str | None, on: bool | None, control: str, *, as_json: bool) -> None:
    """Show pushes, or start and stop them."""
    shown = asyncio.run(_pushes(control, province, on))
    if as_json:
        records = [one.model_dump(mode="json") for one in shown]
        click.echo(json.dumps(records, ensure_ascii=False))
        return
    if not shown:
        click.echo("没有设置推送的省份")
        return
    print_table(_HEADINGS, [_cells(one) for one in shown])


async def _pushes(url: str, province: str | None, on: bool | None) -> Sequence[PushView]:
    async with ControlClient(url) as control:
        shown = [one for one in await control.pushes() if province in {None, one.province}]
        if on is None:
            return shown
        named = [one.province for one in shown] if province is None else [province]
        return [await control.switch_push(one, on=on) for one in named]


def _cells(one: PushView) -> Sequence[str]:
    state = "已开启" if one.on else "已停止"
    return one.province, one.gateway, state, str(one.waiting), str(one.refused)
