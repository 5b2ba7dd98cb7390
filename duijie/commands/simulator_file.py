"""`duijie simulator file`."""

import asyncio
import json
from typing import Final

import click

from duijie.clients.control_client import ControlClient
from duijie.options import control_option, json_option

_FILE_HELP: Final = """在部端模拟器中申报若干模拟申请，列出申请编号。

File synthetic applications at the simulated national entry and print their numbers.

\b
示例
  duijie simulator file --count 5 --place 419001 --place 410105001001
  duijie simulator file --count 200 --seed 7 --json
"""


@click.command(name="file", help=_FILE_HELP)
@click.option(
    "--count",
    type=click.IntRange(1, 100_000),
    default=1,
    show_default=True,
    help="申报件数",
)
@click.option("--seed", type=click.IntRange(0), help="随机种子，种子相同则申请人相同")
@click.option(
    "--place",
    "places",
    multiple=True,
    metavar="CODE",
    help="登记失业地区划代码，可多次",
)
@control_option
@json_option("输出 JSON")
def file(
    count: int, seed: int | None, places: tuple[str, ...], control: str, *, as_json: bool
) -> None:
    """File synthetic applications at the simulated national entry and print their numbers."""
    numbers = asyncio.run(_file(control, count, seed, places))
    if as_json:
        click.echo(json.dumps(numbers))
    else:
        click.echo("\n".join(numbers))


async def _file(url: str, count: int, seed: int | None, places: tuple[str, ...]) -> list[str]:
    async with ControlClient(url) as control:
        return await control.file(count, seed=seed, places=places)
