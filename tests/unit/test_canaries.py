"""The canary scan itself: what is planted in any spelling is found, and nothing else."""

import json
import logging
from base64 import b64encode, urlsafe_b64encode
from pathlib import Path
from urllib.parse import quote

import pytest

from gateway.logs import JsonLines
from tests.support.canaries import CANARIES, NAME, Leak, files_below, scan, spellings


@pytest.mark.parametrize("canary", CANARIES)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le"])
def test_a_canary_is_found_in_every_spelling(canary: str, encoding: str) -> None:
    value = CANARIES[canary]
    content = value.encode(encoding)
    for written in (
        content,
        json.dumps({"detail": value}).encode(),
        json.dumps({"detail": value}, ensure_ascii=False).encode(),
        quote(value).encode(),
        quote(quote(value)).encode(),
        content.hex().encode(),
        *(b64encode(b"x" * shift + content + b"yz") for shift in range(6)),
        *(urlsafe_b64encode(b"x" * shift + content) for shift in range(6)),
        str({"raised": value.encode()}).encode(),
    ):
        found = scan({"log": b"before " + written + b" after"})
        assert {leak.canary for leak in found} == {canary}, written
        assert {leak.where for leak in found} == {"log"}


def test_a_leak_in_a_file_or_in_a_file_s_name_is_found(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "gateway.log").write_text(f'{{"detail":"{NAME}"}}', "utf-8")
    (tmp_path / NAME).write_bytes(b"")

    found = scan(files_below(tmp_path))

    assert Leak("name", "logs/gateway.log", "plain") in found
    assert Leak("name", "names of files", "plain") in found


def test_a_line_that_quoted_what_a_library_raised_is_found() -> None:
    # Given a log that writes the text of an error, as a formatter of the standard library does
    record = logging.LogRecord("aiohttp", logging.ERROR, "", 0, "cannot read %r", (NAME,), None)

    # Then the scan finds it, and nothing in the line that is written here
    assert scan({"log": logging.Formatter().format(record).encode()})
    assert scan({"log": JsonLines().format(record).encode()}) == []


def test_no_spelling_is_so_short_that_it_stands_anywhere() -> None:
    lengths = [len(spelled) for value in CANARIES.values() for _, spelled in spellings(value)]
    assert min(lengths) >= 8
