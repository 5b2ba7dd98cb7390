"""报表选项: options that several reports share: dates, divisions, files."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TypeVar

import click

from duijie.report_files import CsvEncoding
from gateway.domain.areas import AreaLevel
from schemas.reference.divisions import DivisionTree, UnknownDivision

C = TypeVar("C", bound=Callable[..., object])


class BeijingDay(click.ParamType[date]):
    """A day as people write it: 2026-03-02; it is one of Beijing."""

    name = "DATE"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> date:
        """Return the day."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value} 不是日期，请写作 2026-03-02", param, ctx)


class DivisionCode(click.ParamType[str]):
    """A division (行政区划) of the table."""

    name = "CODE"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """Return the code in its shortest form."""
        tree = DivisionTree.load()
        code = tree.normalise(str(value))
        try:
            tree.ancestors(code)
        except UnknownDivision:
            self.fail(f"{value} 不是行政区划代码", param, ctx)
        return code


division_option = click.option(
    "--division", type=DivisionCode(), metavar="CODE", help="仅此行政区划及其下级"
)
force_option = click.option("--force", is_flag=True, help="覆盖已有的同名文件")
encoding_option = click.option(
    "--encoding",
    type=click.Choice([one.value for one in CsvEncoding]),
    default=CsvEncoding.UTF_8.value,
    show_default=True,
    help="CSV 的编码；UTF-8 带 BOM",
)


def level_option(text: str, default: AreaLevel) -> Callable[[C], C]:
    """Return `--by city|county`."""
    return click.option(
        "--by",
        "level",
        type=click.Choice([level.value for level in AreaLevel]),
        default=default.value,
        show_default=True,
        help=text,
    )


def day_option(name: str, into: str, text: str, *, required: bool = False) -> Callable[[C], C]:
    """Return an option for a day of Beijing."""
    return click.option(name, into, type=BeijingDay(), metavar="DATE", help=text, required=required)


def path_option(name: str, text: str) -> Callable[[C], C]:
    """Return an option for a file to write."""
    return click.option(
        name, type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help=text
    )


def check_days(first: date | None, last: date | None) -> None:
    """Raise `click.UsageError` where a period ends before it begins."""
    if first is not None and last is not None and last < first:
        raise click.UsageError(f"--to {last} 早于 --from {first}")


def is_within(place: str, division: str | None) -> bool:
    """Say whether a place lies in a division; one that nobody knows lies in none."""
    if division is None:
        return True
    try:
        return DivisionTree.load().is_within(place, division)
    except UnknownDivision:
        return False
