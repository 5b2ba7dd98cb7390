"""`duijie simulator deregister`."""

import asyncio
from typing import Final

import click

from duijie.clients.control_client import ControlClient, checked_request
from duijie.options import control_option
from simulator.web.control.requests import DeregisterRequest

_HELP: Final = """由模拟经办机构注销一条登记并报送；KEY 是申请编号或登记键。

Let a stand-in agency end a registration and hand that in; KEY is a number or a local key.

\b
示例
  duijie simulator deregister 419001/BD20261127-000001 --agency 4190010001
  duijie simulator deregister NO --agency 4101000001 --ground 21 --verified-by 01 --uninformed
"""


@click.command(name="deregister", help=_HELP)
@click.argument("key")
@click.option("--agency", required=True, metavar="CODE", help="经办机构代码")
@click.option("--ground", default="11", show_default=True, help="注销情形（acc025）")
@click.option("--verified-by", default="05", show_default=True, help="核实方式")
@click.option("--mode", default="2", show_default=True, help="注销方式：1 自动，2 人工")
@click.option("--revision", type=click.IntRange(1), default=1, show_default=True, help="版次")
@click.option("--uninformed", is_flag=True, help="尚未告知本人")
@control_option
def deregister(key: str, *, control: str, uninformed: bool, **codes: str | int) -> None:
    """End a registration at a stand-in agency and print its key."""
    request = checked_request(DeregisterRequest, key=key, informed=not uninformed, **codes)
    click.echo("\n".join(asyncio.run(_deregister(control, request))))


async def _deregister(url: str, request: DeregisterRequest) -> tuple[str, ...]:
    async with ControlClient(url) as control:
        return await control.deregister(request)
