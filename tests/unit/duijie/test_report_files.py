"""报表文件: what is written is read back cell by cell; no cell is a formula, no file half there."""

import csv
import io
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from duijie.errors import CliError
from duijie.report_cells import csv_cell, plain_cell
from duijie.report_files import CsvEncoding, csv_table, new_file, xlsx_book
from portable.files import HAS_MODES

Rows = Sequence[Sequence[str]]
HEADINGS = ("证件号码", "姓名")
NUMBER = "410105199003070003"
RARE = "𠮷䶮㐂"
HOSTILE = [
    *("=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "\t=1+1", "\r=1+1", "  =1+1"),
    *("＝1+1", "＋1", "－1", "＠SUM(A1)", "\u3000＝1+1", "\u200b=1+1", "\ufeff=1+1"),
]
PLAIN = ["张伟", "买买提·𠮷克", "3 月 = 春", "a@b", "13-5", "", "'quoted", '"both"', "a,b;c"]
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff"))


def write_csv(path: Path, rows: Rows, encoding: CsvEncoding) -> None:
    with csv_table(path, HEADINGS, encoding=encoding, force=True) as table:
        for row in rows:
            table.row(row)


WRITE_CSV = [partial(write_csv, encoding=encoding) for encoding in CsvEncoding]


def read_csv(path: Path, encoding: str) -> list[list[str]]:
    """Read a file as a person's program does: by its encoding, a mark of it taken off."""
    text = path.read_bytes().decode("utf-8-sig" if encoding == "utf-8" else encoding)
    return list(csv.reader(io.StringIO(text, newline="")))


def write_xlsx(path: Path, rows: Rows, name: str = "410105 金水区") -> None:
    with xlsx_book(path, force=True) as book:
        sheet = book.sheet(name, HEADINGS)
        for row in rows:
            sheet.row(row)


def read_xlsx(path: Path) -> list[list[object]]:
    rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    return [list(row) for row in rows]


@pytest.mark.parametrize("encoding", list(CsvEncoding))
def test_csv_is_read_back_cell_by_cell(tmp_path: Path, encoding: CsvEncoding) -> None:
    rows = [[text, f"{text}{RARE}"] for text in PLAIN]
    write_csv(tmp_path / "a.csv", rows, encoding)

    assert read_csv(tmp_path / "a.csv", encoding) == [list(HEADINGS), *rows]


def test_csv_begins_with_the_mark_of_utf_8_and_gb18030_with_none(tmp_path: Path) -> None:
    for encoding in CsvEncoding:
        write_csv(tmp_path / f"{encoding}.csv", [], encoding)

    assert (tmp_path / "utf-8.csv").read_bytes().startswith('\ufeff"证件'.encode())
    assert (tmp_path / "gb18030.csv").read_bytes().startswith('"证件'.encode("gb18030"))


@pytest.mark.parametrize("text", HOSTILE)
def test_what_would_be_a_formula_is_a_text(tmp_path: Path, text: str) -> None:
    write_csv(tmp_path / "a.csv", [[text, text]], CsvEncoding.UTF_8)
    _, cells = read_csv(tmp_path / "a.csv", "utf-8")
    assert cells == ["'" + plain_cell(text)] * 2
    assert plain_cell(text).strip() == text.strip()

    write_xlsx(tmp_path / "a.xlsx", [[text, text]])
    assert read_xlsx(tmp_path / "a.xlsx")[1] == [plain_cell(text)] * 2


@pytest.mark.parametrize("number", [NUMBER, "007", "13800000000", "12E5", "41010500000000000000"])
def test_a_number_stays_a_text_with_every_digit(tmp_path: Path, number: str) -> None:
    write_csv(tmp_path / "a.csv", [[number, "1"]], CsvEncoding.GB18030)
    assert read_csv(tmp_path / "a.csv", "gb18030")[1] == ["\t" + number, "1"]

    write_xlsx(tmp_path / "a.xlsx", [[number, "1"]])
    assert read_xlsx(tmp_path / "a.xlsx")[1] == [number, "1"]


@given(TEXT)
def test_no_cell_of_csv_begins_as_a_formula_does(text: str) -> None:
    cell = csv_cell(text)
    assert cell.lstrip()[:1] not in set("=+-@＝＋－＠")
    assert not set(cell[1:]) & set("\t\r\n")
    assert cell.removeprefix("\t").removeprefix("'").endswith(plain_cell(text).removeprefix("'"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.lists(st.tuples(TEXT, TEXT), max_size=5))
def test_xlsx_is_read_back_cell_by_cell(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    filled = [(f"a{one}", f"b{other}") for one, other in rows]
    write_xlsx(tmp_path / "a.xlsx", filled)

    expected = [[plain_cell(cell) for cell in row] for row in filled]
    assert read_xlsx(tmp_path / "a.xlsx") == [list(HEADINGS), *expected]


@pytest.mark.parametrize("write", [*WRITE_CSV, write_xlsx])
def test_a_character_that_cannot_be_written_is_named_and_nothing_is_left(
    tmp_path: Path, write: Callable[[Path, Rows], None]
) -> None:
    with pytest.raises(CliError, match=r"第 2 行“姓名”中的字符 U\+D800"):
        write(tmp_path / "a", [["1", "好"], ["2", "坏\ud800"]])

    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def former(tmp_path: Path) -> Iterator[Path]:
    """Give an export of yesterday, which stays as it is."""
    path = tmp_path / "待办.csv"
    path.write_text("昨日", "utf-8")
    yield path
    assert [one.name for one in tmp_path.iterdir()] == ["待办.csv"]


def test_a_file_that_is_there_stays_without_force(former: Path) -> None:
    with pytest.raises(CliError, match="已存在"), new_file(former, force=False):
        raise AssertionError("nothing is to be written")
    assert former.read_text("utf-8") == "昨日"


def test_one_that_came_meanwhile_stays_too(former: Path) -> None:
    former.unlink()

    def write() -> None:
        with new_file(former, force=False) as file:
            file.write(b"x")
            former.write_text("他人", "utf-8")

    with pytest.raises(CliError, match="已存在"):
        write()
    assert former.read_text("utf-8") == "他人"


def test_with_force_the_new_one_takes_its_place_when_it_is_whole(former: Path) -> None:
    with new_file(former, force=True) as file:
        file.write("今日".encode())
        file.flush()
        assert former.read_text("utf-8") == "昨日"
    assert former.read_text("utf-8") == "今日"


def test_a_failure_half_way_leaves_the_former_one(former: Path) -> None:
    def fail(file: BinaryIO) -> None:
        file.write(b"half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"), new_file(former, force=True) as file:
        fail(file)
    assert former.read_text("utf-8") == "昨日"


@pytest.mark.skipif(not HAS_MODES, reason="no modes on this system")
def test_a_file_is_its_owners_alone_whatever_the_mask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_xlsx(tmp_path / "a.xlsx", [["1", "2"]])
        write_csv(tmp_path / "a.csv", [["1", "2"]], CsvEncoding.UTF_8)
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_a_workbook_half_way_is_in_private_files_beside_it_and_nowhere_else(tmp_path: Path) -> None:
    found: dict[str, os.stat_result] = {}

    def fail() -> None:
        with xlsx_book(tmp_path / "a.xlsx", force=False) as book:
            for name in ("一", "二"):
                sheet = book.sheet(name, HEADINGS)
                for number in range(3):
                    sheet.row([NUMBER, str(number)])
            found.update({path.name: path.stat() for path in tmp_path.rglob("*")})
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        fail()

    assert len(found) == 4, found  # the workbook to be, a folder, and a file a sheet in it
    if HAS_MODES:
        assert {one.st_mode & 0o77 for one in found.values()} == {0}
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(CliError, match="无法写入"):
        write_csv(tmp_path / "none" / "a.csv", [], CsvEncoding.UTF_8)


def test_sheets_have_names_of_their_own_that_spreadsheets_take(tmp_path: Path) -> None:
    long = "410105 " + "金水区" * 20
    with xlsx_book(tmp_path / "a.xlsx", force=False) as book:
        for name in (long, long, "a/b:c[1]", "A b c 1", ""):
            book.sheet(name, HEADINGS).row(["1", "2"])

    names = CalamineWorkbook.from_path(tmp_path / "a.xlsx").sheet_names
    assert len({name.lower() for name in names}) == 5
    assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in names)


def test_a_full_sheet_goes_on_in_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("duijie.report_files._ROWS", 4)
    write_xlsx(tmp_path / "a.xlsx", [[str(number), "x"] for number in range(7)], "办件")

    book = CalamineWorkbook.from_path(tmp_path / "a.xlsx")
    sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    assert [len(rows) for rows in sheets.values()] == [4, 4, 2]
    assert list(sheets) == ["办件", "办件-2", "办件-3"]
    assert [row[0] for rows in sheets.values() for row in rows[1:]] == [str(n) for n in range(7)]


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_libreoffice_opens_it_and_changes_no_cell(tmp_path: Path, kind: str) -> None:
    rows = [[NUMBER, "张伟"], ["007", RARE], ["=1+1", "@SUM(A1)"]]
    path = tmp_path / f"a.{kind}"
    if kind == "csv":
        write_csv(path, rows, CsvEncoding.UTF_8)
    else:
        write_xlsx(path, rows)
    office = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless"]
    convert = ["--convert-to", "fods", "--outdir", str(tmp_path), str(path)]
    subprocess.run([*office, *convert], check=True, timeout=120)

    shown = (tmp_path / "a.fods").read_text("utf-8")
    assert "table:formula" not in shown
    assert all(f">{text}<" in shown for text in (NUMBER, "007", "张伟", RARE))
