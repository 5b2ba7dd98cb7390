"""自检结果的写法: how the results of checks are printed."""

import click

from duijie.checks.result import CheckResult


def print_check(result: CheckResult) -> None:
    """Print one result; what is wrong or weak with its cause and its cure."""
    sign = "✔" if result.is_ok else "!" if result.is_weak else "✘"
    click.echo(f"{sign} {result.subject}：{result.seen}")
    if not result.is_ok:
        click.echo(f"    原因：{result.cause}\n    处理办法：{result.cure}")
