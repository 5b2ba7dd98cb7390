"""`duijie gateway notices`: whom agencies still have to tell that the registration ended."""

import asyncio
import json
from datetime import date
from pathlib import Path
from typing import Final

import click

from duijie.cli_errors import cli_errors
from duijie.ledger_reader import LedgerReader, open_ledger_reader
from duijie.names import agency_name
from duijie.options import config_option, json_option
from duijie.tables import print_table
from gateway.config import Settings
from gateway.ports.notices import NoticeDue
from gateway.ports.views import Views
from gateway.settings_file import load_settings
from schemas.reference.clock import beijing_date, utc_now

_HELP: Final = """注销后尚待告知的人员：登记键、注销情形、最后期限、经办机构。

List deregistrations whose person is still to be told. It only reads, beside the running gateway.

\b
示例
  duijie gateway notices --config var/gateway.toml
  duijie gateway notices --overdue --json
"""
_HEADINGS: Final = ("登记键", "注销情形", "告知期限", "经办机构")
_PAGE: Final = 200


@click.command(help=_HELP)
@config_option("var/gateway.toml")
@click.option("--overdue", "late", is_flag=True, help="仅列已过期限的")
@click.option(
    "--limit", type=click.IntRange(1), default=50, show_default=True, help="最多列出的件数"
)
@json_option("输出 JSON")
def notices(config: Path, *, late: bool, limit: int, as_json: bool) -> None:
    """List deregistrations whose person is still to be told."""
    before = beijing_date(utc_now()) if late else None
    with cli_errors():
        settings = load_settings(config)
        due = asyncio.run(_list(settings, before, limit))
    if as_json:
        click.echo(json.dumps(list(map(_record, due)), ensure_ascii=False))
    elif due:
        print_table(_HEADINGS, [_cells(one, settings) for one in due])
    else:
        click.echo("没有尚待告知的人员。")


async def _list(settings: Settings, before: date | None, limit: int) -> list[NoticeDue]:
    async with open_ledger_reader(settings) as ledger:
        found: list[NoticeDue] = []
        while len(found) < limit:
            room = min(limit - len(found), _PAGE)
            page = await _page(ledger, before, found[-1] if found else None, room)
            found.extend(page)
            if len(page) < room:
                break
        return found


async def _page(
    ledger: LedgerReader, before: date | None, after: NoticeDue | None, limit: int
) -> list[NoticeDue]:
    def view(views: Views) -> list[NoticeDue]:
        return views.notices_due(before=before, after=after, limit=limit)

    return await ledger.read(view)


def _record(one: NoticeDue) -> dict[str, str | None]:
    due_on = None if one.due_on is None else one.due_on.isoformat()
    return {"key": one.key, "ground": one.ground, "due_on": due_on, "agency": one.agency}


def _cells(one: NoticeDue, settings: Settings) -> list[str | None]:
    due_on = "待定（工作日历未公布）" if one.due_on is None else one.due_on.isoformat()
    return [one.key, one.ground, due_on, agency_name(one.agency, settings)]
