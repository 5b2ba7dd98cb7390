"""`duijie gateway audit`: whether the ledger was altered behind the gateway's back."""

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

import click

from duijie.cli_errors import cli_errors
from duijie.ledger_reader import LedgerReader, open_ledger_reader
from duijie.options import config_option, json_option
from gateway.config import Settings
from gateway.domain.audit import AuditCode, AuditFinding
from gateway.domain.ledger_entry import LedgerEntry
from gateway.ports.audit import AuditPage
from gateway.ports.disclosures import RecordedDisclosure
from gateway.ports.unreadable import UnreadableRow
from gateway.ports.views import Views
from gateway.settings_file import load_settings
from gateway.words import AUDIT, LEDGER_STEPS, describe_actor
from schemas.reference.clock import BEIJING

ALTERED: Final = 5
_PAGE: Final = 200
_HELP: Final = """逐件核对：办理经过是否被改动、删除、调换、截去末尾，办件与封印是否相符。

Verify every case against its history and its seal: a changed, removed, swapped entry, a cut tail, a
changed case. First comes what happened to the ledger as a whole: since when every case bears a
seal, which backups were accepted. The entries of who had persons shown in full are verified too. It
only reads, beside the running gateway or without it. Ends with 5 when something was altered.

\b
示例
  duijie gateway audit verify --config var/gateway.toml
  duijie gateway audit verify --json
"""


@dataclass(slots=True)
class AuditReport:
    """What was examined so far, and what is wrong."""

    cases: int = 0
    entries: int = 0
    disclosures: int = 0
    findings: list[AuditFinding] = field(default_factory=list)
    history: list[LedgerEntry] = field(default_factory=list)

    def add_history(self, entries: Sequence[LedgerEntry | UnreadableRow]) -> None:
        """Add what happened to the ledger as a whole; an entry that was altered is a finding."""
        for one in entries:
            if isinstance(one, LedgerEntry):
                self.history.append(one)
            else:
                place = f"{one.table} {one.key}"
                self.findings.append(AuditFinding(place, AuditCode.LEDGER_ENTRY_CHANGED))

    def add_disclosures(self, entries: Sequence[RecordedDisclosure | UnreadableRow]) -> None:
        """Add who had persons shown in full; an entry that was altered or is gone is a finding."""
        for one in entries:
            if isinstance(one, RecordedDisclosure):
                self.disclosures += 1
            else:
                place = f"{one.table} {one.key}"
                self.findings.append(AuditFinding(place, AuditCode.DISCLOSURE_CHANGED))

    def add(self, page: AuditPage) -> None:
        """Add a page."""
        self.cases += page.cases
        self.entries += page.entries
        self.findings += page.findings


@click.command(help=_HELP)
@config_option("var/gateway.toml")
@json_option("输出 JSON")
def verify(config: Path, *, as_json: bool) -> int:
    """Verify every history of the ledger."""
    with cli_errors():
        report = asyncio.run(_verify(load_settings(config), shows_progress=sys.stderr.isatty()))
    if as_json:
        click.echo(json.dumps(_record(report), ensure_ascii=False))
    else:
        for entry in report.history:
            click.echo(_history_line(entry))
        for finding in report.findings:
            click.echo(_line(finding))
        click.echo(f"核对了 {report.cases} 件办件、{report.entries} 条经过：{_verdict(report)}")
    return ALTERED if report.findings else 0


async def _verify(settings: Settings, *, shows_progress: bool) -> AuditReport:
    async with open_ledger_reader(settings) as ledger:
        return await examine_ledger(ledger, shows_progress=shows_progress)


async def examine_ledger(ledger: LedgerReader, *, shows_progress: bool = False) -> AuditReport:
    """Examine all cases, a page at a time, so that a running gateway is not held up."""
    report, after = AuditReport(), ""
    report.add_history(await ledger.read(_ledger_history))
    await _examine_disclosures(ledger, report)
    while True:
        page = await ledger.read(partial(_page, after=after))
        report.add(page)
        if shows_progress:
            click.echo(f"\r已核对 {report.cases} 件", nl=page.last is None, err=True)
        if page.last is None:
            return report
        after = page.last


async def _examine_disclosures(ledger: LedgerReader, report: AuditReport) -> None:
    last = 0
    while entries := await ledger.read(partial(_disclosures, after=last)):
        report.add_disclosures(entries)
        last = max(_number(one) for one in entries)


def _disclosures(views: Views, *, after: int) -> Sequence[RecordedDisclosure | UnreadableRow]:
    return views.reports.disclosures(after, limit=_PAGE)


def _number(entry: RecordedDisclosure | UnreadableRow) -> int:
    return entry.seq if isinstance(entry, RecordedDisclosure) else int(entry.key)


def _page(views: Views, *, after: str) -> AuditPage:
    return views.audit(after, limit=_PAGE)


def _ledger_history(views: Views) -> list[LedgerEntry | UnreadableRow]:
    return views.ledger_history()


def _record(report: AuditReport) -> dict[str, object]:
    history = [asdict(one) | {"at": one.at.isoformat()} for one in report.history]
    return asdict(report) | {"history": history}


def _history_line(entry: LedgerEntry) -> str:
    at = entry.at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
    return f"  {at} {LEDGER_STEPS[entry.step]}（{describe_actor(entry.actor, {})}）"


def _line(finding: AuditFinding) -> str:
    where = "" if finding.seq is None else f" 第 {finding.seq} 条"
    return f"✘ {finding.key}{where}：{AUDIT[finding.code]}（{finding.code}）"


def _verdict(report: AuditReport) -> str:
    return f"有 {len(report.findings)} 件不符" if report.findings else "没有发现改动"
