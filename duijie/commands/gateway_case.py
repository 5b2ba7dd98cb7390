"""`duijie gateway case`: one case, its history and its messages, the person masked."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Final

import click

from duijie.case_rows import HEADINGS, case_cells, case_record
from duijie.cli_errors import cli_errors
from duijie.errors import FAILED, CliError
from duijie.ledger_reader import Listed, open_ledger_reader
from duijie.names import agency_name
from duijie.options import config_option, json_option
from duijie.tables import print_table
from gateway.config import Settings
from gateway.domain.case import HistoryEntry
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
    describe_details,
    describe_note,
)
from schemas.reference.clock import BEIJING

_STEP_HEADINGS: Final = ("时间（北京）", "事项", "状态", "经手", "说明")
_MESSAGE_HEADINGS: Final = ("报文", "送往", "版次", "已试次数（次）", "状态", "最近一次失败的原因")
_CONFLICT_HEADINGS: Final = ("数据项", "先收到的", "来件")
Entry = HistoryEntry | UnreadableRow
Message = MessageView | UnreadableRow
_HELP: Final = """单个办件：当前状态和办理经过。

One case and its history, the person masked. NO is the application number.

\b
示例
  duijie gateway case SYDJ2026112241010259753000001 --config var/gateway.toml
"""


@click.command(help=_HELP)
@click.argument("number", metavar="NO")
@config_option("var/gateway.toml")
@json_option("输出 JSON")
def case(number: str, config: Path, *, as_json: bool) -> None:
    """Show one case and its history."""
    with cli_errors():
        settings = load_settings(config)
        row, history, messages, conflicts = asyncio.run(_find_case(settings, number))
    if as_json:
        record = case_record(row, settings) | {
            "history": [_entry_record(one) for one in history],
            "messages": [_message_record(one) for one in messages],
            "conflicts": [asdict(one) | {"at": one.at.isoformat()} for one in conflicts],
        }
        click.echo(json.dumps(record, ensure_ascii=False))
        return
    for heading, cell in zip(HEADINGS, case_cells(row, settings), strict=True):
        click.echo(f"{heading}：{cell if cell is not None else '–'}")
    if isinstance(row, WorkRow) and row.same_person:
        click.echo(f"同一证件号码另有未办结的申请：{'、'.join(row.same_person)}")
    print_table(_STEP_HEADINGS, [_entry_cells(one, settings) for one in history])
    if messages:
        print_table(_MESSAGE_HEADINGS, [_message_cells(one, settings) for one in messages])
    for conflict in conflicts:
        click.echo(f"{_beijing_time(conflict.at)} {describe_details(conflict.detail)}：")
        rows = [(one.pointer, one.first, one.other) for one in conflict.differing or ()]
        print_table(_CONFLICT_HEADINGS, rows)


async def _find_case(
    settings: Settings, number: str
) -> tuple[Listed, list[Entry], list[Message], list[ConflictRow]]:
    async with open_ledger_reader(settings) as ledger:
        row = await ledger.read(lambda views: views.case(number))
        history = await ledger.read(lambda views: views.history(number))
        messages = await ledger.read(lambda views: views.messages(number))
        conflicts = await ledger.read(lambda views: views.conflicts(number))
    if row is None:
        cure = "请核对失业登记申请编号；duijie gateway cases 列出所有办件"
        raise CliError(f"台账中没有办件 {number}", "编号不存在，或尚未接收", cure, FAILED)
    return row, history, messages, conflicts


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
