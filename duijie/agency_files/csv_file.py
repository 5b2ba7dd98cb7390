"""CSV: read as UTF-8 with or without a byte order mark, or as GB18030; written for Excel."""

import csv
import io
from collections.abc import Iterator, Sequence
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

_ENCODINGS: Final = ("utf-8-sig", "gb18030")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""
_GUARD: Final = "'"


def read_csv(content: bytes) -> list[FileLine]:
    """Return the rows of a CSV file, each under the number of the line on which it begins.

    Raises:
        FileRefused: It is too large, no text, or no CSV.
    """
    if len(content) > MOST_BYTES:
        raise FileRefused([FileFault(FileFaultCode.TOO_LARGE)])
    reader = csv.reader(io.StringIO(_text(content), newline=""), strict=True)
    lines: list[FileLine] = []
    begins = 1
    try:
        for row in reader:
            lines.append(FileLine(begins, [Cell(_unguarded(text).strip()) for text in row]))
            begins = reader.line_num + 1
            if len(lines) > MOST_ROWS:
                raise FileRefused([FileFault(FileFaultCode.TOO_LARGE)])
    except csv.Error:
        raise FileRefused([FileFault(FileFaultCode.NOT_CSV, begins)]) from None
    return lines


def write_csv(rows: Sequence[Sequence[str]]) -> bytes:
    """Return rows as CSV in UTF-8 with a byte order mark; no cell of it is a formula."""
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\r\n").writerows(_guarded(rows))
    return written.getvalue().encode("utf-8-sig")


def _text(content: bytes) -> str:
    for encoding in _ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise FileRefused([FileFault(FileFaultCode.NOT_TEXT)])


def _guarded(rows: Sequence[Sequence[str]]) -> Iterator[list[str]]:
    for row in rows:
        yield [f"{_GUARD}{text}" if text.startswith((*_FORMULA, _GUARD)) else text for text in row]


def _unguarded(text: str) -> str:
    rest = text.removeprefix(_GUARD)
    return rest if rest != text and rest.startswith((*_FORMULA, _GUARD)) else text
