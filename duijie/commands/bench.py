"""`duijie bench`."""

from typing import Final

import click

from bench.all_figures import main
from duijie.options import json_option
from storage.urls import is_postgres

_BENCH_HELP: Final = """测量各项性能指标，并列出同机同时测得的上限。

Measure the figures, each beside the limit measured in the same run.

\b
示例
  duijie bench
  duijie bench --only B1 --only B2 --json
  duijie bench --only B5 --history 1000000
"""
_HISTORY_HELP: Final = "B5 的台账规模（件），可多次；缺省为 100000"
_STORE_HELP: Final = "B5 改用此 PostgreSQL，须有建库权限"


def _require_postgres(_: click.Context, __: click.Parameter, url: str | None) -> str | None:
    if url is not None and not is_postgres(url):
        raise click.BadParameter("请使用 postgresql://用户@主机/库名；不指定时使用 SQLite")
    return url


@click.command(help=_BENCH_HELP)
@click.option("--only", multiple=True, metavar="NO", help="仅测量所列项，如 B1，可多次")
@click.option(
    "--history", type=click.IntRange(min=1), multiple=True, metavar="COUNT", help=_HISTORY_HELP
)
@click.option("--store", metavar="URL", callback=_require_postgres, help=_STORE_HELP)
@json_option("输出 JSON")
def bench(
    only: tuple[str, ...], history: tuple[int, ...], store: str | None, *, as_json: bool
) -> int:
    """Measure the figures, each beside the limit measured in the same run."""
    return main(as_json, only, history, store)
