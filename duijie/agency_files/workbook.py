"""Excel 工作簿: read by python-calamine, written by XlsxWriter; both come with the extra `xlsx`."""

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from duijie.agency_files.sheet import (
    MOST_BYTES,
    MOST_ROWS,
    Cell,
    FileFault,
    FileFaultCode,
    FileLine,
    FileRefused,
)
from duijie.errors import USAGE, CliError

_MOST_UNPACKED: Final = 200 << 20
_SHEET: Final = "机构清单"
_WIDEST: Final = 40
_NARROWEST: Final = 8
_WHOLE_BELOW: Final = 1 << 53
"""Numbers of a workbook are exact below this."""


def read_workbook(content: bytes) -> Mapping[str, list[FileLine]]:
    """Return the rows of each sheet of a workbook, by its name.

    A formula counts by the value that was computed last. Days come as ISO dates.

    Raises:
        FileRefused: It is too large, or no workbook.
        CliError: The extra is not installed.
    """
    try:
        from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415 -- an extra
    except ImportError as exc:
        raise _extra_missing("python-calamine") from exc
    _check_size(content)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            return {
                name: _lines(book.get_sheet_by_name(name).to_python(skip_empty_area=False))
                for name in book.sheet_names
            }
    except (CalamineError, OSError, ValueError):
        raise FileRefused([FileFault(FileFaultCode.NOT_WORKBOOK)]) from None


def write_workbook(rows: Sequence[Sequence[str]]) -> bytes:
    """Return rows as a workbook of one sheet; every cell is text, so that none is a formula.

    Raises:
        CliError: The extra is not installed.
    """
    try:
        from xlsxwriter import Workbook  # noqa: PLC0415 -- an extra
    except ImportError as exc:
        raise _extra_missing("XlsxWriter") from exc
    written = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(written, options) as book:
        sheet = book.add_worksheet(_SHEET)
        as_text = book.add_format({"num_format": "@"})
        bold = book.add_format({"num_format": "@", "bold": True})
        for at, row in enumerate(rows):
            for column, text in enumerate(row):
                sheet.write_string(at, column, text, as_text if at else bold)
        for column in range(len(rows[0]) if rows else 0):
            longest = max(len(row[column]) for row in rows)
            width = min(max(2 * longest, _NARROWEST), _WIDEST)
            sheet.set_column(column, column, width, as_text)
        sheet.freeze_panes(1, 0)
    return written.getvalue()


def _check_size(content: bytes) -> None:
    """Refuse what would unpack to more than any list of agencies is."""
    if len(content) > MOST_BYTES:
        raise FileRefused([FileFault(FileFaultCode.TOO_LARGE)])
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            unpacked = sum(one.file_size for one in packed.infolist())
    except (zipfile.BadZipFile, OSError, ValueError):
        raise FileRefused([FileFault(FileFaultCode.NOT_WORKBOOK)]) from None
    if unpacked > _MOST_UNPACKED:
        raise FileRefused([FileFault(FileFaultCode.TOO_LARGE)])


def _lines(rows: Sequence[Sequence[object]]) -> list[FileLine]:
    if len(rows) > MOST_ROWS:
        raise FileRefused([FileFault(FileFaultCode.TOO_LARGE)])
    return list(_numbered(rows))


def _numbered(rows: Sequence[Sequence[object]]) -> Iterator[FileLine]:
    for number, row in enumerate(rows, 1):
        yield FileLine(number, [_cell(value) for value in row])


def _cell(value: object) -> Cell:
    match value:
        case bool():
            return Cell("1" if value else "0")
        case float() | int():
            return Cell(_number(value), is_number=True)
        case datetime() if value.time() == time():
            return Cell(value.date().isoformat())
        case datetime() | date() | time():
            return Cell(value.isoformat())
        case timedelta():
            return Cell(str(value))
        case _:
            return Cell(str(value).strip())


def _number(value: float) -> str:
    whole = abs(value) < _WHOLE_BELOW and value == int(value)
    return str(int(value)) if whole else repr(value)


def _extra_missing(library: str) -> CliError:
    return CliError(
        "未安装读写 Excel 工作簿所需的组件",
        f"缺少 {library}",
        "请安装 duijie[xlsx]（pip install 'duijie[xlsx]'），或改用 CSV 文件",
        USAGE,
    )
