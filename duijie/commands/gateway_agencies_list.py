"""`duijie gateway agencies list`: the agencies of a version, the persons responsible masked."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Final

import click

from duijie.cli_errors import cli_errors
from duijie.directory_choice import DirectoryChoice, choose_version
from duijie.ledger_reader import open_ledger_reader
from duijie.options import config_option, json_option
from duijie.tables import print_table
from gateway.adapters.ledger.masking import mask_name
from gateway.config import Settings
from gateway.directory_words import describe_flaw, describe_maker
from gateway.domain.directory_checks import DirectoryFlaw, directory_findings
from gateway.domain.directory_version import DirectoryVersion
from gateway.domain.listed_agencies import DirectoryContent, ListedAgency
from gateway.settings_file import load_settings
from schemas.reference.codes import CodeTables

_HEADINGS: Final = (
    *("机构代码", "机构名称", "行政区划", "层级", "联系电话", "办公地址", "登记", "账号数（个）"),
    *("责任单位", "责任人", "接入", "提示"),
)
_HELP: Final = """现行机构清单，或某一版本、某一日期的清单；责任人姓名脱敏。

The agencies of the directory in force, of a version, or of a Beijing date. It only reads, beside
the running gateway. Marked are agencies that register without an account, lack what is published,
or whose division names nobody responsible.

\b
示例
  duijie gateway agencies list --config var/gateway.toml
  duijie gateway agencies list --at 2026-07-01
  duijie gateway agencies list --version 3 --json
"""


@click.command(help=_HELP)
@config_option("var/gateway.toml")
@click.option("--version", "number", type=click.IntRange(1), help="版本号")
@click.option("--at", "day", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="日期（北京）")
@json_option("输出 JSON")
def agencies_list(config: Path, *, number: int | None, day: datetime | None, as_json: bool) -> None:
    """List the agencies of a version."""
    choice = DirectoryChoice.of(number, day)
    with cli_errors():
        settings = load_settings(config)
        version = asyncio.run(_find(settings, choice))
    content = choice.content(version)
    marked = _by_position(content)
    if as_json:
        click.echo(json.dumps(_record(version, content, marked), ensure_ascii=False))
        return
    connected = {one.code for one in settings.agency}
    rows = [
        _cells(one, content, marked.get(at, []), is_connected=one.code in connected)
        for at, one in enumerate(content.agencies)
    ]
    click.echo(
        f"机构清单版本 {version.number}，自 {version.valid_from} 起，"
        f"由 {describe_maker(version.made_by)} 生成，{len(rows)} 家"
    )
    print_table(_HEADINGS, rows)


async def _find(settings: Settings, choice: DirectoryChoice) -> DirectoryVersion:
    async with open_ledger_reader(settings) as ledger:
        return await choose_version(ledger, choice)


def _by_position(content: DirectoryContent) -> Mapping[int, list[DirectoryFlaw]]:
    found: dict[int, list[DirectoryFlaw]] = defaultdict(list)
    for flaw in directory_findings(content):
        found[flaw.position or 0].append(flaw)
    return found


def _cells(
    one: ListedAgency,
    content: DirectoryContent,
    flaws: list[DirectoryFlaw],
    *,
    is_connected: bool,
) -> list[str | None]:
    officer = content.responsible_for(one.division)
    level = None if one.level is None else CodeTables.load().name("agency-level", one.level)
    return [
        one.code,
        one.name,
        one.division,
        level,
        one.telephone,
        one.address,
        "是" if one.registers else "否",
        None if one.accounts is None else str(one.accounts),
        None if officer is None else officer.unit,
        None if officer is None else mask_name(officer.person),
        "是" if is_connected else "否",
        "；".join(map(describe_flaw, flaws)) or None,
    ]


def _record(
    version: DirectoryVersion,
    content: DirectoryContent,
    marked: Mapping[int, list[DirectoryFlaw]],
) -> dict[str, object]:
    agencies = []
    for at, one in enumerate(content.agencies):
        officer = content.responsible_for(one.division)
        days = {
            "valid_from": one.valid_from.isoformat(),
            "valid_to": None if one.valid_to is None else one.valid_to.isoformat(),
        }
        named = {
            "responsible_unit": None if officer is None else officer.unit,
            "responsible_person": None if officer is None else mask_name(officer.person),
        }
        findings = [flaw.code.value for flaw in marked.get(at, [])]
        agencies.append(asdict(one) | days | named | {"findings": findings})
    return {
        "version": version.number,
        "made_at": version.made_at.isoformat(),
        "valid_from": version.valid_from.isoformat(),
        "made_by": version.made_by,
        "reason": version.reason,
        "agencies": agencies,
    }
