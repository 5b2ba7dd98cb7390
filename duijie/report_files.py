"""报表文件: tables as CSV or XLSX, private, whole or not there at all."""

import csv
import io
import os
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, Final, Protocol

from duijie.errors import FAILED, USAGE, CliError
from duijie.report_cells import csv_cell, named_character, not_written, plain_cell
from portable.files import create, flush_folder, publish

CSV, XLSX = ".csv", ".xlsx"
_ROWS: Final = 1_048_576
"""What a sheet of XLSX holds, its heading included."""
_LONGEST_CELL: Final = 32_767
_LONGEST_NAME: Final = 31
_NOT_IN_NAMES: Final = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
_NOT_IN_XML: Final = frozenset("\ufffe\uffff")
_WIDEST: Final = 40


class CsvEncoding(StrEnum):
    """How a CSV file is written: UTF-8 with a byte order mark, or GB18030."""

    UTF_8 = "utf-8"
    GB18030 = "gb18030"


@dataclass(frozen=True, slots=True)
class NamedTable:
    """A table with its name, as a report has it."""

    name: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


class TableWriter(Protocol):
    """Takes the rows of a table."""

    def row(self, cells: Sequence[str]) -> None:
        """Add a row.

        Raises:
            CliError: A character cannot be written; it is named, and where it stands.
        """
        ...


def check_target(target: Path, *, force: bool) -> None:
    """Raise `CliError` where a file cannot be written, or one is there that shall stay."""
    if target.is_dir() or not target.parent.is_dir():
        raise CliError(f"无法写入 {target}", "没有该文件夹，或它是文件夹", "请核对路径", USAGE)
    if target.exists() and not force:
        raise _exists(target)


@contextmanager
def new_file(target: Path, *, force: bool) -> Iterator[BinaryIO]:
    """Yield a file to write, its owner's alone; it gets its name when it is whole.

    It is written beside `target`: whoever looks for that finds the former one, or none, until then.

    Raises:
        CliError: There is one under that name, which stays, unless `force`.
    """
    check_target(target, force=force)
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(create(part), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        publish(part, target, replaces=force)
    except FileExistsError as exc:
        raise _exists(target) from exc
    finally:
        part.unlink(missing_ok=True)
    flush_folder(target.parent)


class CsvTable:
    """A table in CSV: every cell quoted, lines ended as spreadsheets write them."""

    def __init__(self, file: BinaryIO, headings: Sequence[str], encoding: CsvEncoding) -> None:
        self._file, self._encoding, self._rows = file, encoding, 0
        self._headings = headings
        if encoding is CsvEncoding.UTF_8:
            file.write("\ufeff".encode())
        self._write(headings)

    def row(self, cells: Sequence[str]) -> None:
        """Add a row; see `TableWriter`."""
        self._rows += 1
        for heading, cell in zip(self._headings, cells, strict=True):
            sign = not_written(cell, self._encoding)
            if sign is not None:
                raise _unwritable(sign, self._rows, heading, self._encoding.upper())
        self._write([csv_cell(cell) for cell in cells])

    def _write(self, cells: Sequence[str]) -> None:
        line = io.StringIO()
        csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(cells)
        self._file.write(line.getvalue().encode(self._encoding))


class XlsxBook:
    """A workbook whose cells are all texts; rows go to files in `parts` as they come."""

    def __init__(self, file: BinaryIO, parts: Path) -> None:
        options = {"constant_memory": True, "tmpdir": str(parts)}
        self._book: Any = _xlsxwriter().Workbook(file, options)
        self._text = self._book.add_format({"num_format": "@", "quote_prefix": True})
        self._head = self._book.add_format({"num_format": "@", "bold": True})
        self._names: set[str] = set()

    def sheet(self, name: str, headings: Sequence[str]) -> "XlsxSheet":
        """Begin a sheet; a name that is taken, or too long for one, gets a number."""
        return XlsxSheet(self, name, headings)

    def close(self) -> None:
        """Write the workbook to its file."""
        self._book.close()

    def abandon(self) -> None:
        """Let go of what was written: it becomes no workbook."""
        for sheet in self._book.worksheets():
            sheet.row_data_fh.close()

    def add(self, name: str, headings: Sequence[str]) -> Any:  # Any: a worksheet, without types
        """Return a worksheet under a name of its own, with its headings."""
        sheet = self._book.add_worksheet(self._free_name(name))
        for column, heading in enumerate(headings):
            sheet.set_column(column, column, min(_WIDEST, 4 + 2 * len(heading)))
            sheet.write_string(0, column, heading, self._head)
        sheet.freeze_panes(1, 0)
        return sheet

    def write(self, sheet: Any, row: int, column: int, text: str) -> None:  # Any: as above
        """Write one cell as a text, whatever it looks like."""
        sheet.write_string(row, column, plain_cell(text), self._text)

    def _free_name(self, name: str) -> str:
        clean = name.translate(_NOT_IN_NAMES).strip() or "-"
        free, number = clean[:_LONGEST_NAME], 1
        while free.lower() in self._names:
            number += 1
            end = f"-{number}"
            free = clean[: _LONGEST_NAME - len(end)] + end
        self._names.add(free.lower())
        return free


class XlsxSheet:
    """One sheet; where it is full the next goes on, under the same headings."""

    def __init__(self, book: XlsxBook, name: str, headings: Sequence[str]) -> None:
        self._book, self._name, self._headings = book, name, headings
        self._sheet = book.add(name, headings)
        self._row = self._rows = 0

    def row(self, cells: Sequence[str]) -> None:
        """Add a row; see `TableWriter`."""
        self._rows += 1
        self._row += 1
        if self._row == _ROWS:
            self._sheet, self._row = self._book.add(self._name, self._headings), 1
        for column, (heading, cell) in enumerate(zip(self._headings, cells, strict=True)):
            sign = not_written(cell, "utf-8") or next(iter(_NOT_IN_XML & set(cell)), None)
            if sign is not None:
                raise _unwritable(sign, self._rows, heading, "XLSX")
            if len(cell) > _LONGEST_CELL:
                where = f"第 {self._rows} 行“{heading}”"
                raise CliError(f"{where}过长", "XLSX 的单元格容纳不下", "请改用 CSV", FAILED)
            self._book.write(self._sheet, self._row, column, cell)


@contextmanager
def csv_table(
    target: Path, headings: Sequence[str], *, encoding: CsvEncoding, force: bool
) -> Iterator[CsvTable]:
    """Yield a table that is a CSV file once the block ends well."""
    with new_file(target, force=force) as file:
        yield CsvTable(file, headings, encoding)


@contextmanager
def xlsx_book(target: Path, *, force: bool) -> Iterator[XlsxBook]:
    """Yield a workbook that is a file once the block ends well.

    What is written meanwhile is in a folder beside it, its owner's alone and gone afterwards.
    """
    _xlsxwriter()
    with new_file(target, force=force) as file, _parts(target) as parts:
        book = XlsxBook(file, Path(parts))
        try:
            yield book
        except BaseException:
            book.abandon()
            raise
        book.close()


def workbook(name: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return a workbook of one sheet, for what is small; every cell is a text.

    Raises:
        CliError: The extra is not installed, or a character cannot be written.
    """
    written = io.BytesIO()
    with TemporaryDirectory() as parts:
        book = XlsxBook(written, Path(parts))
        sheet = book.sheet(name, headings)
        try:
            for cells in rows:
                sheet.row(cells)
        except BaseException:
            book.abandon()
            raise
        book.close()
    return written.getvalue()


def _parts(target: Path) -> "TemporaryDirectory[str]":
    return TemporaryDirectory(prefix=f".{target.name}.", suffix=".parts", dir=target.parent)


def _xlsxwriter() -> Any:  # Any: a module without types, which need not be there
    try:
        import xlsxwriter  # noqa: PLC0415 -- an extra
    except ImportError as exc:
        cure = '请安装：pip install "duijie[xlsx]"，或改用 CSV'
        raise CliError("不能生成 XLSX", "没有安装 XlsxWriter", cure, USAGE) from exc
    return xlsxwriter


def _exists(target: Path) -> CliError:
    return CliError(
        f"{target} 已存在", "不覆盖已有的文件", "请换一个文件名；确要覆盖的，加 --force", USAGE
    )


def _unwritable(sign: str, row: int, heading: str, encoding: str) -> CliError:
    return CliError(
        f"第 {row} 行“{heading}”中的字符 {named_character(sign)} 无法写入 {encoding}",
        "该编码没有这个字符，不作替换",
        "请改用其他编码或格式，或更正该项；文件没有生成",
        FAILED,
    )
