"""报表选项: options that several reports share: dates, divisions, files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import wraps
from pathlib import Path
from typing import TypeVar

import click

from duijie.report_files import CsvEncoding, NamedTable, check_target, csv_table, xlsx_book
from gateway.domain.areas import AreaLevel
from schemas.reference.clock import beijing_date, utc_now
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
            standing = tree.ancestors_in_force(code, beijing_date(utc_now()))
        except UnknownDivision:
            self.fail(f"{value} 不是行政区划代码", param, ctx)
        if standing[0] != code:
            successor = f"{standing[0]} {tree.full_name(standing[0])}"
            self.fail(f"行政区划 {value} 已撤销，请用 {successor}", param, ctx)
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


@dataclass(frozen=True, slots=True)
class FileOptions:
    """Where a table goes besides the screen: CSV, XLSX, both or neither."""

    csv: Path | None
    xlsx: Path | None
    encoding: CsvEncoding
    force: bool

    @property
    def any(self) -> bool:
        """Whether there is a file to write."""
        return self.csv is not None or self.xlsx is not None

    def check(self) -> None:
        """Raise `CliError` where a file cannot be written."""
        for path in (self.csv, self.xlsx):
            if path is not None:
                check_target(path, force=self.force)


def file_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add `--csv`, `--xlsx`, `--encoding` and `--force`, given to the command as `files`."""

    @path_option("--csv", "写入 CSV 文件")
    @path_option("--xlsx", "写入 XLSX 文件")
    @encoding_option
    @force_option
    @wraps(command)
    def with_files(
        *args: object,
        csv: Path | None,
        xlsx: Path | None,
        encoding: str,
        force: bool,
        **options: object,
    ) -> int:
        files = FileOptions(csv, xlsx, CsvEncoding(encoding), force)
        return command(*args, files=files, **options)

    return with_files


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


def write_tables(files: FileOptions, tables: Sequence[NamedTable]) -> None:
    """Write tables to the files that are asked for: all to a workbook, the first to CSV.

    Raises:
        CliError: A file is there already, or a character cannot be written.
    """
    if files.csv is not None:
        first = tables[0]
        with csv_table(
            files.csv, first.headings, encoding=files.encoding, force=files.force
        ) as table:
            for row in first.rows:
                table.row(row)
        click.echo(f"已写入 {files.csv}", err=True)
    if files.xlsx is not None:
        with xlsx_book(files.xlsx, force=files.force) as book:
            for one in tables:
                sheet = book.sheet(one.name, one.headings)
                for row in one.rows:
                    sheet.row(row)
        click.echo(f"已写入 {files.xlsx}", err=True)
