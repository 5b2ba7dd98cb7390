"""`duijie gateway hold`: an operator holds cases that are doubtful (挂起)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from duijie.case_acts import run_act
from duijie.cli_errors import cli_errors
from duijie.options import config_option, json_option, operator_name, written_text
from gateway.flows.hold import hold_cases
from gateway.flows.operator_acts import CaseAct
from gateway.ports.store import Store
from gateway.settings_file import load_settings
from schemas.reference.clock import utc_now

_HELP: Final = """挂起办件，待人工处理；办结时限照计，经办机构仍可报送结果；收回须改派。

Hold cases for a person to look at. Clock and dispatch stand: the agency may still decide, and
`release` goes on under the same dispatch number; to take a case away from its agency, assign it.
What is held already keeps its reason. Doing it twice does it once. Ends with 0: all are held, 1:
some are not.

With SQLite the running gateway owns the ledger: stop it first, or use PostgreSQL.

\b
示例
  duijie gateway hold SYDJ2026112241010259753000001 --reason 身份存疑，待核实 --operator 李敏
"""


@click.command(help=_HELP)
@click.argument("numbers", metavar="NO...", nargs=-1, required=True)
@click.option("--reason", metavar="TEXT", help="理由，加密存入办理经过")
@click.option("--operator", metavar="NAME", help="经手人，记入办理经过")
@config_option("var/gateway.toml")
@json_option("输出 JSON")
def hold(
    numbers: tuple[str, ...],
    config: Path,
    *,
    reason: str | None,
    operator: str | None,
    as_json: bool,
) -> int:
    """Hold cases."""
    name, why = operator_name(operator), written_text("--reason", reason)

    async def act(keys: Sequence[str], store: Store) -> tuple[CaseAct, ...]:
        return await hold_cases(keys, reason=why, operator=name, store=store, now=utc_now)

    with cli_errors():
        return run_act(load_settings(config), numbers, act, as_json=as_json)
