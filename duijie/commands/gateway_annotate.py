"""`duijie gateway annotate`: an operator writes something about cases (备注)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from duijie.case_acts import run_act
from duijie.cli_errors import cli_errors
from duijie.options import config_option, json_option, operator_name, written_text
from gateway.flows.annotate import annotate_cases
from gateway.flows.operator_acts import CaseAct
from gateway.ports.store import Store
from gateway.settings_file import load_settings
from schemas.reference.clock import utc_now

_HELP: Final = """备注：将说明加密存入办理经过，不改变办件。

Write something into the histories of cases, sealed; nothing is moved, and agencies do not see it.
The same words of the same person stand there once. Ends with 0: it stands there, 1: some case is
unknown.

With SQLite the running gateway owns the ledger: stop it first, or use PostgreSQL.

\b
示例
  duijie gateway annotate SYDJ2026112241010259753000001 --note 已电话核实 --operator 李敏
"""


@click.command(help=_HELP)
@click.argument("numbers", metavar="NO...", nargs=-1, required=True)
@click.option("--note", metavar="TEXT", help="说明，加密存入办理经过")
@click.option("--operator", metavar="NAME", help="经手人，记入办理经过")
@config_option("var/gateway.toml")
@json_option("输出 JSON")
def annotate(
    numbers: tuple[str, ...],
    config: Path,
    *,
    note: str | None,
    operator: str | None,
    as_json: bool,
) -> int:
    """Write something about cases."""
    name, text = operator_name(operator), written_text("--note", note)

    async def act(keys: Sequence[str], store: Store) -> tuple[CaseAct, ...]:
        return await annotate_cases(keys, text=text, operator=name, store=store, now=utc_now)

    with cli_errors():
        return run_act(load_settings(config), numbers, act, as_json=as_json)
