"""`duijie gateway audit disclosures`: who had personal data shown in full, when and why."""

import asyncio
import json
from datetime import date
from pathlib import Path
from typing import Final

import click

from duijie.cli_errors import cli_errors
from duijie.ledger_reader import open_ledger_reader
from duijie.options import config_option, json_option
from duijie.report_options import check_days, day_option
from duijie.tables import print_table
from gateway.config import Settings
from gateway.domain.appraisal import Period
from gateway.flows.disclosure import disclosures_of
from gateway.flows.report_pages import Coverage
from gateway.ports.disclosures import RecordedDisclosure
from gateway.settings_file import load_settings
from gateway.words import DISCLOSURES, describe_actor
from schemas.reference.clock import BEIJING, beijing_date, utc_now

_HEADINGS: Final = ("序号", "时间", "经手人", "事项", "人数", "理由")
_BEGINNING: Final = date(2020, 1, 1)
"""Before any ledger of ours."""
_HELP: Final = """脱敏解除记录：谁在何时因何理由查看了多少人的完整信息。

List who had persons shown in full: when, by what, how many, and the reason that was given. It only
reads, beside the running gateway. Ends with 1 when an entry cannot be read (audit verify says why).

\b
示例
  duijie gateway audit disclosures --config var/gateway.toml
  duijie gateway audit disclosures --from 2026-11-01 --to 2026-11-30 --json
"""


@click.command(help=_HELP)
@config_option("var/gateway.toml")
@day_option("--from", "first", "起始日期（含）")
@day_option("--to", "last", "结束日期（含）")
@json_option("输出 JSON")
def disclosures(config: Path, *, first: date | None, last: date | None, as_json: bool) -> int:
    """List who had persons shown in full."""
    check_days(first, last)
    period = Period(first or _BEGINNING, last or beijing_date(utc_now()))
    coverage = Coverage()
    with cli_errors():
        found = asyncio.run(_list(load_settings(config), period, coverage))
    if as_json:
        click.echo(json.dumps(list(map(_record, found)), ensure_ascii=False))
    elif found:
        print_table(_HEADINGS, map(_cells, found))
    else:
        click.echo("没有脱敏解除记录。")
    if coverage.unreadable:
        click.echo(f"另有 {coverage.unreadable} 条无法读取，请执行 audit verify。", err=True)
    return 1 if coverage.unreadable else 0


async def _list(settings: Settings, period: Period, coverage: Coverage) -> list[RecordedDisclosure]:
    async with open_ledger_reader(settings) as ledger:
        return [one async for one in disclosures_of(ledger, period, coverage)]


def _record(one: RecordedDisclosure) -> dict[str, object]:
    entry = one.disclosure
    return {
        "number": one.seq,
        "at": entry.at.isoformat(),
        "actor": entry.actor,
        "act": entry.act,
        "persons": entry.persons,
        "reason": entry.reason,
    }


def _cells(one: RecordedDisclosure) -> list[str | None]:
    entry = one.disclosure
    at = entry.at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
    return [
        str(one.seq),
        at,
        describe_actor(entry.actor, {}),
        DISCLOSURES.get(entry.act, entry.act),
        f"{entry.persons} 人",
        entry.reason,
    ]
