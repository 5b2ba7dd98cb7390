"""`duijie gateway agencies versions`: the versions of the directory, and how publishing ended."""

import asyncio
import json
from pathlib import Path
from typing import Final

import click

from duijie.cli_errors import cli_errors
from duijie.ledger_reader import open_ledger_reader
from duijie.options import config_option, json_option
from duijie.tables import print_table
from gateway.config import Settings
from gateway.directory_words import describe_maker, describe_publication
from gateway.ports.directory import DirectoryRow
from gateway.settings_file import load_settings
from schemas.reference.clock import BEIJING

_ABOVE_ALL: Final = 1_000_000
_HEADINGS: Final = ("版本", "生成时间（北京）", "启用日期", "经手", "机构（家）", "发布")
_HELP: Final = """机构清单的各个版本，最新的在前，以及是否已发布至部端。

The versions of the agency directory, newest first, and how publishing each of them ended. It only
reads, beside the running gateway.

\b
示例
  duijie gateway agencies versions --config var/gateway.toml
  duijie gateway agencies versions --limit 5 --json
"""


@click.command(help=_HELP)
@config_option("var/gateway.toml")
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="最多列出的版本数"
)
@json_option("输出 JSON")
def agencies_versions(config: Path, *, limit: int, as_json: bool) -> None:
    """List the versions of the directory."""
    with cli_errors():
        rows = asyncio.run(_rows(load_settings(config), limit))
    if as_json:
        click.echo(json.dumps([_record(one) for one in rows], ensure_ascii=False))
    elif rows:
        print_table(_HEADINGS, [_cells(one) for one in rows])
    else:
        click.echo("台账中尚无机构清单；网关首次启动时由设置文件生成版本 1。")


async def _rows(settings: Settings, limit: int) -> list[DirectoryRow]:
    async with open_ledger_reader(settings) as ledger:
        return await ledger.read(lambda views: views.directories(before=_ABOVE_ALL, limit=limit))


def _cells(one: DirectoryRow) -> list[str]:
    return [
        str(one.number),
        one.made_at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S"),
        one.valid_from.isoformat(),
        describe_maker(one.made_by),
        str(one.agencies),
        describe_publication(one),
    ]


def _record(one: DirectoryRow) -> dict[str, object]:
    ended = one.publication
    return {
        "version": one.number,
        "made_at": one.made_at.isoformat(),
        "valid_from": one.valid_from.isoformat(),
        "made_by": one.made_by,
        "agencies": one.agencies,
        "overtaken": one.overtaken,
        "publication": None if ended is None else ended.result.value,
        "publication_at": None if ended is None else ended.at.isoformat(),
        "publication_code": None if ended is None else ended.code or None,
    }
