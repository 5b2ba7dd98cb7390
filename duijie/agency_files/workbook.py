"""Excel 工作簿: read by python-calamine, which comes with the extra `xlsx`, and written."""

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
from duijie.report_files import workbook

_MOST_UNPACKED: Final = 200 << 20
_SHEET: Final = "机构清单"
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
        cure = "请安装 duijie[xlsx]（pip install 'duijie[xlsx]'），或改用 CSV 文件"
        raise CliError("不能读取 Excel 工作簿", "缺少 python-calamine", cure, USAGE) from exc
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
    """Return rows, the headings first, as a workbook of one sheet; every cell is a text.

    Raises:
        CliError: The extra is not installed.
    """
    head, *others = rows
    return workbook(_SHEET, head, others)


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
