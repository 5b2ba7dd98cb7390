"""`duijie gateway case`: one case, its history and its messages, the person masked."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import click

from duijie.case_rows import HEADINGS, case_cells, case_record
from duijie.cli_errors import cli_errors
from duijie.errors import FAILED, CliError
from duijie.ledger_reader import Listed, open_ledger_reader
from duijie.ledger_rules import directory_at, ledger_rules
from duijie.names import agency_name
from duijie.options import config_option, json_option
from duijie.tables import print_table
from duijie.why import RoutingReason, describe_routing, routed_at, routing_reason
from gateway.config import Settings
from gateway.detail_words import describe_details, describe_note
from gateway.domain.case import HistoryEntry
from gateway.domain.directory import AgencyDirectory
from gateway.domain.download_lag import late_minutes
from gateway.ports.unreadable import UnreadableRow
from gateway.ports.views import ConflictRow, MessageView, WorkRow
from gateway.sending_words import MESSAGES, describe_sending, describe_sending_state
from gateway.settings_file import load_settings
from gateway.words import (
    ACTORS,
    STATES,
    STEPS,
    UNREADABLE_ROW,
    describe_actor,
    describe_late,
)
from schemas.reference.clock import BEIJING, beijing_date

_STEP_HEADINGS: Final = ("时间（北京）", "事项", "状态", "经手", "说明")
_MESSAGE_HEADINGS: Final = ("报文", "送往", "版次", "已试次数（次）", "状态", "最近一次失败的原因")
_CONFLICT_HEADINGS: Final = ("数据项", "先收到的", "来件")
Entry = HistoryEntry | UnreadableRow
Message = MessageView | UnreadableRow


@dataclass(frozen=True, slots=True)
class _Found:
    """A case with everything that is known of it."""

    row: Listed
    history: list[Entry]
    messages: list[Message]
    conflicts: list[ConflictRow]
    texts: Mapping[int, str]


_HELP: Final = """单个办件：当前状态和办理经过。

One case and its history, the person masked. NO is the application number. With --why also which
rule led to its agency: the path in the tree of divisions, and the directory it was looked up in.

\b
示例
  duijie gateway case SYDJ2026112241010259753000001 --why
  duijie gateway case SYDJ2026112241010259753000001 --config var/gateway.toml
"""


@click.command(help=_HELP)
@click.argument("number", metavar="NO")
@config_option("var/gateway.toml")
@click.option("--why", is_flag=True, help="说明分派的规则、区划路径和机构清单")
@json_option("输出 JSON")
def case(number: str, config: Path, *, why: bool, as_json: bool) -> None:
    """Show one case and its history."""
    with cli_errors():
        settings = load_settings(config)
        found = asyncio.run(_find_case(settings, number))
        explained = asyncio.run(_explain(settings, found)) if why else None
    reason, directory = explained or (None, None)
    if as_json:
        record = _record(found, settings)
        asked = {} if reason is None else {"why": reason.record()}
        click.echo(json.dumps(record | asked, ensure_ascii=False))
        return
    _show(found, settings)
    if reason is not None and directory is not None:
        for line in describe_routing(reason, directory):
            click.echo(line)


async def _explain(
    settings: Settings, found: _Found
) -> tuple[RoutingReason, AgencyDirectory] | None:
    """Return why a case is with its agency, and the directory of then; None of a damaged row."""
    if not isinstance(found.row, WorkRow):
        return None
    case = found.row.case
    at = routed_at(case, found.history)
    async with open_ledger_reader(settings) as ledger:
        rules = await ledger_rules(settings, ledger, since=beijing_date(at))
        directory = await directory_at(settings, ledger, at)
    return routing_reason(case, found.history, rules, directory), directory


def _record(found: _Found, settings: Settings) -> dict[str, object]:
    return case_record(found.row, settings) | {
        "history": [_entry_record(one, found.texts) for one in found.history],
        "messages": [_message_record(one) for one in found.messages],
        "conflicts": [asdict(one) | {"at": one.at.isoformat()} for one in found.conflicts],
    }


def _show(found: _Found, settings: Settings) -> None:
    row = found.row
    for heading, cell in zip(HEADINGS, case_cells(row, settings), strict=True):
        click.echo(f"{heading}：{cell if cell is not None else '–'}")
    if isinstance(row, WorkRow) and (minutes := late_minutes(row.case)) is not None:
        click.echo(f"下载滞后：{describe_late(minutes)}")
    if isinstance(row, WorkRow) and row.same_person:
        click.echo(f"同一证件号码另有未办结的申请：{'、'.join(row.same_person)}")
    cells = [_entry_cells(one, found.texts, settings) for one in found.history]
    print_table(_STEP_HEADINGS, cells)
    if found.messages:
        print_table(_MESSAGE_HEADINGS, [_message_cells(one, settings) for one in found.messages])
    for conflict in found.conflicts:
        click.echo(f"{_beijing_time(conflict.at)} {describe_details(conflict.detail)}：")
        rows = [(one.pointer, one.first, one.other) for one in conflict.differing or ()]
        print_table(_CONFLICT_HEADINGS, rows)


async def _find_case(settings: Settings, number: str) -> _Found:
    async with open_ledger_reader(settings) as ledger:
        row = await ledger.read(lambda views: views.case(number))
        history = await ledger.read(lambda views: views.history(number))
        messages = await ledger.read(lambda views: views.messages(number))
        conflicts = await ledger.read(lambda views: views.conflicts(number))
        texts = await ledger.read(lambda views: views.texts(number))
    if row is None:
        cure = "请核对失业登记申请编号；duijie gateway cases 列出所有办件"
        raise CliError(f"台账中没有办件 {number}", "编号不存在，或尚未接收", cure, FAILED)
    return _Found(row, history, messages, conflicts, texts)


def _entry_cells(
    entry: Entry, texts: Mapping[int, str], settings: Settings
) -> Sequence[str | None]:
    if isinstance(entry, UnreadableRow):
        return (None, UNREADABLE_ROW, None, None, entry.key)
    return (
        _beijing_time(entry.at),
        STEPS[entry.step],
        STATES[entry.state],
        describe_actor(entry.actor, {one.code: one.name for one in settings.agency}),
        "：".join(filter(None, (describe_note(entry.note), texts.get(entry.seq)))) or None,
    )


def _entry_record(entry: Entry, texts: Mapping[int, str]) -> dict[str, object]:
    if isinstance(entry, UnreadableRow):
        return {"key": entry.key, "unreadable": entry.code.value}
    return {
        "at": entry.at.isoformat(),
        "step": entry.step.value,
        "state": entry.state.value,
        "actor": entry.actor,
        "note": entry.note,
        "text": texts.get(entry.seq),
    }


def _message_cells(one: Message, settings: Settings) -> Sequence[str | None]:
    if isinstance(one, UnreadableRow):
        return (one.key, None, None, None, UNREADABLE_ROW, None)
    return (
        MESSAGES[one.kind],
        ACTORS.get(one.peer) or agency_name(one.peer, settings),
        str(one.revision),
        str(one.attempts),
        _sending_state(one),
        describe_sending(one.error),
    )


def _sending_state(one: MessageView) -> str:
    state, at = describe_sending_state(one)
    return f"{state} {_beijing_time(at)}"


def _message_record(one: Message) -> dict[str, object]:
    if isinstance(one, UnreadableRow):
        return {"message_no": one.key, "unreadable": one.code.value}
    return {
        "kind": one.kind,
        "peer": one.peer,
        "message_no": one.number,
        "revision": one.revision,
        "attempts": one.attempts,
        "error": one.error,
        "due_at": one.due_at.isoformat(),
        "parked_at": None if one.parked_at is None else one.parked_at.isoformat(),
        "ended_at": None if one.ended_at is None else one.ended_at.isoformat(),
        "ended_as": one.ended_as,
    }


def _beijing_time(at: datetime) -> str:
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
