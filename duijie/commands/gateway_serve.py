"""`duijie gateway serve`."""

from pathlib import Path
from typing import Final

import click

from contracts.docs.page import page
from duijie.error_texts import explained
from duijie.options import config_option, with_parent_option
from duijie.serving import run_loop, stop_signal
from gateway.app.lifecycle import Gateway
from gateway.logs import write_logs
from gateway.settings_file import load_settings

_SERVE_HELP: Final = """运行网关，直到 Ctrl-C 或 SIGTERM；停止时先排空在途事项。

Run the gateway until Ctrl-C or SIGTERM; it drains before it ends.

\b
示例 EXAMPLE
  duijie gateway serve --config var/gateway.toml
"""


@click.command(help=_SERVE_HELP)
@config_option("var/gateway.toml")
@with_parent_option
def serve(config: Path, *, with_parent: bool) -> int:
    """Run the gateway until Ctrl-C or SIGTERM."""
    with explained():
        return run_loop(_serve(config, with_parent=with_parent))


async def _serve(config: Path, *, with_parent: bool) -> int:
    settings = load_settings(config)
    write_logs(settings.log_level)
    stop = stop_signal(with_parent=with_parent)
    gateway = Gateway(settings, page=page)
    try:
        await gateway.start()
    except BaseException:
        await gateway.drain()
        raise
    click.echo(f"网关 {gateway.addresses.listen}/  健康与指标 {gateway.addresses.health}/")
    return await gateway.run_until(stop)
