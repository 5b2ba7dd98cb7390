"""`duijie gateway agencies export`: a version of the directory as a file to edit and import."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Final

import click

from duijie.agency_files.writing import write_agency_file
from duijie.cli_errors import cli_errors
from duijie.directory_choice import DirectoryChoice, choose_version
from duijie.errors import USAGE, CliError
from duijie.ledger_reader import open_ledger_reader
from duijie.options import config_option
from gateway.config import Settings
from gateway.domain.directory_version import DirectoryVersion
from gateway.settings_file import load_settings

_HELP: Final = """导出机构清单（CSV 或 Excel），供修改后导入；未修改的，导入后没有差异。

Write the newest version of the agency directory to FILE.csv or FILE.xlsx. What is edited there is
read by `agencies import`; unedited, it differs in nothing. The file holds the names of persons
responsible in clear: only its owner may read it.

\b
示例
  duijie gateway agencies export agencies.xlsx --config var/gateway.toml
  duijie gateway agencies export agencies.csv --version 3
"""


@click.command(help=_HELP)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@config_option("var/gateway.toml")
@click.option("--version", "number", type=click.IntRange(1), help="版本号，默认最新版本")
@click.option("--at", "day", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="日期（北京）")
def agencies_export(file: Path, config: Path, *, number: int | None, day: datetime | None) -> None:
    """Write a version of the directory to a file."""
    choice = DirectoryChoice.of(number, day)
    with cli_errors():
        settings = load_settings(config)
        version, chosen = asyncio.run(_find(settings, choice))
        content = chosen.content(version)
        try:
            write_agency_file(file, content)
        except FileExistsError:
            cure = "请换一个文件名，或先移走该文件"
            raise CliError(f"{file} 已存在", "不覆盖已有文件", cure, USAGE) from None
    click.echo(f"已将机构清单版本 {version.number}（{len(content.agencies)} 家）写入 {file}。")


async def _find(
    settings: Settings, choice: DirectoryChoice
) -> tuple[DirectoryVersion, DirectoryChoice]:
    """Return the version that is asked for: without any word about it, the newest, whole."""
    async with open_ledger_reader(settings) as ledger:
        if choice == DirectoryChoice():
            newest = await ledger.read(lambda views: views.newest_directory())
            choice = DirectoryChoice(number=max(newest, 1))
        return await choose_version(ledger, choice), choice
