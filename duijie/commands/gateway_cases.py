"""`duijie gateway cases` and `duijie gateway case`: the cases of the ledger, the person masked."""

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import click

from duijie.cli_errors import cli_errors
from duijie.errors import FAILED, CliError
from duijie.ledger_reader import CaseFilter, Listed, list_cases, open_ledger_reader
from duijie.names import agency_name, place_name
from duijie.options import config_option, json_option
from duijie.tables import print_table
from gateway.config import Settings
from gateway.domain.case import UNDECIDED, HistoryEntry, State
from gateway.domain.deadline import overdue
from gateway.ports.unreadable import UnreadableRow
from gateway.ports.views import UnreadableCase, WorkRow
from gateway.settings_file import load_settings
from gateway.words import HOLDS, STATES, STEPS, UNREADABLE_ROW, describe_actor, describe_note
from schemas.reference.clock import BEIJING, beijing_date, utc_now

_HEADINGS: Final = ("申请编号", "登记失业地", "承办机构", "状态", "办结时限", "申请人", "证件号码")
_STEP_HEADINGS: Final = ("时间（北京）", "事项", "状态", "经手", "说明")
Entry = HistoryEntry | UnreadableRow
_CASES_HELP: Final = """办件列表，按办结时限排序；姓名和证件号码打码。

List cases by due date, the person masked. It only reads, beside the running gateway.

\b
示例 EXAMPLE
  duijie gateway cases --config var/gateway.toml
  duijie gateway cases --overdue --agency 4101000001 --limit 20
  duijie gateway cases --state HELD --json
"""
_CASE_HELP: Final = """单个办件：现在到哪一步，经过哪些环节。

One case and its history, the person masked. NO is the application number.

\b
示例 EXAMPLE
  duijie gateway case SYDJ2026112241010259753000001 --config var/gateway.toml
"""


@click.command(help=_CASES_HELP)
@config_option("var/gateway.toml")
@click.option("--agency", metavar="CODE", help="承办机构代码 / agency")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([state.value for state in State], case_sensitive=False),
    help="状态，可多次 / state, repeatable",
)
@click.option("--overdue", "late", is_flag=True, help="只看逾期 / overdue only")
@click.option(
    "--limit", type=click.IntRange(1), default=50, show_default=True, help="最多几件 / at most"
)
@json_option("输出 JSON")
def cases(
    config: Path,
    *,
    agency: str | None,
    states: tuple[str, ...],
    late: bool,
    limit: int,
    as_json: bool,
) -> None:
    """List cases by due date, the person masked."""
    today = beijing_date(utc_now())
    case_filter = CaseFilter(agency, states, today if late else None)
    with cli_errors():
        settings = load_settings(config)
        rows = asyncio.run(_list_cases(settings, case_filter, limit))
    if as_json:
        click.echo(json.dumps([_case_record(row, settings) for row in rows], ensure_ascii=False))
    elif rows:
        print_table(_HEADINGS, [_case_cells(row, settings) for row in rows])
    else:
        click.echo("没有符合条件的办件。")


@click.command(help=_CASE_HELP)
@click.argument("number", metavar="NO")
@config_option("var/gateway.toml")
@json_option("输出 JSON")
def case(number: str, config: Path, *, as_json: bool) -> None:
    """Show one case and its history."""
    with cli_errors():
        settings = load_settings(config)
        row, history = asyncio.run(_find_case(settings, number))
    if as_json:
        record = _case_record(row, settings) | {"history": [_entry_record(one) for one in history]}
        click.echo(json.dumps(record, ensure_ascii=False))
        return
    for heading, cell in zip(_HEADINGS, _case_cells(row, settings), strict=True):
        click.echo(f"{heading}：{cell if cell is not None else '–'}")
    if isinstance(row, WorkRow) and row.same_person:
        click.echo(f"同一证件号码另有未办结的申请：{'、'.join(row.same_person)}")
    print_table(_STEP_HEADINGS, [_entry_cells(one, settings) for one in history])


async def _list_cases(settings: Settings, case_filter: CaseFilter, limit: int) -> list[Listed]:
    async with open_ledger_reader(settings) as ledger:
        return await list_cases(ledger, case_filter, limit)


async def _find_case(settings: Settings, number: str) -> tuple[Listed, list[Entry]]:
    async with open_ledger_reader(settings) as ledger:
        row = await ledger.read(lambda views: views.case(number))
        history = await ledger.read(lambda views: views.history(number))
    if row is None:
        cure = "核对失业登记申请编号；duijie gateway cases 列出所有办件"
        raise CliError(f"台账里没有办件 {number}", "编号不存在，或还没有接收", cure, FAILED)
    return row, history


def _case_cells(row: Listed, settings: Settings) -> list[str | None]:
    if isinstance(row, UnreadableCase):
        return [row.row.key, None, None, UNREADABLE_ROW, None, None, None]
    one = row.case
    late = one.state in UNDECIDED and overdue(one.due_on, utc_now())
    due = "待定" if one.due_on is None else one.due_on.isoformat()
    state = STATES[one.state]
    if one.state is State.HELD and one.hold_reason:
        state = f"{state}：{HOLDS.get(one.hold_reason, one.hold_reason)}"
    return [
        one.key,
        place_name(one.place_division),
        agency_name(one.agency, settings),
        state,
        f"{due} 逾期" if late else due,
        row.person,
        _certificate(row),
    ]


def _certificate(row: WorkRow) -> str:
    if not row.same_person:
        return row.certificate
    return f"{row.certificate}（另有 {len(row.same_person)} 件未办结）"


def _case_record(row: Listed, settings: Settings) -> dict[str, object]:
    if isinstance(row, UnreadableCase):
        return {"key": row.row.key, "unreadable": row.row.code.value}
    one = row.case
    return {
        "key": one.key,
        "state": one.state.value,
        "place_division": one.place_division,
        "place": place_name(one.place_division),
        "agency_code": one.agency,
        "agency": agency_name(one.agency, settings),
        "due_on": None if one.due_on is None else one.due_on.isoformat(),
        "due_rule": one.due_rule,
        "hold_reason": one.hold_reason,
        "findings": list(one.findings),
        "revision": one.revision,
        "accepted_at": one.accepted_at.isoformat(),
        "person": row.person,
        "certificate": row.certificate,
        "same_person": list(row.same_person),
        "trace_id": one.trace_id,
    }


def _entry_cells(entry: Entry, settings: Settings) -> Sequence[str | None]:
    if isinstance(entry, UnreadableRow):
        return (None, UNREADABLE_ROW, None, None, entry.key)
    return (
        _beijing_time(entry.at),
        STEPS[entry.step],
        STATES[entry.state],
        describe_actor(entry.actor, {one.code: one.name for one in settings.agency}),
        describe_note(entry.note),
    )


def _entry_record(entry: Entry) -> dict[str, object]:
    if isinstance(entry, UnreadableRow):
        return {"key": entry.key, "unreadable": entry.code.value}
    return {
        "at": entry.at.isoformat(),
        "step": entry.step.value,
        "state": entry.state.value,
        "actor": entry.actor,
        "note": entry.note,
    }


def _beijing_time(at: datetime) -> str:
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
