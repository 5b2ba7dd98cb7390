"""登记表文件: a form as text, as CSV, or as a workbook of Excel; no cell is taken for a formula."""

import csv
import io
import os
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final

from duijie.errors import FAILED, CliError
from duijie.form_content import FormRow
from portable.files import overwrite

_HEADINGS: Final = ("分组", "栏目", "内容")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_WIDTHS: Final = (24, 28, 80)
_NEXT_LINE: Final = "\n    "


class FormFormat(StrEnum):
    """How a form is written."""

    TEXT = "text"
    CSV = "csv"
    XLSX = "xlsx"


def form_text(title: str, rows: Sequence[FormRow]) -> str:
    """Return a form for the screen: a line a box, further lines indented."""
    lines, section = [title], ""
    for row in rows:
        if row.section != section:
            lines.append(f"【{row.section}】")
            section = row.section
        lines.append(f"  {row.label}：{row.content.replace(chr(10), _NEXT_LINE)}".rstrip())
    return "\n".join(lines)


def form_csv(rows: Sequence[FormRow]) -> bytes:
    """Return a form as CSV that spreadsheets open: UTF-8 with a mark, formulas made text."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(_HEADINGS)
    writer.writerows([_plain(cell) for cell in _cells(row)] for row in rows)
    return written.getvalue().encode("utf-8-sig")


def form_xlsx(title: str, rows: Sequence[FormRow]) -> bytes:
    """Return a form as a workbook of one sheet; every cell is text.

    Raises:
        CliError: The library is not installed.
    """
    try:
        from xlsxwriter import Workbook  # noqa: PLC0415 - an extra, loaded where it is asked for
    except ImportError:
        cure = "请安装：pip install 'duijie[xlsx]'，或改用 --format csv"
        raise CliError("无法生成 Excel 文件", "没有安装 XlsxWriter", cure, FAILED) from None
    data = io.BytesIO()
    with Workbook(data, {"in_memory": True, "strings_to_formulas": False}) as workbook:
        sheet = workbook.add_worksheet("登记表")
        bold, wrapped = (workbook.add_format({one: True}) for one in ("bold", "text_wrap"))
        sheet.write_string(0, 0, title, bold)
        for column, (heading, width) in enumerate(zip(_HEADINGS, _WIDTHS, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(1, column, heading, bold)
        for number, row in enumerate(rows, start=2):
            for column, cell in enumerate(_cells(row)):
                sheet.write_string(number, column, cell, wrapped)
    return data.getvalue()


def write_form(path: Path, data: bytes) -> None:
    """Write a form for its owner alone; it may tell of a person.

    Raises:
        OSError: It cannot be written.
    """
    with os.fdopen(overwrite(path), "wb") as file:
        file.write(data)


def _cells(row: FormRow) -> tuple[str, str, str]:
    return row.section, row.label, row.content


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
