"""`duijie gateway serve`."""

from pathlib import Path
from typing import Final

import click

from duijie.cli_errors import cli_errors
from duijie.options import config_option, with_parent_option
from gateway.app.lifecycle import Addresses
from gateway.process import serve as serve_gateway

_SERVE_HELP: Final = """运行网关，直到 Ctrl-C 或 SIGTERM；处理完在途请求后停止。

Run the gateway until Ctrl-C or SIGTERM; it drains before it ends.

\b
示例
  duijie gateway serve --config var/gateway.toml
"""


@click.command(help=_SERVE_HELP)
@config_option("var/gateway.toml")
@with_parent_option
def serve(config: Path, *, with_parent: bool) -> int:
    """Run the gateway until Ctrl-C or SIGTERM."""
    with cli_errors():
        return serve_gateway(config, page=_page, on_ready=_announce, with_parent=with_parent)


def _page() -> bytes:
    """Return the contract to read; most gateways are never asked, so none starts with its code."""
    from contracts.docs.page import page  # noqa: PLC0415 - a tenth of the time of a start

    return page()


def _announce(addresses: Addresses) -> None:
    click.echo(
        f"网关 {addresses.listen}/  健康与指标 {addresses.health}/  工作台 {addresses.console}"
    )
