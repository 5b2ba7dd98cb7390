"""`duijie gateway resend`: refused messages that wait for a person are sent again."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from duijie.cli_errors import cli_errors
from duijie.errors import FAILED, USAGE, CliError
from duijie.ledger_writer import open_ledger_writer
from duijie.names import agency_name
from duijie.options import config_option, json_option, operator_name
from duijie.tables import print_table
from gateway.config import Settings
from gateway.flows.resend import ResentMessage, resend
from gateway.ports import PORTAL
from gateway.sending_words import MESSAGES, describe_sending
from gateway.settings_file import load_settings
from gateway.words import ACTORS
from schemas.reference.clock import utc_now

_HEADINGS: Final = ("申请编号", "报文", "送往", "拒收原因", "结果")
_AGAIN: Final = "重新列入待发"
_UNWANTED: Final = "不再需要，未重发"
_HELP: Final = """重发被拒收、待人工处理的报文；编号不变，对方已收到的按重复处理。

Send refused messages again that wait for a person, under the same number. Name the cases (NO), or
with --peer all that wait for one peer: an agency's code, or portal. Ends with 0: sent again,
1: nothing was waiting, or nothing of it is still wanted. Safe to repeat.

With SQLite the running gateway owns the ledger: stop it first, or use PostgreSQL.

\b
示例
  duijie gateway resend SYDJ2026112241010259753000001 --operator 李敏
  duijie gateway resend --peer 4101000001 --operator 李敏 --json
  duijie gateway resend --peer portal --operator 李敏
"""


@click.command("resend", help=_HELP)
@click.argument("numbers", metavar="[NO]...", nargs=-1)
@click.option("--peer", metavar="CODE", help="送往该经办机构（代码）或部端（portal）的全部报文")
@click.option("--operator", metavar="NAME", help="经手人，记入办理经过")
@config_option("var/gateway.toml")
@json_option("输出 JSON")
def resend_messages(
    numbers: tuple[str, ...],
    config: Path,
    *,
    peer: str | None,
    operator: str | None,
    as_json: bool,
) -> int:
    """Send refused messages again."""
    name = operator_name(operator)
    if bool(numbers) == (peer is not None):
        raise CliError(
            "申请编号与 --peer 须给出其一",
            "未说明重发哪些报文，或两者同时给出",
            "请执行 duijie gateway resend NO，或 duijie gateway resend --peer CODE",
            USAGE,
        )
    with cli_errors():
        settings = load_settings(config)
        found = asyncio.run(_resend(settings, numbers, peer, name))
    if as_json:
        click.echo(json.dumps([_record(one) for one in found], ensure_ascii=False))
    elif found:
        print_table(_HEADINGS, [_cells(one, settings) for one in found])
    else:
        click.echo("没有待人工处理的报文。")
    return 0 if any(one.sent_again for one in found) else FAILED


async def _resend(
    settings: Settings, numbers: Sequence[str], peer: str | None, operator: str
) -> tuple[ResentMessage, ...]:
    async with open_ledger_writer(settings) as ledger:
        return await resend(numbers, operator=operator, peer=peer, store=ledger.store, now=utc_now)


def _cells(one: ResentMessage, settings: Settings) -> list[str | None]:
    message = one.message
    return [
        message.key,
        MESSAGES[message.kind],
        ACTORS[PORTAL] if message.peer == PORTAL else agency_name(message.peer, settings),
        describe_sending(message.error),
        _AGAIN if one.sent_again else _UNWANTED,
    ]


def _record(one: ResentMessage) -> dict[str, object]:
    message = one.message
    return {
        "application_no": message.key,
        "kind": message.kind.value,
        "peer": message.peer,
        "message_no": message.number,
        "revision": message.revision,
        "error": message.error,
        "sent_again": one.sent_again,
    }
