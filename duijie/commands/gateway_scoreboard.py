"""`duijie gateway scoreboard`: the four faults that the ministry reports on, by city."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

import click

from duijie.cli_errors import cli_errors
from duijie.errors import FAILED
from duijie.ledger_reader import open_ledger_reader
from duijie.names import agency_name, place_name
from duijie.options import config_option, json_option
from duijie.progress_line import ProgressLine
from duijie.report_files import NamedTable
from duijie.report_options import (
    FileOptions,
    check_days,
    day_option,
    division_option,
    file_options,
    level_option,
    write_tables,
)
from duijie.tables import print_table
from gateway.config import Settings
from gateway.domain.appraisal import AppraisalFigure, Limits, Period
from gateway.domain.areas import UNPLACED, AreaLevel, Areas
from gateway.domain.case import Case
from gateway.flows.report_pages import Coverage
from gateway.flows.scoreboard import AppraisalTerms, Appraised, appraise
from gateway.settings_file import load_settings
from gateway.words import CAUSES, FIGURES, STATES
from schemas.reference.clock import BEIJING, utc_now
from schemas.reference.divisions import DivisionTree

_TOTAL: Final = "合计"
_CASE_HEADINGS: Final = (*("办件", "登记失业地", "经办机构", "状态", "原因", "发生时间或办结时限"),)
_HELP: Final = """考核统计：按市或县统计四类问题（对接滞后、响应逾期、反馈不准、更新不及时）。

Count the cases of a period, each once a figure, by city or county of the registration place. Dates
are those of Beijing, both inclusive. What each figure counts: docs/howto/appraisal.md. With --cases
the cases behind one figure are listed instead, as many as the figure says. It only reads, beside
the running gateway. Ends with 0, or with 1 where a row cannot be read.

\b
示例
  duijie gateway scoreboard --from 2026-11-01 --to 2026-11-30
  duijie gateway scoreboard --from 2026-11-01 --to 2026-11-30 --xlsx var/通报.xlsx
  duijie gateway scoreboard --from 2026-11-01 --to 2026-11-30 --cases answered-late
"""


@click.command(help=_HELP)
@config_option("var/gateway.toml")
@day_option("--from", "first", "起始日期（含）", required=True)
@day_option("--to", "last", "结束日期（含）", required=True)
@level_option("按市还是按县", AreaLevel.CITY)
@click.option(
    "--cases",
    "figure",
    type=click.Choice([figure.value for figure in AppraisalFigure]),
    help="列出某一数字的全部办件",
)
@division_option
@click.option("--unplaced", is_flag=True, help="仅不在本省或无法识别的登记失业地")
@click.option(
    "--docking-minutes",
    type=click.IntRange(1),
    default=60,
    show_default=True,
    help="对接滞后：申报到入库超过若干分钟",
)
@click.option(
    "--update-minutes",
    type=click.IntRange(1),
    default=60,
    show_default=True,
    help="更新不及时：办结到部端回执超过若干分钟",
)
@file_options
@json_option("输出 JSON")
def scoreboard(  # noqa: PLR0913 -- each is an option of its own
    config: Path,
    *,
    first: date,
    last: date,
    level: str,
    figure: str | None,
    division: str | None,
    unplaced: bool,
    docking_minutes: int,
    update_minutes: int,
    files: FileOptions,
    as_json: bool,
) -> int:
    """Count the faults of a period by city."""
    check_days(first, last)
    limits = Limits(timedelta(minutes=docking_minutes), timedelta(minutes=update_minutes))
    terms = AppraisalTerms(Period(first, last), limits, utc_now())
    coverage = Coverage()
    with cli_errors():
        settings = load_settings(config)
        files.check()
        areas = Areas(
            DivisionTree.load(), province=settings.province, level=AreaLevel(level), on=last
        )
        places = _Places(areas, UNPLACED if unplaced else division)
        if figure is None:
            counts = asyncio.run(_count(settings, terms, coverage, places))
            _tell_counts(counts, areas, files, as_json=as_json)
        else:
            cases = asyncio.run(_list(settings, terms, coverage, AppraisalFigure(figure), places))
            _tell_cases(cases, settings, files, as_json=as_json)
    _tell_coverage(coverage)
    return FAILED if coverage.unreadable else 0


@dataclass(frozen=True, slots=True)
class _Places:
    """By which areas it is counted, and which division is wanted; None: all."""

    areas: Areas
    division: str | None

    def hold(self, case: Case) -> bool:
        """Say whether a case is of the division that is wanted."""
        return self.areas.holds(case.place_division, self.division)

    def list(self, case: Case) -> bool:
        """Say whether a case stands behind the figure of the division that is wanted."""
        return self.areas.is_counted_under(case.place_division, self.division)


async def _count(
    settings: Settings, terms: AppraisalTerms, coverage: Coverage, places: _Places
) -> dict[str, Counter[AppraisalFigure]]:
    """Return the figures of each area, in the order of their codes."""
    found: dict[str, Counter[AppraisalFigure]] = {}
    progress = ProgressLine("计入")
    async with open_ledger_reader(settings) as ledger:
        async for one in appraise(ledger, terms, coverage):
            progress.add()
            if places.hold(one.case):
                area = places.areas.of(one.case.place_division)
                found.setdefault(area, Counter())[one.figure] += 1
    progress.end()
    return {area: found[area] for area in sorted(found, key=lambda area: (area == UNPLACED, area))}


async def _list(
    settings: Settings,
    terms: AppraisalTerms,
    coverage: Coverage,
    figure: AppraisalFigure,
    places: _Places,
) -> list[Appraised]:
    """Return the cases behind one figure, by their keys."""
    async with open_ledger_reader(settings) as ledger:
        found = [
            one
            async for one in appraise(ledger, terms, coverage)
            if one.figure is figure and places.list(one.case)
        ]
    return sorted(found, key=lambda one: one.case.key)


def _tell_counts(
    counts: Mapping[str, Counter[AppraisalFigure]],
    areas: Areas,
    files: FileOptions,
    *,
    as_json: bool,
) -> None:
    if as_json:
        records = [_record(area, areas.name(area), counts[area]) for area in counts]
        click.echo(json.dumps(records, ensure_ascii=False))
    headings = ("行政区划", "地区", *(FIGURES[figure] for figure in AppraisalFigure))
    rows = [_cells(area, areas.name(area), counts[area]) for area in counts]
    rows.append(_cells("", _TOTAL, sum(counts.values(), Counter())))
    if not as_json and not files.any:
        print_table(headings, rows)
    write_tables(files, (NamedTable("考核统计", headings, rows),))


def _cells(area: str, name: str, counts: Counter[AppraisalFigure]) -> tuple[str, ...]:
    return area, name, *(str(counts[figure]) for figure in AppraisalFigure)


def _record(area: str, name: str, counts: Counter[AppraisalFigure]) -> dict[str, object]:
    return {"division": area, "name": name} | {
        figure.value.replace("-", "_"): counts[figure] for figure in AppraisalFigure
    }


def _tell_cases(
    cases: Sequence[Appraised], settings: Settings, files: FileOptions, *, as_json: bool
) -> None:
    if as_json:
        click.echo(json.dumps(list(map(_case_record, cases)), ensure_ascii=False))
    rows = list(_case_rows(cases, settings))
    if not as_json and not files.any:
        print_table(_CASE_HEADINGS, rows)
        click.echo(f"共 {len(rows)} 件。")
    write_tables(files, (NamedTable("办件", _CASE_HEADINGS, rows),))


def _case_rows(cases: Sequence[Appraised], settings: Settings) -> Iterator[tuple[str, ...]]:
    for one in cases:
        yield (
            one.case.key,
            place_name(one.case.place_division) or "",
            agency_name(one.case.agency, settings) or "未分派",
            STATES[one.case.state],
            CAUSES[one.cause],
            _time(one.at),
        )


def _case_record(one: Appraised) -> dict[str, object]:
    return {
        "key": one.case.key,
        "place_division": one.case.place_division,
        "agency_code": one.case.agency,
        "state": one.case.state.value,
        "figure": one.figure.value,
        "cause": one.cause.value,
        "at": one.at.isoformat(),
    }


def _time(at: datetime | date) -> str:
    if isinstance(at, datetime):
        return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
    return at.isoformat()


def _tell_coverage(coverage: Coverage) -> None:
    if coverage.unreadable:
        click.echo(f"另有 {coverage.unreadable} 行数据损坏，无法读取，未计入。", err=True)
    if coverage.unrecorded:
        click.echo(
            f"另有 {coverage.unrecorded} 条结果由早先的版本记载，没有结论和时间，"
            "未计入反馈不准（更正）和更新不及时。",
            err=True,
        )
