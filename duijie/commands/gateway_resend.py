"""`duijie gateway resend`: refused messages that wait for a person are sent again."""

import asyncio
import json
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

import click

from duijie.cli_errors import cli_errors
from duijie.errors import FAILED, USAGE, CliError
from duijie.ledger_reader import open_ledger_reader
from duijie.ledger_writer import open_ledger_writer
from duijie.names import agency_name
from duijie.options import config_option, json_option, operator_name
from duijie.tables import print_table
from gateway.config import Settings
from gateway.flows.resend import (
    MOST,
    ResendRequest,
    ResentMessage,
    preview_resend,
    resend,
)
from gateway.ports import PORTAL
from gateway.sending_words import MESSAGES, describe_sending
from gateway.settings_file import load_settings
from gateway.words import ACTORS
from schemas.reference.clock import utc_now

_HEADINGS: Final = ("申请编号", "报文", "送往", "拒收原因", "结果")
_AGAIN: Final = "重新列入待发"
_COULD: Final = "可以重发"
_UNWANTED: Final = "不再需要，未重发"
_HELP: Final = """重发被拒收、待人工处理的报文；编号不变，对方已收到的按重复处理。

Send refused messages again that wait for a person, under the same number. Name the cases (NO), or
with --peer all that wait for one peer: an agency's code, or portal. That is shown first, and done
once it is confirmed, or with --yes; --dry-run only shows it. With --rate so many go a minute, for
an hour at most; what is left waits for another command. Ends with 0: sent again (or could be),
1: nothing was waiting, or nothing of it is still wanted. Safe to repeat.

With SQLite the running gateway owns the ledger: stop it first, or use PostgreSQL. --dry-run works
beside a running gateway.

\b
示例
  duijie gateway resend SYDJ2026112241010259753000001 --operator 李敏
  duijie gateway resend --peer 4101000001 --dry-run
  duijie gateway resend --peer 4101000001 --rate 60 --yes --operator 李敏 --json
  duijie gateway resend --peer portal --operator 李敏
"""


@click.command("resend", help=_HELP)
@click.argument("numbers", metavar="[NO]...", nargs=-1)
@click.option("--peer", metavar="CODE", help="送往该经办机构（代码）或部端（portal）的全部报文")
@click.option("--rate", type=click.IntRange(1, MOST), metavar="N", help="每分钟条数，缺省不限")
@click.option("--operator", metavar="NAME", help="经手人，记入办理经过")
@click.option("--dry-run", is_flag=True, help="仅显示结果，不作改动")
@click.option("--yes", is_flag=True, help="不再询问")
@config_option("var/gateway.toml")
@json_option("输出 JSON")
def resend_messages(  # noqa: PLR0913 -- one parameter an option
    numbers: tuple[str, ...],
    config: Path,
    *,
    peer: str | None,
    rate: int | None,
    operator: str | None,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Send refused messages again."""
    name = "" if dry_run else operator_name(operator)
    request = _request(numbers, peer, rate)
    with cli_errors():
        settings = load_settings(config)
        if not dry_run and peer is not None and not yes:
            _confirm(asyncio.run(_preview(settings, request)), settings)
        work = _preview(settings, request) if dry_run else _resend(settings, request, name)
        found = asyncio.run(work)
    if as_json:
        click.echo(json.dumps([_record(one) for one in found], ensure_ascii=False))
    else:
        _show(found, settings, again=_COULD if dry_run else _AGAIN)
    return 0 if any(one.sent_again for one in found) else FAILED


def _request(numbers: tuple[str, ...], peer: str | None, rate: int | None) -> ResendRequest:
    if bool(numbers) == (peer is not None):
        raise CliError(
            "申请编号与 --peer 须给出其一",
            "未说明重发哪些报文，或两者同时给出",
            "请执行 duijie gateway resend NO，或 duijie gateway resend --peer CODE",
            USAGE,
        )
    return ResendRequest(numbers, peer, rate)


def _confirm(found: Sequence[ResentMessage], settings: Settings) -> None:
    """Show what would be sent again, and ask.

    Raises:
        CliError: It was not confirmed, or nobody is there to ask.
    """
    _show(found, settings, again=_COULD)
    wanted = sum(one.sent_again for one in found)
    asked = f"重发以上 {wanted} 条报文？"
    if wanted and not (sys.stdin.isatty() and click.confirm(asked)):
        cure = "请核对后加 --yes 执行；仅需查看的，请用 --dry-run"
        raise CliError("未重发", "未经确认", cure, USAGE)


async def _preview(settings: Settings, request: ResendRequest) -> tuple[ResentMessage, ...]:
    async with open_ledger_reader(settings) as ledger:
        return await ledger.read(partial(preview_resend, request=request, at=utc_now()))


async def _resend(
    settings: Settings, request: ResendRequest, operator: str
) -> tuple[ResentMessage, ...]:
    async with open_ledger_writer(settings) as ledger:
        return await resend(request, operator=operator, store=ledger.store, now=utc_now)


def _show(found: Sequence[ResentMessage], settings: Settings, *, again: str) -> None:
    if not found:
        click.echo("没有待人工处理的报文。")
        return
    print_table(_HEADINGS, [_cells(one, settings, again) for one in found])


def _cells(one: ResentMessage, settings: Settings, again: str) -> list[str | None]:
    message = one.message
    return [
        message.key,
        MESSAGES[message.kind],
        ACTORS[PORTAL] if message.peer == PORTAL else agency_name(message.peer, settings),
        describe_sending(message.error),
        again if one.sent_again else _UNWANTED,
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
