"""`duijie gateway tables show`, `compare`, `fetch`: code tables and divisions, looked at."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import click

from duijie.cli_errors import cli_errors
from duijie.errors import FAILED
from duijie.ledger_reader import open_ledger_reader
from duijie.ledger_writer import open_ledger_writer
from duijie.options import config_option, json_option
from duijie.table_review import EditionReview, describe_review, find_edition, review
from duijie.tables import print_table
from gateway.adapters.link_keys import read_link
from gateway.adapters.signed_client import SignedClient
from gateway.adapters.table_source import HttpTableSource
from gateway.app.key_files import portal_link_settings
from gateway.config import Settings
from gateway.domain.table_decisions import TableDecision, edition_on
from gateway.domain.table_editions import TableKind
from gateway.errors import TablesUnfit
from gateway.flows.table_fetch import FetchedTables, fetch_tables
from gateway.ports import PORTAL
from gateway.ports.table_views import TableStanding
from gateway.setting_types import outgoing_tls
from gateway.settings_file import load_settings
from gateway.table_words import DECISIONS, FAULTS, KINDS
from gateway.words import describe_actor
from schemas.reference.clock import BEIJING, beijing_date, utc_now
from schemas.signing import Window

_HEADINGS: Final = ("种类", "决定", "版本", "启用日期", "时间（北京）", "经手", "理由")
_SHOW_HELP: Final = """代码表和行政区划：生效的版本、将启用的版本、待定的版本，以及历次决定。

Which editions of code tables and divisions are in force or planned, what was fetched and waits for
a decision, and what was decided so far. It only reads, beside the running gateway.

\b
示例
  duijie gateway tables show --config var/gateway.toml
"""
_COMPARE_HELP: Final = """将一个版本与生效的版本比较：代码和区划的差异，涉及的经办机构和未办结办件。

What an edition changes of what is in force on a day: codes, divisions, and which agencies and open
cases stand in divisions that end. Of the open cases those due first are looked at, 20 000 of each
state. It only reads.

\b
示例
  duijie gateway tables compare divisions-0123456789ab
  duijie gateway tables compare codes-shipped --on 2026-12-01 --json
"""
_FETCH_HELP: Final = """立即向部端下载代码表和行政区划，作为待定版本入库；不自动启用。

Fetch code tables and divisions now and store them as proposals; nothing is in force by that. A
running gateway does so once a day by itself.

With SQLite the running gateway owns the ledger: stop it first, or use PostgreSQL.

\b
示例
  duijie gateway tables fetch --config var/gateway.toml
"""


@dataclass(frozen=True, slots=True)
class _Shown:
    standing: TableStanding
    decisions: Sequence[TableDecision]


@click.command(help=_SHOW_HELP)
@config_option("var/gateway.toml")
@click.option("--limit", type=click.IntRange(1, 200), default=10, help="每种列出的决定数")
@json_option("输出 JSON")
def show(config: Path, *, limit: int, as_json: bool) -> None:
    """Show how the tables stand."""
    with cli_errors():
        settings = load_settings(config)
        found = asyncio.run(_standings(settings, limit))
    if as_json:
        click.echo(json.dumps([_record(one) for one in found], ensure_ascii=False))
        return
    for one in found:
        for line in _lines(one.standing):
            click.echo(line)
    decided = [_cells(one) for shown in found for one in shown.decisions]
    if decided:
        print_table(_HEADINGS, decided)


async def _standings(settings: Settings, limit: int) -> list[_Shown]:
    today = beijing_date(utc_now())
    async with open_ledger_reader(settings) as ledger:
        return await ledger.read(
            lambda views: [
                _Shown(views.table_standing(kind, today), views.table_decisions(kind, limit=limit))
                for kind in TableKind
            ]
        )


def _lines(standing: TableStanding) -> list[str]:
    kind, today = standing.kind, beijing_date(utc_now())
    lines = [f"{KINDS[kind]}：生效的版本 {edition_on(standing.planned, kind, today).name}"]
    lines += [
        f"  {one.from_day.isoformat()} 起启用 {one.edition.name}"
        for one in standing.planned
        if one.from_day > today
    ]
    if standing.fetched is None:
        lines.append("  尚未从部端取得")
    else:
        lines.append(f"  最近一次取得：{_beijing(standing.fetched.seen_at)}")
    if standing.waiting is not None:
        since = _beijing(standing.waiting.since)
        lines.append(f"  待定版本 {standing.waiting.edition.name}，{since} 起")
    return lines


def _cells(one: TableDecision) -> list[str | None]:
    return [
        KINDS[one.edition.kind],
        DECISIONS[one.step],
        one.edition.name,
        None if one.from_day is None else one.from_day.isoformat(),
        _beijing(one.at),
        describe_actor(one.actor, {}),
        one.reason,
    ]


def _record(one: _Shown) -> dict[str, object]:
    kind, today = one.standing.kind, beijing_date(utc_now())
    waiting = one.standing.waiting
    return {
        "kind": kind.value,
        "in_force": edition_on(one.standing.planned, kind, today).name,
        "planned": [
            {"edition": planned.edition.name, "from": planned.from_day.isoformat()}
            for planned in one.standing.planned
        ],
        "waiting": None if waiting is None else waiting.edition.name,
        "waiting_since": None if waiting is None else waiting.since.isoformat(),
        "decisions": [
            {
                "no": decision.no,
                "step": decision.step.value,
                "edition": decision.edition.name,
                "from": None if decision.from_day is None else decision.from_day.isoformat(),
                "at": decision.at.isoformat(),
                "actor": decision.actor,
                "reason": decision.reason,
            }
            for decision in one.decisions
        ],
    }


@click.command(help=_COMPARE_HELP)
@click.argument("edition", metavar="EDITION")
@config_option("var/gateway.toml")
@click.option(
    "--on",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="与这一天生效的版本比较，默认为今天",
)
@click.option("--all", "whole", is_flag=True, help="列出全部差异")
@json_option("输出 JSON")
def compare(edition: str, config: Path, *, on: datetime | None, whole: bool, as_json: bool) -> None:
    """Compare an edition with what is in force."""
    with cli_errors():
        settings = load_settings(config)
        found = asyncio.run(_compare(settings, edition, on))
    if as_json:
        click.echo(json.dumps(found.record(), ensure_ascii=False))
    else:
        click.echo("\n".join(describe_review(found, whole=whole)))


async def _compare(settings: Settings, name: str, on: datetime | None) -> EditionReview:
    day = beijing_date(utc_now()) if on is None else on.date()
    async with open_ledger_reader(settings) as ledger:
        return await review(settings, ledger, await find_edition(ledger, name), on=day)


@click.command(help=_FETCH_HELP)
@config_option("var/gateway.toml")
@json_option("输出 JSON")
def fetch(config: Path, *, as_json: bool) -> int:
    """Fetch code tables and divisions."""
    with cli_errors():
        settings = load_settings(config)
        done = asyncio.run(_fetch(settings))
    if as_json:
        click.echo(json.dumps([_fetched_record(*one) for one in done], ensure_ascii=False))
    else:
        for kind, fetched in done:
            click.echo(f"{KINDS[kind]}：{_describe_fetched(fetched)}")
    return FAILED if any(isinstance(fetched, TablesUnfit) for _, fetched in done) else 0


async def _fetch(settings: Settings) -> list[tuple[TableKind, FetchedTables | TablesUnfit]]:
    link = read_link(portal_link_settings(settings.portal), settings.crypto_profile)
    client = SignedClient(
        settings.portal.url,
        link,
        peer=PORTAL,
        now=utc_now,
        window=Window(max_age_s=settings.window_s),
        tls=outgoing_tls(settings.portal, PORTAL),
    )
    done: list[tuple[TableKind, FetchedTables | TablesUnfit]] = []
    async with client, open_ledger_writer(settings) as ledger:
        source = HttpTableSource(client)
        for kind in TableKind:
            click.echo(f"正在下载{KINDS[kind]}……", err=True)
            try:
                fetched = await fetch_tables(kind, source, store=ledger.store, now=utc_now)
            except TablesUnfit as exc:
                done.append((kind, exc))
            else:
                done.append((kind, fetched))
    return done


def _describe_fetched(fetched: FetchedTables | TablesUnfit) -> str:
    if isinstance(fetched, TablesUnfit):
        subject = f"（{fetched.subject}）" if fetched.subject else ""
        return f"未采用，{FAULTS.get(fetched.fault, fetched.fault)}{subject}"
    return f"{fetched.edition.name}，{'新取得' if fetched.new else '与上次取得的相同'}"


def _fetched_record(kind: TableKind, fetched: FetchedTables | TablesUnfit) -> dict[str, object]:
    if isinstance(fetched, TablesUnfit):
        return {"kind": kind.value, "fault": fetched.fault, "subject": fetched.subject}
    return {"kind": kind.value, "edition": fetched.edition.name, "new": fetched.new}


def _beijing(at: datetime) -> str:
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
