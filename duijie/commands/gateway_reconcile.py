"""`duijie gateway reconcile`: one day compared with the national side's statement."""

import asyncio
import json
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

import click

from duijie.cli_errors import cli_errors, ledger_errors
from duijie.discrepancy_rows import (
    discrepancy_record,
    found_record,
    print_cures,
    print_discrepancies,
)
from duijie.errors import FAILED, UNREACHABLE, CliError
from duijie.ledger_reader import open_ledger_reader
from duijie.options import config_option, json_option
from duijie.portal_client import open_portal
from duijie.tables import print_table
from gateway.app.lifecycle import Gateway
from gateway.config import Settings
from gateway.domain.discrepancies import Discrepancy, RecordedDiscrepancy, Remedy
from gateway.domain.statement_checks import StatementNotUsed, spellings_of
from gateway.errors import PeerRefused, PeerUnavailable
from gateway.flows.reconcile_preview import PreviewedDay, preview_day
from gateway.logs import write_logs
from gateway.ports.reconciliations import Phase, Reconciliation
from gateway.ports.views import Views
from gateway.reconciling_words import DISCREPANCIES, RECORDS, describe_reason
from gateway.settings_file import load_settings
from schemas.reference.clock import beijing_date, utc_now

_MOST_SHOWN: Final = 1000
_DAYS: Final = click.DateTime(formats=["%Y-%m-%d"])
_PREVIEWED: Final = ("差异", "键", "报文", "版次")
_HELP: Final = """与部端对账：下载部端某日的对账单，与台账逐条比对。

Compare one Beijing day with the national side's statement. What is safe is repaired: fetched,
acknowledged or sent again under the same key and revision; the rest is listed for a person, and no
decision is ever changed. Without --date it is the day before today. A day that was begun and not
finished goes on where it stood; one that is done is compared once more. --dry-run compares and
changes nothing, beside the running gateway or without it.

Ends with 0: nothing differs, or all of it is mended; 1: differences are left; 3: there is no
statement that could be used. The running gateway does this every day by itself (reconcile_at).

With SQLite the running gateway owns the ledger: stop it first, or use PostgreSQL.

\b
示例
  duijie gateway reconcile --date 2026-11-26
  duijie gateway reconcile --date 2026-11-26 --dry-run
  duijie gateway reconcile --json
"""


@dataclass(frozen=True, slots=True)
class _Compared:
    """How far the day came, and what its last run found."""

    day: Reconciliation
    differences: tuple[RecordedDiscrepancy, ...]

    @property
    def left(self) -> int:
        """How many differences are not closed."""
        return sum(one.closed_at is None for one in self.differences)


@click.command(help=_HELP)
@click.option("--date", "on", type=_DAYS, metavar="YYYY-MM-DD", help="北京日期，缺省为昨日")
@click.option("--dry-run", is_flag=True, help="仅比对，不作改动")
@config_option("var/gateway.toml")
@json_option("输出 JSON")
def reconcile(config: Path, *, on: datetime | None, dry_run: bool, as_json: bool) -> int:
    """Compare one day with the national side's statement."""
    day = on.date() if on is not None else beijing_date(utc_now()) - timedelta(days=1)
    with cli_errors():
        settings = load_settings(config)
        write_logs("error")
        if dry_run:
            return _show_preview(day, asyncio.run(_preview(settings, day)), as_json=as_json)
        return _show(asyncio.run(_reconcile(settings, day)), as_json=as_json)


async def _reconcile(settings: Settings, day: date) -> _Compared:
    gateway = Gateway(settings)
    try:
        with ledger_errors(settings.console):
            loop = await gateway.reconciling()

        async def progress(one: Reconciliation) -> None:
            await gateway.reserve_key_uses()
            _show_progress(one)

        done = await loop.by_command(day, progress)
        if done is None:
            raise CliError(
                "未对账", "另一个网关进程正在对账", "请等它结束（数分钟）后再执行本命令", FAILED
            )
        if any(one.remedy is Remedy.FETCH_AGAIN for one in done.found):
            with suppress(PeerUnavailable, PeerRefused):  # the running gateway fetches it
                await gateway.poll_once()
        await loop.look_after()
        run = done.reconciliation.run

        def view(views: Views) -> list[RecordedDiscrepancy]:
            return views.reconciling.of_day(day, run=run, limit=_MOST_SHOWN)

        return _Compared(done.reconciliation, tuple(await gateway.store.read(view)))
    finally:
        await gateway.drain()


async def _preview(settings: Settings, day: date) -> PreviewedDay:
    async with AsyncExitStack() as opened:
        portal = await opened.enter_async_context(open_portal(settings))
        ledger = await opened.enter_async_context(open_ledger_reader(settings))
        areas = spellings_of(settings.province)
        try:
            return await preview_day(day, portal, ledger, areas=areas, now=utc_now)
        except StatementNotUsed as exc:
            raise _without_statement(day, exc.fault.value) from exc
        except (PeerUnavailable, PeerRefused) as exc:
            if exc.problem.startswith(("statement.", "operation.")):
                raise _without_statement(day, exc.problem) from exc
            raise


def _without_statement(day: date, reason: str) -> CliError:
    cure = "请稍后重试；多次如此的，请部端核查当日对账单"
    cause = f"{describe_reason(reason)}（{reason}）"
    return CliError(f"{day.isoformat()} 未对账：没有可用的对账单", cause, cure, UNREACHABLE)


def _show_progress(one: Reconciliation) -> None:
    """Show how far the day is, where a person looks on."""
    if not sys.stderr.isatty():
        return
    parts = "" if one.header is None else f"/{one.header.parts}"
    steps = {
        Phase.FETCHING: f"已下载 {one.parts}{parts} 个分片",
        Phase.COMPARING: f"已比对 {one.theirs} 条",
    }
    click.echo(f"\r{steps.get(one.phase, '正在结束')}  ", nl=one.phase is Phase.DONE, err=True)


def _show(compared: _Compared, *, as_json: bool) -> int:
    one = compared.day
    if one.phase is not Phase.DONE and not as_json:
        raise _without_statement(one.day, one.reason or "")
    if as_json:
        click.echo(json.dumps(_record(compared), ensure_ascii=False))
    else:
        found = compared.differences
        counted = f"部端 {one.theirs} 条，本方 {one.ours} 条"
        click.echo(f"对账 {one.day.isoformat()}（第 {one.run} 次）：{counted}，{_said(compared)}。")
        if found:
            print_discrepancies(found)
    if one.phase is not Phase.DONE:
        return UNREACHABLE
    return FAILED if compared.left else 0


def _said(compared: _Compared) -> str:
    found = len(compared.differences)
    if not found:
        return "没有差异"
    return f"差异 {found} 条，已处理 {found - compared.left} 条，未处理 {compared.left} 条"


def _record(compared: _Compared) -> dict[str, object]:
    one = compared.day
    return {
        "date": one.day.isoformat(),
        "run": one.run,
        "done": one.phase is Phase.DONE,
        "reason": one.reason,
        "theirs": one.theirs,
        "ours": one.ours,
        "left": compared.left,
        "differences": list(map(discrepancy_record, compared.differences)),
    }


def _show_preview(day: date, previewed: PreviewedDay, *, as_json: bool) -> int:
    found = previewed.found
    if as_json:
        record = {"date": day.isoformat(), "theirs": previewed.theirs, "ours": previewed.ours}
        differences = list(map(found_record, found))
        click.echo(json.dumps({**record, "differences": differences}, ensure_ascii=False))
    else:
        counted = f"部端 {previewed.theirs} 条，本方 {previewed.ours} 条"
        said = f"差异 {len(found)} 条，未作改动" if found else "没有差异"
        click.echo(f"试对账 {day.isoformat()}：{counted}，{said}。")
        _print_found(found[:_MOST_SHOWN])
    return FAILED if found else 0


def _print_found(found: Sequence[Discrepancy]) -> None:
    if not found:
        return
    print_table(_PREVIEWED, map(_previewed_cells, found))
    print_cures(one.kind for one in found)


def _previewed_cells(one: Discrepancy) -> list[str]:
    line = one.line
    return [DISCREPANCIES[one.kind].title, line.key, RECORDS[line.kind], str(line.revision)]
