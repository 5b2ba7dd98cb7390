"""`duijie bench`."""

from typing import Final

import click

from bench.all_figures import main
from duijie.options import json_option

_BENCH_HELP: Final = """测量各项性能指标，并列出同机同时测得的上限。

Measure the figures, each beside the limit measured in the same run.

\b
示例
  duijie bench
  duijie bench --only B1 --only B2 --json
"""


@click.command(help=_BENCH_HELP)
@click.option("--only", multiple=True, metavar="NO", help="仅测量所列项，如 B1，可多次")
@json_option("输出 JSON")
def bench(only: tuple[str, ...], *, as_json: bool) -> int:
    """Measure the figures, each beside the limit measured in the same run."""
    return main(as_json, only)
