"""登记表文件: a form as text, as CSV, or as a workbook of Excel; no cell is taken for a formula."""

import csv
import io
import os
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final

from duijie.form_content import FormRow
from duijie.report_cells import csv_cell
from duijie.report_files import workbook
from portable.files import overwrite

_HEADINGS: Final = ("分组", "栏目", "内容")
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
    writer.writerows([csv_cell(cell) for cell in _cells(row)] for row in rows)
    return written.getvalue().encode("utf-8-sig")


def form_xlsx(title: str, rows: Sequence[FormRow]) -> bytes:
    """Return a form as a workbook of one sheet, called by its title; every cell is a text.

    Raises:
        CliError: The library is not installed.
    """
    return workbook(title, _HEADINGS, map(_cells, rows))


def write_form(path: Path, data: bytes) -> None:
    """Write a form for its owner alone; it may tell of a person.

    Raises:
        OSError: It cannot be written.
    """
    with os.fdopen(overwrite(path), "wb") as file:
        file.write(data)


def _cells(row: FormRow) -> tuple[str, str, str]:
    return row.section, row.label, row.content
