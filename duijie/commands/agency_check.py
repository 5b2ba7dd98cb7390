"""`duijie agency check`: a signed ping to the system of one agency, and why it failed."""

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
from gateway.domain.delivery import Delivery
from gateway.settings_file import load_settings

_HELP: Final = """向推送型经办机构的系统发送签名的 ping，说明是否连通、响应是否可信、时钟偏差。

Send one signed ping to the system of an agency that takes pushes, and say what came back: reached
or not, the status, whether the answer is believed and why not, the clocks, TLS. No case is sent.
Ends with 0: all well, 1: an answer that cannot be used, or a setting to mend, 2: no such agency, or
one that fetches, 3: not reached.

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
    if found.ping is not None and not found.ping.reached:
        return UNREACHABLE
    return FAILED if any(result.is_fault for result in found.results) else 0


def _agency(settings: Settings, code: str) -> AgencySettings:
    """Return the agency of this code; there is nothing to call where it fetches."""
    agency = next((one for one in settings.agency if one.code == code), None)
    if agency is None:
        known = "、".join(one.code for one in settings.agency) or "没有"
        cure = f"请核对代码；已登记的经办机构：{known}"
        raise CliError(f"设置中没有经办机构 {code}", "代码有误，或尚未登记", cure, USAGE)
    if agency.delivery is not Delivery.PUSH:
        symptom = f"经办机构 {code} {agency.name}为拉取型（delivery = fetch）"
        cure = (
            "请该经办机构从自己的系统调用 fetchDispatches；被拒绝的原因见网关日志 request.refused"
        )
        raise CliError(
            symptom, "该经办机构主动拉取，网关不调用其系统，没有可试连的地址", cure, USAGE
        )
    return agency


def _record(agency: AgencySettings, found: AgencyCheck) -> dict[str, object]:
    ping = found.ping
    return {
        "agency": agency.code,
        "name": agency.name,
        "url": agency.url,
        "reached": ping is not None and ping.reached,
        "believed": ping is not None and ping.believed,
        "status": None if ping is None else ping.status or None,
        "reason": None if ping is None else ping.reason or None,
        "problem": None if ping is None else ping.problem or None,
        "skew_s": None if ping is None or ping.skew_s is None else round(ping.skew_s, 1),
        "checks": [asdict(result) for result in found.results],
    }
