"""`duijie doctor`."""

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click

from duijie.doctor import Finding, examine
from duijie.error_texts import explained
from duijie.errors import FAILED
from duijie.options import config_option, json_option
from gateway.config import Settings
from gateway.settings_file import load_settings

_DOCTOR_HELP: Final = """体检：设置、密钥、端口、磁盘、国家端连通，逐项给出原因和办法。

Look at settings, keys, ports, disk and reach; each fault with its cause and its cure. Nothing is
changed. Ends with 1 when something has to be done.

\b
示例 EXAMPLE
  duijie doctor --config var/gateway.toml
"""


@click.command(help=_DOCTOR_HELP)
@config_option("var/gateway.toml")
@json_option("输出 JSON")
def doctor(config: Path, *, as_json: bool) -> int:
    """Look at what the gateway needs."""
    with explained():
        findings = asyncio.run(_all(load_settings(config)))
    if as_json:
        click.echo(json.dumps([asdict(one) for one in findings], ensure_ascii=False))
    else:
        for finding in findings:
            _tell(finding)
    return 0 if all(finding.is_well for finding in findings) else FAILED


async def _all(settings: Settings) -> list[Finding]:
    return [finding async for finding in examine(settings)]


def _tell(finding: Finding) -> None:
    click.echo(f"{'✔' if finding.is_well else '✘'} {finding.subject}：{finding.seen}")
    if not finding.is_well:
        click.echo(f"    原因：{finding.cause}\n    办法：{finding.cure}")
