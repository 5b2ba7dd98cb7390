"""`duijie gateway overdue`: open cases that are overdue or soon will be, and first contacts."""

import asyncio
import json
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path
from typing import Final

import click

from duijie.cli_errors import cli_errors
from duijie.errors import FAILED
from duijie.ledger_reader import open_ledger_reader
from duijie.options import config_option, json_option
from duijie.overdue_rows import (
    CONTACT_HEADINGS,
    HEADINGS,
    SUMMARY_HEADINGS,
    RowContext,
    contact_cells,
    contact_record,
    due_cells,
    due_record,
    summary_cells,
)
from duijie.report_files import NamedTable
from duijie.report_options import (
    FileOptions,
    check_days,
    day_option,
    division_option,
    file_options,
    write_tables,
)
from duijie.responsible import responsibility_register
from duijie.tables import print_table
from gateway.app.rules import load_rules
from gateway.config import Settings
from gateway.domain.appraisal import Period
from gateway.domain.areas import AreaLevel, Areas
from gateway.domain.deadline import warned_until
from gateway.flows.overdue import ContactDue, DueCase, contacts_due, open_until
from gateway.flows.report_pages import Coverage
from gateway.settings_file import load_settings
from schemas.reference.clock import beijing_date, utc_now
from schemas.reference.divisions import DivisionTree

_A_WEEK: Final = timedelta(days=7)
"""Within it lie the five working days of the first contact, but for the long holidays."""
_HELP: Final = """逾期和将到期的办件：按经办机构，期限最早的在前；首次联系期限另列。

List open cases that are overdue, or due within the working days that are warned of (预警), by
agency, oldest first: where each stands, and how it was last sent. With --first-contact instead: who
was registered by a result that came in the period (by default the last seven days), and until when
the agency contacts the person (人社厅发〔2020〕79号, five working days); whether it did, the
docking is not told. It only reads, beside the running gateway. Ends with 0: nothing is overdue, 1:
something is, or a row cannot be read.

\b
示例
  duijie gateway overdue --config var/gateway.toml
  duijie gateway overdue --warn-days 2 --division 410100 --xlsx var/督办.xlsx
  duijie gateway overdue --first-contact --json
"""


@click.command(help=_HELP)
@config_option("var/gateway.toml")
@click.option(
    "--warn-days",
    type=click.IntRange(0, 10),
    help="预警：若干工作日内到期的也列出；默认取设置 warn_working_days",
)
@division_option
@click.option("--agency", metavar="CODE", help="仅此经办机构（代码）")
@click.option("--first-contact", is_flag=True, help="改列首次联系期限")
@day_option("--from", "first", "首次联系：结果到达日期起（含）")
@day_option("--to", "last", "首次联系：结果到达日期止（含）")
@file_options
@json_option("输出 JSON")
def overdue(  # noqa: PLR0913 -- each is an option of its own
    config: Path,
    *,
    warn_days: int | None,
    division: str | None,
    agency: str | None,
    first_contact: bool,
    first: date | None,
    last: date | None,
    files: FileOptions,
    as_json: bool,
) -> int:
    """List open cases that are overdue or soon will be."""
    check_days(first, last)
    if (first or last) and not first_contact:
        raise click.UsageError("--from、--to 只用于 --first-contact")
    today, coverage = beijing_date(utc_now()), Coverage()
    with cli_errors():
        settings = load_settings(config)
        context = asyncio.run(_context(settings, today))
        files.check()
        if first_contact:
            period = Period(first or (last or today) - _A_WEEK, last or today)
            contacts = asyncio.run(_contacts(context, period, coverage, division, agency))
            _tell_contacts(contacts, context, files, as_json=as_json)
            late = False
        else:
            days = settings.warn_working_days if warn_days is None else warn_days
            cases = asyncio.run(_due(context, days, coverage, division, agency))
            _tell_due(cases, context, files, as_json=as_json)
            late = any(context.is_late(one.case) for one in cases)
    _tell_coverage(coverage)
    return FAILED if late or coverage.unreadable else 0


async def _context(settings: Settings, today: date) -> RowContext:
    async with open_ledger_reader(settings) as ledger:
        register = await responsibility_register(ledger)
    return RowContext(settings, load_rules(settings).calendar, today, register)


async def _due(
    context: RowContext, days: int, coverage: Coverage, division: str | None, agency: str | None
) -> list[DueCase]:
    """Return the cases by agency, those without one first, and by due date."""
    last = warned_until(context.today, days, context.calendar)
    areas = _areas(context)
    async with open_ledger_reader(context.settings) as ledger:
        found = [
            one
            async for one in open_until(ledger, last, coverage, agency=agency)
            if areas.holds(one.case.place_division, division)
        ]
    return sorted(found, key=_by_agency_and_day)


def _areas(context: RowContext) -> Areas:
    province, today = context.settings.province, context.today
    return Areas(DivisionTree.load(), province=province, level=AreaLevel.CITY, on=today)


def _by_agency_and_day(one: DueCase) -> tuple[str, date, str]:
    return one.case.agency or "", one.case.due_on or date.max, one.case.key


async def _contacts(
    context: RowContext,
    period: Period,
    coverage: Coverage,
    division: str | None,
    agency: str | None,
) -> list[ContactDue]:
    areas = _areas(context)
    async with open_ledger_reader(context.settings) as ledger:
        found = await contacts_due(ledger, period, coverage, calendar=context.calendar)
    return [
        one
        for one in found
        if areas.holds(one.case.place_division, division) and agency in {None, one.case.agency}
    ]


def _tell_due(
    cases: Sequence[DueCase], context: RowContext, files: FileOptions, *, as_json: bool
) -> None:
    rows = [due_cells(one, context) for one in cases]
    listed = groupby(
        cases, key=lambda one: (context.agency(one.case), context.responsible(one.case))
    )
    summary = [
        summary_cells(*names, [one.case for one in those], context) for names, those in listed
    ]
    tables = (
        NamedTable("逾期和将到期", HEADINGS, rows),
        NamedTable("汇总", SUMMARY_HEADINGS, summary),
    )
    if as_json:
        click.echo(json.dumps([due_record(one, context) for one in cases], ensure_ascii=False))
    elif not cases:
        click.echo("没有逾期和将到期的办件。")
    elif not files.any:
        print_table(HEADINGS, rows)
        print_table(SUMMARY_HEADINGS, summary)
    write_tables(files, tables)


def _tell_contacts(
    contacts: Sequence[ContactDue], context: RowContext, files: FileOptions, *, as_json: bool
) -> None:
    rows = [contact_cells(one, context) for one in contacts]
    if as_json:
        records = [contact_record(one, context) for one in contacts]
        click.echo(json.dumps(records, ensure_ascii=False))
    elif not contacts:
        click.echo("此期间没有通过的登记。")
    elif not files.any:
        print_table(CONTACT_HEADINGS, rows)
    write_tables(files, (NamedTable("首次联系", CONTACT_HEADINGS, rows),))


def _tell_coverage(coverage: Coverage) -> None:
    if coverage.unreadable:
        click.echo(f"另有 {coverage.unreadable} 行数据损坏，无法读取，未列入。", err=True)
    if coverage.unrecorded:
        said = f"另有 {coverage.unrecorded} 条结果由早先的版本记载，没有结论和时间，未列入。"
        click.echo(said, err=True)
