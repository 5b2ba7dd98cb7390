"""`duijie gateway ledger`: an operator accepts a backup in the place of the ledger's file."""

import asyncio
import json
from pathlib import Path
from typing import Final

import click

from duijie.cli_errors import cli_errors, replaced_ledger
from duijie.errors import USAGE, CliError
from duijie.ledger_reader import find_replaced_ledger
from duijie.ledger_writer import open_ledger_writer
from duijie.options import config_option, json_option, operator_name
from gateway.config import Settings
from gateway.domain.ledger_entry import LedgerEntry, LedgerStep
from gateway.domain.operator_acts import OPERATOR
from gateway.ports.ledger import Ledger
from gateway.settings_file import load_settings
from schemas.reference.clock import utc_now
from storage.errors import StoreReplaced
from storage.sealing_keys import load_sealer
from storage.urls import sqlite_path

_MEANING: Final = (
    "备份之后网关向部端作过下载确认的申请、接收的审核结果，可能不在此台账中，其编号无法得知。\n"
    "请向部端索取该时段转办至本省的申请清单，逐件核对；请各经办机构重新报送该时段的审核结果。"
)
_HELP: Final = """认可恢复的备份：台账文件早于最后写入的版本，系有意恢复。

Accept a file that is older than what was last written. What was acknowledged to the national side
after the backup may be missing from it, and nobody can tell which numbers: ask the national side
for what it forwarded since, and the agencies to send their outcomes of that time again. Who and
when stands in the history of the ledger. Doing it twice does it once. Stop the gateway first.

With PostgreSQL there is nothing to accept.

\b
示例
  duijie gateway ledger accept-restored --operator 李敏
  duijie gateway ledger accept-restored --operator 李敏 --json
"""


@click.command("accept-restored", help=_HELP)
@click.option("--operator", metavar="NAME", help="经手人，记入台账经过")
@config_option("var/gateway.toml")
@json_option("输出 JSON")
def accept_restored(operator: str | None, config: Path, *, as_json: bool) -> None:
    """Accept a restored backup."""
    name = operator_name(operator)
    with cli_errors():
        settings = load_settings(config)
        accepted = asyncio.run(_accept(settings, name))
    if as_json:
        click.echo(json.dumps(_record(accepted)))
    elif accepted is None:
        click.echo("台账文件与进度文件相符，无须认可。")
    else:
        click.echo(f"{replaced_ledger(accepted).symptom}\n已认可，记入台账经过。\n{_MEANING}")


async def _accept(settings: Settings, operator: str) -> StoreReplaced | None:
    """Accept the file as it is; return what did not fit, None where all did."""
    found = find_replaced_ledger(_file_of(settings), load_sealer(settings.ledger_keys))
    if found is None:
        return None
    entry = LedgerEntry(LedgerStep.BACKUP_ACCEPTED, utc_now(), f"{OPERATOR}{operator}")

    def work(unit: Ledger) -> None:
        unit.history.add(entry)

    async with open_ledger_writer(settings, accepts_restored=True) as ledger:
        await ledger.store.transact(work)
        await ledger.store.write_head()
    return found


def _file_of(settings: Settings) -> Path:
    path = sqlite_path(settings.store)
    if path is None:
        raise CliError(
            "台账在 PostgreSQL 中，没有进度文件",
            "进度文件只属于 SQLite 台账",
            "恢复数据库备份，请按 docs/howto/restore-a-backup.md 办理",
            USAGE,
        )
    if not path.is_file():
        raise CliError(
            f"没有台账文件 {path}",
            "备份尚未放到此位置",
            "请先将备份复制到此处，再执行本命令",
            USAGE,
        )
    return path


def _record(accepted: StoreReplaced | None) -> dict[str, object]:
    if accepted is None:
        return {"accepted": False}
    head_at, file_at = accepted.head_at, accepted.file_at
    return {
        "accepted": True,
        "fault": accepted.fault.value,
        "head_at": None if head_at is None else head_at.isoformat(),
        "file_at": None if file_at is None else file_at.isoformat(),
    }
