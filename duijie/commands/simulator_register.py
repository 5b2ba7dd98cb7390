"""`duijie simulator register`."""

import asyncio
import json
from typing import Final

import click

from duijie.clients.control_client import ControlClient
from duijie.options import control_option, json_option

_REGISTER_HELP: Final = """若干模拟人员到模拟经办机构窗口办理，由其受理、审核并报送，列出登记键。

Let synthetic people come to the counter of a stand-in agency, which registers them and hands its
registrations in; print their keys.

\b
示例
  duijie simulator register --agency 4101000001 --count 5
  duijie simulator register --agency 4190010001 --count 200 --seed 7 --json
"""


@click.command(name="register", help=_REGISTER_HELP)
@click.option("--agency", required=True, metavar="CODE", help="经办机构代码")
@click.option(
    "--count", type=click.IntRange(1, 1000), default=1, show_default=True, help="办理人数"
)
@click.option("--seed", type=click.IntRange(0), help="随机种子，种子相同则人员相同")
@control_option
@json_option("输出 JSON")
def register(agency: str, count: int, seed: int | None, control: str, *, as_json: bool) -> None:
    """Register synthetic people at a stand-in agency and print their keys."""
    keys = asyncio.run(_register(control, agency, count, seed))
    click.echo(json.dumps(keys) if as_json else "\n".join(keys))


async def _register(url: str, agency: str, count: int, seed: int | None) -> list[str]:
    async with ControlClient(url) as control:
        return await control.register(agency, count, seed=seed)
