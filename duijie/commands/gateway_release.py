"""`duijie gateway release`: an operator lets held cases go on."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import click

from duijie.cli_errors import cli_errors
from duijie.errors import FAILED
from duijie.ledger_reader import LedgerReader, open_ledger_reader
from duijie.ledger_writer import open_ledger_writer
from duijie.names import agency_name
from duijie.options import config_option, json_option, operator_name
from duijie.tables import print_table
from gateway.app.rules import read_rules
from gateway.config import Settings
from gateway.domain.case import State
from gateway.domain.release import ReleaseResult
from gateway.flows.release import RELEASED_AT_ONCE, CaseRelease, preview_release, release_held
from gateway.ports.views import PageMark, UnreadableCase, Views, WorkFilter, WorkRow
from gateway.settings_file import load_settings
from gateway.words import HOLDS, RELEASE_RESULTS
from schemas.reference.clock import beijing_date, utc_now

_HEADINGS: Final = ("申请编号", "原挂起原因", "结果", "经办机构", "仍挂起的原因")
_HELD: Final = WorkFilter(states=(State.HELD,))
_HELP: Final = """释放挂起的办件：没有经办机构的，按现行设置和区划重新分派；被拒收的，再次送达；
无法解析的，重新解析。

Release held cases: route again what had no agency, under the settings and divisions of now; send
again what was refused, under the same dispatch number; read again what could not be read. Who and
when stands in the history of the case. Doing it twice does it once. Ends with 0: all released (or
all could be, with --dry-run), 1: some were not.

With SQLite the running gateway owns the ledger: stop it first, or use PostgreSQL. --dry-run works
beside a running gateway.

\b
示例
  duijie gateway release SYDJ2026112241010259753000001 --operator 李敏
  duijie gateway release --reason dispatch.refused --all --dry-run
  duijie gateway release --reason dispatch.refused --all --operator 李敏 --json
"""


@dataclass(frozen=True, slots=True)
class _Request:
    """Which cases to release: those of `numbers`, or all that are held for `reason`."""

    numbers: tuple[str, ...]
    reason: str | None
    operator: str | None  # None: only a preview


@click.command(help=_HELP)
@click.argument("numbers", metavar="[NUMBER]...", nargs=-1)
@config_option("var/gateway.toml")
@click.option("--reason", metavar="CODE", help="挂起原因代码")
@click.option("--all", "whole", is_flag=True, help="该原因下的全部")
@click.option("--operator", metavar="NAME", help="经手人，记入办理经过")
@click.option("--dry-run", is_flag=True, help="仅显示结果，不作改动")
@json_option("输出 JSON")
def release(  # noqa: PLR0913 -- one parameter an option
    numbers: tuple[str, ...],
    config: Path,
    *,
    reason: str | None,
    whole: bool,
    operator: str | None,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Release held cases."""
    _check(numbers, reason, whole=whole)
    request = _Request(numbers, reason, None if dry_run else operator_name(operator))
    with cli_errors():
        settings = load_settings(config)
        done = asyncio.run(_preview(settings, request) if dry_run else _release(settings, request))
    if as_json:
        click.echo(json.dumps([_record(one, settings) for one in done], ensure_ascii=False))
    else:
        _show(done, settings, dry_run=dry_run)
    return 0 if all(one.result is ReleaseResult.RELEASED for one in done) else FAILED


def _check(numbers: tuple[str, ...], reason: str | None, *, whole: bool) -> None:
    if whole != (reason is not None) or whole == bool(numbers):
        raise click.UsageError("请写明申请编号，或写 --reason CODE --all，二者选一")


async def _preview(settings: Settings, request: _Request) -> list[CaseRelease]:
    at = utc_now()
    found: list[CaseRelease] = []
    async with open_ledger_reader(settings) as ledger:
        rules = await read_rules(settings, ledger, since=beijing_date(at))
        for keys in await _pages(ledger, request):
            preview = partial(preview_release, keys=keys, rules=rules, at=at)
            found.extend(await ledger.read(preview))
    return found


async def _release(settings: Settings, request: _Request) -> list[CaseRelease]:
    operator = request.operator or ""
    done: list[CaseRelease] = []
    async with open_ledger_writer(settings) as ledger:
        store = ledger.store
        rules = await read_rules(settings, store, since=beijing_date(utc_now()))
        for keys in await _pages(store, request):
            await ledger.reserve()
            done += await release_held(
                keys, operator=operator, store=store, rules=rules, now=utc_now
            )
    return done


async def _pages(ledger: LedgerReader, request: _Request) -> list[Sequence[str]]:
    """Return the numbers of the cases that are asked for, as many at once as one step takes."""
    numbers = list(dict.fromkeys(request.numbers))
    if request.reason is not None:
        numbers = await _held_for(ledger, request.reason)
    starts = range(0, len(numbers), RELEASED_AT_ONCE)
    return [numbers[start : start + RELEASED_AT_ONCE] for start in starts]


async def _held_for(ledger: LedgerReader, reason: str) -> list[str]:
    numbers: list[str] = []
    after: PageMark | None = None
    while True:
        rows = await ledger.read(partial(_page, after=after))
        readable = [row.case for row in rows if isinstance(row, WorkRow)]
        numbers.extend(case.key for case in readable if case.hold_reason == reason)
        if len(rows) < RELEASED_AT_ONCE:
            return numbers
        after = rows[-1].mark


def _page(views: Views, *, after: PageMark | None) -> list[WorkRow | UnreadableCase]:
    return views.worklist(_HELD, after=after, limit=RELEASED_AT_ONCE)


def _show(done: Sequence[CaseRelease], settings: Settings, *, dry_run: bool) -> None:
    if not done:
        click.echo("没有符合条件的挂起办件。")
        return
    print_table(
        _HEADINGS,
        [
            (
                one.key,
                _reason(one.held_for),
                RELEASE_RESULTS[one.result],
                agency_name(one.agency, settings),
                _reason(one.reason),
            )
            for one in done
        ],
    )
    released = sum(one.result is ReleaseResult.RELEASED for one in done)
    said = "可以释放" if dry_run else "已释放"
    click.echo(f"共 {len(done)} 件，{said} {released} 件。{'台账未改动。' if dry_run else ''}")


def _reason(code: str | None) -> str | None:
    return HOLDS.get(code, code) if code else None


def _record(one: CaseRelease, settings: Settings) -> dict[str, str | None]:
    return {
        "application_no": one.key,
        "held_for": one.held_for,
        "result": one.result.value,
        "agency_code": one.agency,
        "agency": agency_name(one.agency, settings),
        "reason": one.reason,
    }
