"""`duijie gateway tables adopt`, `reject`: an operator decides on an edition of the tables."""

import asyncio
import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Final

import click

from duijie.cli_errors import cli_errors
from duijie.errors import FAILED
from duijie.ledger_writer import open_ledger_writer
from duijie.options import config_option, json_option, operator_name, written_text
from duijie.table_review import EditionReview, describe_review, find_edition, review
from gateway.config import Settings
from gateway.domain.table_decisions import DecisionResult
from gateway.flows.table_decision import DecisionDone, DecisionRequest, decide_on_tables
from gateway.settings_file import load_settings
from gateway.table_words import DECISION_RESULTS
from gateway.words import describe_actor
from schemas.reference.clock import BEIJING, beijing_date, utc_now

_FINE: Final = frozenset({DecisionResult.DONE, DecisionResult.ALREADY})
_ADOPT_HELP: Final = """启用一个版本的代码表或行政区划，自某日（北京时间）起；先列出差异，再确认。

Put an edition in force from a Beijing date on, today or later: what it changes is shown first and
confirmed. Every replica takes it up within a minute, without a restart; cases go by the tables of
the day of their receipt. It is undone by adopting the edition before again; that of the program is
called codes-shipped or divisions-shipped. Ends with 0: decided, now or before, 1: not.

With SQLite the running gateway owns the ledger: stop it first, or use PostgreSQL.

\b
示例
  duijie gateway tables adopt divisions-0123456789ab --from 2026-12-01 \\
    --operator 李敏 --reason 部端通知
  duijie gateway tables adopt codes-shipped --from 2026-12-08 \\
    --operator 李敏 --reason 恢复 --yes
"""
_REJECT_HELP: Final = """不采用一个待定版本；部端更换之前，不再提示。

Reject a proposal: it waits no more, until the national side offers another. Ends with 0: decided,
now or before, 1: not.

With SQLite the running gateway owns the ledger: stop it first, or use PostgreSQL.

\b
示例
  duijie gateway tables reject codes-0123456789ab --operator 李敏 --reason 与部端核对中
"""


@click.command(help=_ADOPT_HELP)
@click.argument("edition", metavar="EDITION")
@config_option("var/gateway.toml")
@click.option(
    "--from",
    "from_day",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    required=True,
    help="自这一天起生效（北京时间）",
)
@click.option("--reason", metavar="TEXT", help="理由，加密存入台账")
@click.option("--operator", metavar="NAME", help="经手人，记入台账")
@click.option("--all", "whole", is_flag=True, help="列出全部差异")
@click.option("--yes", is_flag=True, help="不再询问")
@json_option("输出 JSON")
def adopt(  # noqa: PLR0913 -- one parameter an option
    edition: str,
    config: Path,
    *,
    from_day: datetime,
    reason: str | None,
    operator: str | None,
    whole: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Put an edition in force from a day on."""
    name, why = operator_name(operator), written_text("--reason", reason)

    def confirm(found: EditionReview) -> None:
        click.echo("\n".join(describe_review(found, whole=whole)), err=as_json)
        if not yes:
            day = from_day.date().isoformat()
            click.confirm(f"自 {day} 起启用 {found.edition.name}？", abort=True, err=as_json)

    with cli_errors():
        settings = load_settings(config)
        done = asyncio.run(_decide(settings, edition, from_day.date(), (name, why), confirm))
    return _show(done, as_json=as_json)


@click.command(help=_REJECT_HELP)
@click.argument("edition", metavar="EDITION")
@config_option("var/gateway.toml")
@click.option("--reason", metavar="TEXT", help="理由，加密存入台账")
@click.option("--operator", metavar="NAME", help="经手人，记入台账")
@json_option("输出 JSON")
def reject(
    edition: str, config: Path, *, reason: str | None, operator: str | None, as_json: bool
) -> int:
    """Reject a proposal."""
    name, why = operator_name(operator), written_text("--reason", reason)
    with cli_errors():
        settings = load_settings(config)
        done = asyncio.run(_decide(settings, edition, None, (name, why), lambda _: None))
    return _show(done, as_json=as_json)


async def _decide(
    settings: Settings,
    edition: str,
    from_day: date | None,
    who_and_why: tuple[str, str],
    confirm: Callable[[EditionReview], None],
) -> DecisionDone:
    today = beijing_date(utc_now())
    async with open_ledger_writer(settings) as ledger:
        ref = await find_edition(ledger.store, edition)
        found = await review(settings, ledger.store, ref, on=from_day or today)
        confirm(found)
        asked = DecisionRequest(ref, from_day, *who_and_why, found.last_no)
        return await decide_on_tables(asked, store=ledger.store, now=utc_now)


def _show(done: DecisionDone, *, as_json: bool) -> int:
    last = done.last
    if as_json:
        record = {
            "result": done.result.value,
            "edition": None if last is None else last.edition.name,
            "from": None if last is None or last.from_day is None else last.from_day.isoformat(),
        }
        click.echo(json.dumps(record))
    else:
        click.echo(f"{DECISION_RESULTS[done.result]}。")
        if done.result is DecisionResult.DECIDED_MEANWHILE and last is not None:
            at = last.at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
            click.echo(f"最近一次决定：{describe_actor(last.actor, {})}，{at}，{last.edition.name}")
    return 0 if done.result in _FINE else FAILED
