"""`duijie doctor`."""

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click

from duijie.check_lines import print_check
from duijie.checks.result import CheckResult
from duijie.cli_errors import cli_errors
from duijie.doctor import run_checks
from duijie.errors import FAILED
from duijie.options import config_option, json_option
from gateway.config import Settings
from gateway.settings_file import load_settings

_DOCTOR_HELP: Final = """自检：设置、密钥、端口、磁盘、TLS、时钟、部端连通，逐项给出原因和处理办法。

以“!”开头的各项可用，但建议加固。

Look at settings, keys, ports, disk, TLS, clock and reach; each fault with its cause and its cure,
«!» before what works and is weak. Nothing is changed. Ends with 1 when something has to be done.

\b
示例
  duijie doctor --config var/gateway.toml
"""


@click.command(help=_DOCTOR_HELP)
@config_option("var/gateway.toml")
@json_option("输出 JSON")
def doctor(config: Path, *, as_json: bool) -> int:
    """Check what the gateway needs."""
    with cli_errors():
        results = asyncio.run(_collect(load_settings(config)))
    if as_json:
        click.echo(json.dumps([asdict(one) for one in results], ensure_ascii=False))
    else:
        for result in results:
            print_check(result)
    return FAILED if any(result.is_fault for result in results) else 0


async def _collect(settings: Settings) -> list[CheckResult]:
    return [result async for result in run_checks(settings)]
