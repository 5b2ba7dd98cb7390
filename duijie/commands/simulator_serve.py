"""`duijie simulator serve`."""

from pathlib import Path
from typing import Final

import click

from duijie.cli_errors import cli_errors
from duijie.options import config_option, with_parent_option
from portable.event_loop import call_on_hangup, run_loop, stop_event
from portable.memory_images import forbid_core_dumps
from simulator.app import Addresses
from simulator.app import serve as run_simulator
from simulator.config import SimulatorSettings
from simulator.logs import log_to_stderr

_SERVE_HELP: Final = """运行部端模拟器和模拟经办机构，直到 Ctrl-C 或 SIGTERM。

Run the simulator of the national side, with its agencies, until Ctrl-C or SIGTERM.

\b
示例
  duijie simulator serve --config var/simulator.toml
"""


@click.command(help=_SERVE_HELP)
@config_option("var/simulator.toml")
@with_parent_option
def serve(config: Path, *, with_parent: bool) -> None:
    """Run the simulator of the national side, with its agencies, until Ctrl-C or SIGTERM."""
    forbid_core_dumps()
    with cli_errors():
        run_loop(_serve(config, with_parent=with_parent))


async def _serve(config: Path, *, with_parent: bool) -> None:
    settings = SimulatorSettings.read(config)
    log_to_stderr()
    stop = stop_event(with_parent=with_parent)
    await run_simulator(settings, ready=_announce, on_hangup=call_on_hangup, stop=stop)


def _announce(addresses: Addresses) -> None:
    click.echo(f"部端模拟页面 {addresses.national}/  控制接口 {addresses.control}")
