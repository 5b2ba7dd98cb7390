"""自检结果的写法: how the results of checks are printed."""

from typing import Final

import click

from duijie.checks.result import CheckResult

_NEXT_LINE: Final = "\n"
_INDENTED: Final = f"{_NEXT_LINE}      "


def print_check(result: CheckResult) -> None:
    """Print one result; what is wrong or weak with its cause and its cure."""
    sign = "✔" if result.is_ok else "!" if result.is_weak else "✘"
    click.echo(f"{sign} {result.subject}：{result.seen}")
    if not result.is_ok:
        for name, text in (("原因", result.cause), ("处理办法", result.cure)):
            click.echo(f"    {name}：{text.replace(_NEXT_LINE, _INDENTED)}")
