"""`duijie gateway assign`: an operator gives cases to another agency (改派)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from duijie.case_acts import run_act
from duijie.cli_errors import cli_errors
from duijie.errors import USAGE, CliError
from duijie.ledger_rules import ledger_rules
from duijie.options import config_option, json_option, operator_name, written_text
from gateway.domain.directory import Agency, AgencyDirectory
from gateway.flows.assign import assign_cases
from gateway.flows.operator_acts import CaseAct
from gateway.ports.store import Store
from gateway.settings_file import load_settings
from schemas.reference.clock import beijing_date, utc_now

_HELP: Final = """改派：将办件交由另一经办机构，产生新的分派单号；原分派单随即失效。

Give cases to another agency, each under a new dispatch number. The old dispatch is sent no more,
and what comes under its number is refused. For cases that are accepted, dispatched or held; the
due date stands. Reason, who and when stand in the history. Doing it twice does it once. Ends with
0: all are with that agency, 1: some are not.

With SQLite the running gateway owns the ledger: stop it first, or use PostgreSQL.

\b
示例
  duijie gateway assign SYDJ2026112241010259753000001 --to 4190010001 \\
    --reason 常住济源 --operator 李敏
"""


@click.command(help=_HELP)
@click.argument("numbers", metavar="NO...", nargs=-1, required=True)
@click.option("--to", metavar="AGENCY", help="改派至该经办机构（代码）", required=True)
@click.option("--reason", metavar="TEXT", help="理由，加密存入办理经过")
@click.option("--operator", metavar="NAME", help="经手人，记入办理经过")
@config_option("var/gateway.toml")
@json_option("输出 JSON")
def assign(
    numbers: tuple[str, ...],
    config: Path,
    *,
    to: str,
    reason: str | None,
    operator: str | None,
    as_json: bool,
) -> int:
    """Give cases to another agency."""
    name, why = operator_name(operator), written_text("--reason", reason)
    with cli_errors():
        settings = load_settings(config)

        async def act(keys: Sequence[str], store: Store) -> tuple[CaseAct, ...]:
            rules = await ledger_rules(settings, store)
            today = beijing_date(utc_now())
            agency = _agency(rules.on(today).directory.on(today), to)
            return await assign_cases(
                keys,
                agency=agency,
                reason=why,
                operator=name,
                store=store,
                rules=rules,
                now=utc_now,
            )

        return run_act(settings, numbers, act, as_json=as_json)


def _agency(directory: AgencyDirectory, code: str) -> Agency:
    found = directory.get(code)
    if found is None:
        known = "、".join(f"{one.code} {one.name}" for one in directory)
        cure = f"请填写机构清单中的代码：{known}"
        raise CliError(f"没有经办机构 {code}", "现行机构清单中没有此代码", cure, USAGE)
    if found.delivery is None:
        cause = "设置文件中没有此经办机构的连接，分派单无法送达"
        cure = "请改派至已接入的经办机构，或在设置文件中加入其连接后重启网关"
        raise CliError(f"经办机构 {code} 未接入系统", cause, cure, USAGE)
    return found
