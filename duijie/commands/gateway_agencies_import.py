"""`duijie gateway agencies import`: a file becomes the next version of the agency directory."""

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Final

import click

from duijie.agency_files.fault_words import describe_fault
from duijie.agency_files.reading import AgencyFile, read_agency_file
from duijie.agency_files.sheet import FileRefused
from duijie.cli_errors import cli_errors
from duijie.directory_changes import HEADINGS, change_record, change_rows
from duijie.errors import FAILED, CliError
from duijie.ledger_reader import LedgerReader, open_ledger_reader
from duijie.ledger_writer import open_ledger_writer
from duijie.options import config_option, json_option, operator_name, written_text
from duijie.tables import print_table
from gateway.app.rules import load_rules
from gateway.config import Settings
from gateway.directory_words import describe_flaw
from gateway.domain.directory_checks import DirectoryFault, DirectoryFlaw, directory_findings
from gateway.domain.directory_differences import DirectoryDifferences, compare_directories
from gateway.domain.listed_agencies import DirectoryContent
from gateway.domain.operator_acts import OPERATOR
from gateway.flows.directory import (
    DirectoryMade,
    DirectoryRequest,
    make_directory_version,
    request_faults,
)
from gateway.ports.views import Views
from gateway.settings_file import load_settings
from schemas.reference.clock import beijing_date, utc_now

_HELP: Final = """导入机构清单（CSV 或 Excel），生成新版本；先列出与现有最新版本的差异。

Make a version of the agency directory of FILE.csv or FILE.xlsx. All that is wrong with the file is
said at once, by line and column, and nothing is stored. The differences to the newest version are
shown before it asks; --yes does not ask. The same content again makes no new version. Running
gateways go by the version at once, and one of them publishes it. Ends with 0: a version is there
with this content (or could be, with --dry-run), 1: the file is refused.

With SQLite the running gateway owns the ledger: stop it first, or use PostgreSQL. --dry-run works
beside a running gateway.

\b
示例
  duijie gateway agencies import agencies.xlsx --dry-run
  duijie gateway agencies import agencies.csv --reason 更新电话 --operator 李敏
  duijie gateway agencies import agencies.csv --from 2026-07-01 --reason 机构调整 \\
    --operator 李敏 --yes --json
"""


_OF_OTHER_LINES: Final = frozenset({DirectoryFault.EMPTY, DirectoryFault.PARENT_UNKNOWN})
_LINES_NAMED: Final = 10


@dataclass(frozen=True, slots=True)
class _Preview:
    """What a file would change: against the newest version, and who has open cases meanwhile."""

    differences: DirectoryDifferences
    findings: Sequence[DirectoryFlaw]
    left_open: Sequence[tuple[str, int]]


@click.command(help=_HELP)
@click.argument("file", type=click.Path(exists=True, path_type=Path, dir_okay=False))
@config_option("var/gateway.toml")
@click.option("--reason", metavar="TEXT", help="理由，加密存入台账")
@click.option("--operator", metavar="NAME", help="经手人，记入版本")
@click.option(
    "--from", "day", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="启用日期，默认今天"
)
@click.option("--sheet", metavar="NAME", help="工作表名称")
@click.option("--dry-run", is_flag=True, help="仅显示差异，不作改动")
@click.option("--yes", is_flag=True, help="不询问，直接生成")
@json_option("输出 JSON")
def agencies_import(  # noqa: PLR0913 -- one parameter an option
    file: Path,
    config: Path,
    *,
    reason: str | None,
    operator: str | None,
    day: datetime | None,
    sheet: str | None,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Make a version of the directory of a file."""
    maker = "" if dry_run else operator_name(operator)
    why = "" if dry_run else written_text("--reason", reason)
    with cli_errors():
        settings = load_settings(config)
        read = _read(file, sheet)
        valid_from = None if day is None else day.date()
        request = DirectoryRequest(read.content, f"{OPERATOR}{maker}", why, valid_from)
        preview = asyncio.run(_preview(settings, request, read))
        if not as_json:
            _show(preview, read)
        if dry_run:
            return _end(None, preview, as_json=as_json)
        if preview.differences and not yes and not _confirmed(as_json=as_json):
            click.echo("未生成新版本，台账未改动。")
            return FAILED
        made = asyncio.run(_make(settings, request))
    return _end(made, preview, as_json=as_json)


def _read(file: Path, sheet: str | None) -> AgencyFile:
    try:
        return read_agency_file(file, sheet)
    except FileRefused as refused:
        raise _refused(file, [describe_fault(one) for one in refused.faults]) from refused


def _refused(file: Path, faults: Sequence[str]) -> CliError:
    cause = "\n".join(faults)
    cure = "请按各行说明改正文件后重新导入；台账未改动"
    return CliError(f"{file} 不能作为机构清单，共 {len(faults)} 处错误", cause, cure, FAILED)


async def _preview(settings: Settings, request: DirectoryRequest, read: AgencyFile) -> _Preview:
    """Return what the file would change.

    Raises:
        CliError: It cannot become a version: everything that is wrong, by line.
    """
    rules, today = load_rules(settings), beijing_date(utc_now())
    province = settings.province
    faults = request_faults(request, tree=rules.tree, province=province, today=today)
    if read.faults:  # a parent may stand on a line that could not be read
        faults = [one for one in faults if one.code not in _OF_OTHER_LINES]
    if faults or read.faults:
        said = [(one.line, describe_fault(one)) for one in read.faults]
        said += [(_line_of(one, read), _at_line(one, read)) for one in faults]
        raise _refused(read.path, [text for _, text in sorted(said, key=lambda one: one[0])])
    content = request.content.ordered(rules.tree)
    async with open_ledger_reader(settings) as ledger:
        newest = await _newest(ledger)
        counts = await ledger.read(lambda views: views.open_by_agency())
    registering = {one.code for one in content.agencies if one.registers}
    left = [(code, count) for code, count in sorted(counts.items()) if code not in registering]
    return _Preview(compare_directories(newest, content), directory_findings(request.content), left)


async def _newest(ledger: LedgerReader) -> DirectoryContent:
    def view(views: Views) -> DirectoryContent:
        version = views.directory(views.newest_directory())
        return DirectoryContent(()) if version is None else version.content

    return await ledger.read(view)


async def _make(settings: Settings, request: DirectoryRequest) -> DirectoryMade:
    rules = load_rules(settings)
    async with open_ledger_writer(settings) as ledger:
        return await make_directory_version(
            request,
            tree=rules.tree,
            province=settings.province,
            store=ledger.store,
            now=utc_now,
        )


def _line_of(flaw: DirectoryFlaw, read: AgencyFile) -> int:
    return 0 if flaw.position is None else read.lines[flaw.position]


def _at_line(flaw: DirectoryFlaw, read: AgencyFile) -> str:
    line = _line_of(flaw, read)
    return f"第 {line} 行：{describe_flaw(flaw)}" if line else describe_flaw(flaw)


def _confirmed(*, as_json: bool) -> bool:
    if as_json or not sys.stdin.isatty():
        raise click.UsageError("没有终端可以询问；请先用 --dry-run 查看差异，再加 --yes")
    return click.confirm("生成新版本？")


def _show(preview: _Preview, read: AgencyFile) -> None:
    if preview.differences:
        print_table(HEADINGS, list(change_rows(preview.differences)))
    else:
        click.echo("与现有最新版本没有差异。")
    for code, flaws in groupby(sorted(preview.findings, key=_kind), key=_kind):
        listed = list(flaws)
        lines = "、".join(str(_line_of(one, read)) for one in listed[:_LINES_NAMED])
        more = " 等" if len(listed) > _LINES_NAMED else ""
        words = describe_flaw(listed[0])
        click.echo(f"提示 {words}：{len(listed)} 家（第 {lines}{more} 行，{code}）")
    for code, count in preview.left_open:
        click.echo(f"提示 {code} 不再办理失业登记，尚有 {count} 件未办结；请改派或待其办结")


def _kind(flaw: DirectoryFlaw) -> str:
    return flaw.code.value


def _end(made: DirectoryMade | None, preview: _Preview, *, as_json: bool) -> int:
    if as_json:
        record = {
            "version": None if made is None else made.version.number,
            "is_new": made is not None and made.is_new,
            "differences": change_record(preview.differences),
            "findings": [one.code.value for one in preview.findings],
            "left_open": dict(preview.left_open),
        }
        click.echo(json.dumps(record, ensure_ascii=False))
    elif made is None:
        click.echo("台账未改动。")
    elif made.is_new:
        day = made.version.valid_from.isoformat()
        click.echo(f"已生成机构清单版本 {made.version.number}，自 {day} 起启用。")
    else:
        click.echo(f"内容与版本 {made.version.number} 相同，未生成新版本。")
    return 0
