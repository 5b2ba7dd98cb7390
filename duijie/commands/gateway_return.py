"""`duijie gateway return`: an operator gives back what is not the province's (退回部端)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from duijie.case_acts import run_act
from duijie.cli_errors import cli_errors
from duijie.errors import USAGE, CliError
from duijie.options import config_option, json_option, operator_name, written_text
from gateway.app.rules import load_rules
from gateway.domain.intake_rules import Rules
from gateway.domain.portal_return import Territory, WantedReturn
from gateway.flows.operator_acts import CaseAct
from gateway.flows.portal_return import return_cases
from gateway.ports.store import Store
from gateway.settings_file import load_settings
from schemas.records.application_returns import (
    APPLICATION_RETURN_REASON,
    FORWARDED_TWICE,
    UNREADABLE_CONTENT,
    WRONG_DIVISION,
)
from schemas.reference.clock import utc_now

_TABLE: Final = APPLICATION_RETURN_REASON.table
_HELP: Final = """退回部端：将不由本省办理的申请退回，由部端转办至应属地区；不是对本人的拒绝。

Give applications back that are not the province's: the national side forwards them to the right
place. A case is held, its due date standing, until the national side has taken it, and comes back
to the desk where it does not. Its dispatch is over. What lies in the province is not given back,
unless it was forwarded twice: nobody is turned away. Doing it twice does it once. Ends with 0: all
go back, 1: some do not.

With SQLite the running gateway owns the ledger: stop it first, or use PostgreSQL.

\b
退回原因（--reason）
  1  不属本省
  2  区划有误，应属地区写入 --belongs-to
  3  重复转办
  4  内容无法读取
\b
示例
  duijie gateway return SYDJ2026112243010259753000001 --reason 1 --operator 李敏
  duijie gateway return SYDJ2026112241010259753000002 --reason 2 --belongs-to 430102 \\
    --operator 李敏
"""


@click.command("return", help=_HELP)
@click.argument("numbers", metavar="NO...", nargs=-1, required=True)
@click.option("--reason", metavar="CODE", help="退回原因代码（1 至 4）", required=True)
@click.option("--belongs-to", metavar="DIVISION", help="应属地区的行政区划代码")
@click.option("--note", metavar="TEXT", help="说明，加密存入办理经过，不发往部端")
@click.option("--operator", metavar="NAME", help="经手人，记入办理经过，并告知部端")
@config_option("var/gateway.toml")
@json_option("输出 JSON")
def return_(  # noqa: PLR0913 -- one parameter for each option
    numbers: tuple[str, ...],
    config: Path,
    *,
    reason: str,
    belongs_to: str | None,
    note: str | None,
    operator: str | None,
    as_json: bool,
) -> int:
    """Give applications back to the national side."""
    name = operator_name(operator)
    with cli_errors():
        settings = load_settings(config)
        rules = load_rules(settings)
        wanted = _wanted(reason, belongs_to, name, rules)
        said = rules.tables.name(_TABLE, reason) or reason
        text = said if note is None else written_text("--note", note)

        async def act(keys: Sequence[str], store: Store) -> tuple[CaseAct, ...]:
            return await return_cases(
                keys, wanted=wanted, text=text, store=store, rules=rules, now=utc_now
            )

        return run_act(settings, numbers, act, as_json=as_json)


def _wanted(reason: str, belongs_to: str | None, operator: str, rules: Rules) -> WantedReturn:
    codes = APPLICATION_RETURN_REASON.codes()
    if reason not in codes:
        known = "、".join(f"{code} {rules.tables.name(_TABLE, code)}" for code in codes)
        raise CliError(f"没有退回原因 {reason}", "--reason 须为代码", f"请填写：{known}", USAGE)
    if reason == WRONG_DIVISION and belongs_to is None:
        cure = "请用 --belongs-to 写明应属地区的行政区划代码；不知道的，请用 --reason 1"
        raise CliError("没有应属地区", "原因 2（区划有误）须写明应属地区", cure, USAGE)
    if reason in {FORWARDED_TWICE, UNREADABLE_CONTENT} and belongs_to is not None:
        cure = "请去掉 --belongs-to，或改用原因 1、2"
        raise CliError("应属地区与退回原因不符", "原因 3、4 不写应属地区", cure, USAGE)
    territory = Territory(rules.tree, rules.province.division)
    if belongs_to is not None and not territory.knows(belongs_to):
        cure = "请核对 --belongs-to：6、9 或 12 位行政区划代码"
        raise CliError(f"没有行政区划 {belongs_to}", "区划表中没有此代码", cure, USAGE)
    if belongs_to is not None and territory.holds(belongs_to):
        cure = "请用 duijie gateway assign 分派给本省的经办机构"
        raise CliError(f"{belongs_to} 属于本省", "属于本省的申请不得退回部端", cure, USAGE)
    return WantedReturn(reason, belongs_to, operator, operator)
