"""`duijie gateway poll`: one download from the national side, and the day's list of what waits."""

import asyncio
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

import click

from duijie.cli_errors import cli_errors, ledger_errors
from duijie.errors import FAILED
from duijie.names import agency_name, place_name
from duijie.options import config_option, json_option, operator_name, written_text
from duijie.pending_export import Exported, PendingExport, Unmasking, export_pending
from duijie.pending_lists import ExportTarget, PendingFilter
from duijie.report_files import CSV, XLSX, CsvEncoding
from duijie.report_options import (
    check_days,
    day_option,
    division_option,
    encoding_option,
    force_option,
    level_option,
    path_option,
)
from duijie.tables import print_table
from gateway.app.lifecycle import Gateway
from gateway.config import Settings
from gateway.domain.areas import AreaLevel
from gateway.flows.page_result import IngestedItem
from gateway.logs import write_logs
from gateway.settings_file import load_settings

_HEADINGS: Final = ("申请编号", "登记失业地", "经办机构", "办结时限", "说明")

_POLL_HELP: Final = """立即向部端下载一次，列出接收到的申请；可导出当日待办清单。

Ingest what is waiting at the national side. Ends with 0: done, 1: something is held or cannot be
read, 2: wrong usage, or the file is there already, 3: the national side was not reached: nothing is
exported then.

With --export the pending applications are written, a sheet (XLSX) or a file (CSV) a division,
under the columns of Henan's notice, persons masked. Showing them in full (--unmask) is entered in
the ledger with operator and reason before anything is written.

With SQLite the running gateway owns the ledger: stop it first, or use PostgreSQL, or export what it
downloaded with --no-download.

\b
示例
  duijie gateway poll --once --config var/gateway.toml
  duijie gateway poll --once --export var/待办.xlsx
  duijie gateway poll --once --no-download --export var/待办.csv --division 419001
"""


@click.command(help=_POLL_HELP)
@config_option("var/gateway.toml")
@click.option("--once", is_flag=True, required=True, help="下载一次后结束")
@click.option("--no-download", is_flag=True, help="不下载，只导出台账中的待办")
@path_option("--export", "将待办清单导出到此文件：.xlsx 或 .csv")
@day_option("--from", "first", "申请日期起（含）")
@day_option("--to", "last", "申请日期止（含）")
@division_option
@level_option("清单按市还是按县分开", AreaLevel.COUNTY)
@encoding_option
@force_option
@click.option("--unmask", is_flag=True, help="不脱敏；须写明理由和经手人，并记入台账")
@click.option("--reason", metavar="TEXT", help="不脱敏的理由，加密存入台账")
@click.option("--operator", metavar="NAME", help="经手人，记入台账")
@json_option("输出 JSON")
def poll(  # noqa: PLR0913 -- each is an option of its own
    config: Path,
    *,
    once: bool,
    no_download: bool,
    export: Path | None,
    first: date | None,
    last: date | None,
    division: str | None,
    level: str,
    encoding: str,
    force: bool,
    unmask: bool,
    reason: str | None,
    operator: str | None,
    as_json: bool,
) -> int:
    """Ingest what is waiting at the national side, and export what waits for a decision."""
    check_days(first, last)
    unmasking = _unmasking(reason, operator) if unmask else None
    target = _target(export, CsvEncoding(encoding), force=force, demanded=no_download or unmask)
    with cli_errors():
        settings = load_settings(config)
        write_logs("error")
        if target is not None:
            target.check_early()
        rows = () if no_download else asyncio.run(_poll(settings))
        exported = None
        if target is not None:
            wanted = PendingExport(
                target, PendingFilter(first, last, division), AreaLevel(level), unmasking
            )
            exported = asyncio.run(export_pending(settings, wanted))
    _tell(rows, exported, settings, downloaded=not no_download, as_json=as_json)
    unread = exported is not None and exported.unreadable > 0
    return FAILED if unread or any(row.held for row in rows) else 0


def _unmasking(reason: str | None, operator: str | None) -> Unmasking:
    return Unmasking(operator_name(operator), written_text("--reason", reason))


def _target(
    path: Path | None, encoding: CsvEncoding, *, force: bool, demanded: bool
) -> ExportTarget | None:
    if path is None:
        if demanded:
            raise click.UsageError("请用 --export 写明导出的文件")
        return None
    if path.suffix.lower() not in {CSV, XLSX}:
        raise click.UsageError(f"--export 的文件名须以 {CSV} 或 {XLSX} 结尾")
    return ExportTarget(path, encoding, force)


async def _poll(settings: Settings) -> tuple[IngestedItem, ...]:
    gateway = Gateway(settings)
    try:
        with ledger_errors(settings.console):
            await gateway.open()
        return await gateway.poll_once()
    finally:
        await gateway.drain()


def _tell(
    rows: Sequence[IngestedItem],
    exported: Exported | None,
    settings: Settings,
    *,
    downloaded: bool,
    as_json: bool,
) -> None:
    """Print what was done."""
    if as_json:
        listed = [_record_of(row, settings) for row in rows]
        record: object = listed
        if exported is not None:
            record = {
                "downloaded": listed if downloaded else None,
                "files": [str(file) for file in exported.files],
                "exported": exported.counts,
                "unreadable": exported.unreadable,
            }
        click.echo(json.dumps(record, ensure_ascii=False))
        return
    if downloaded:
        _show(rows, settings)
    if exported is not None:
        _show_exported(exported)


def _show(rows: Sequence[IngestedItem], settings: Settings) -> None:
    if not rows:
        click.echo("部端没有等待下载的申请。")
        return
    print_table(_HEADINGS, [list(_record_of(row, settings).values()) for row in rows])
    held = sum(row.held is not None for row in rows)
    again = sum(row.repeated for row in rows)
    click.echo(f"共 {len(rows)} 件：新接收 {len(rows) - again}，重复 {again}，挂起 {held}。")


def _show_exported(exported: Exported) -> None:
    for name, count in exported.counts.items():
        click.echo(f"{name}：待办 {count} 件")
    for file in exported.files:
        click.echo(f"已导出 {file}")
    if not exported.files:
        click.echo("没有符合条件的待办，未生成文件。")
    if exported.unreadable:
        click.echo(f"另有 {exported.unreadable} 件的数据损坏，无法读取，未列入清单。", err=True)


def _record_of(row: IngestedItem, settings: Settings) -> dict[str, str | None]:
    remark = f"挂起：{row.held}" if row.held else ("重复，已再次确认下载" if row.repeated else None)
    return {
        "application_no": row.key,
        "place": place_name(row.place),
        "agency": agency_name(row.agency, settings),
        "due_on": None if row.due_on is None else row.due_on.isoformat(),
        "remark": remark,
    }
