"""`duijie agency check`: whether dispatches reach one agency, and why they do not."""

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click

from duijie.check_lines import print_check
from duijie.checks.agency import AgencyCheck, check_agency
from duijie.cli_errors import cli_errors
from duijie.errors import FAILED, UNREACHABLE, USAGE, CliError
from duijie.options import config_option, json_option
from gateway.config import AgencySettings, Settings
from gateway.settings_file import load_settings

_HELP: Final = """检查一个经办机构的连接，说明是否连通、响应是否可信、哪里需要改正。

Check the connection to one agency, whatever its delivery. 推送 push: one signed ping, the status,
whether the answer is believed and why not, the clocks, TLS; no dispatch is sent, since the contract
has no test dispatch. 前置库 exchange_table: login, tables, rights, character set, and a test row
with status TEST, written and read back. 拉取 fetch: whether its calls were accepted lately and what
waits, by the ledger. 工作台 desk: nothing connects. Ends with 0: all well, 1: an answer that cannot
be used, or something to mend, 2: no such agency, 3: not reached.

\b
示例
  duijie agency check 4101000001 --config var/gateway.toml
  duijie agency check 4101000001 --json
"""


@click.command(help=_HELP)
@click.argument("code", metavar="CODE")
@config_option("var/gateway.toml")
@json_option("输出 JSON")
def check(code: str, config: Path, *, as_json: bool) -> int:
    """Check the connection to one agency."""
    with cli_errors():
        settings = load_settings(config)
        agency = _agency(settings, code)
        found = asyncio.run(check_agency(settings, agency))
    if as_json:
        click.echo(json.dumps(_record(agency, found), ensure_ascii=False))
    else:
        for result in found.results:
            print_check(result)
    if found.reached is False:
        return UNREACHABLE
    return FAILED if any(result.is_fault for result in found.results) else 0


def _agency(settings: Settings, code: str) -> AgencySettings:
    """Return the agency of this code."""
    agency = next((one for one in settings.agency if one.code == code), None)
    if agency is None:
        known = "、".join(one.code for one in settings.agency) or "没有"
        cure = f"请核对代码；已登记的经办机构：{known}"
        raise CliError(f"设置中没有经办机构 {code}", "代码有误，或尚未登记", cure, USAGE)
    return agency


def _record(agency: AgencySettings, found: AgencyCheck) -> dict[str, object]:
    ping = found.ping
    return {
        "agency": agency.code,
        "name": agency.name,
        "delivery": agency.delivery.value,
        "url": agency.url,
        "reached": found.reached,
        "believed": None if ping is None else ping.believed,
        "status": None if ping is None else ping.status or None,
        "reason": found.reason or None,
        "problem": None if ping is None else ping.problem or None,
        "skew_s": None if ping is None or ping.skew_s is None else round(ping.skew_s, 1),
        "checks": [asdict(result) for result in found.results],
    }
