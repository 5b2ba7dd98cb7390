"""机构清单文件: read whatever program wrote it; each fault by line, column and rule."""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from xlsxwriter import Workbook

from duijie.agency_files.columns import COLUMNS
from duijie.agency_files.csv_file import write_csv
from duijie.agency_files.fault_words import describe_fault
from duijie.agency_files.reading import read_agency_file
from duijie.agency_files.rows import row_of
from duijie.agency_files.sheet import MOST_BYTES, FileFault, FileFaultCode, FileRefused
from duijie.agency_files.writing import write_agency_file
from gateway.domain.listed_agencies import DirectoryContent
from schemas.reference.codes import CodeTables
from tests.builders.directory import TREE, a_content, an_agency, at_jiyuan, responsible_for

HEADINGS = [one.heading for one in COLUMNS]
TABLES = CodeTables.load()
AT = {one.member: at for at, one in enumerate(COLUMNS)}
WHOLE = a_content(
    an_agency(parent="4190010001", services=("失业登记", "职业介绍、指导")),
    at_jiyuan(accounts=None, valid_to=date(2026, 12, 31), registers=False),
    responsible=(responsible_for(),),
)


def cells(**changes: str) -> list[str]:
    """Return the cells of 金水区's agency, with changes by member."""
    row = row_of(an_agency(), None, TABLES)
    for member, text in changes.items():
        row[AT[member]] = text
    return row


def faults(path: Path, sheet: str | None = None) -> list[FileFault]:
    try:
        return list(read_agency_file(path, sheet).faults)
    except FileRefused as refused:
        return list(refused.faults)


def codes(path: Path) -> list[tuple[FileFaultCode, int, str]]:
    return [(one.code, one.line, one.column) for one in faults(path)]


def a_csv(folder: Path, *rows: Sequence[str], encoding: str = "utf-8") -> Path:
    path = folder / "agencies.csv"
    path.write_bytes(write_csv(rows).decode("utf-8-sig").encode(encoding))
    return path


def a_workbook(folder: Path, *rows: Sequence[object], name: str = "清单") -> Path:
    """Write a workbook as a clerk's program does: numbers and days as such, text as text."""
    path = folder / "agencies.xlsx"
    with Workbook(path) as book:
        sheet, day = book.add_worksheet(name), book.add_format({"num_format": "yyyy-mm-dd"})
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, date):
                    when = datetime(value.year, value.month, value.day, tzinfo=UTC)
                    sheet.write_datetime(at, column, when.replace(tzinfo=None), day)
                else:
                    sheet.write(at, column, value)
    return path


@pytest.mark.parametrize("name", ["agencies.csv", "agencies.xlsx"])
def test_what_is_written_and_read_again_is_the_same(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    write_agency_file(path, WHOLE)
    read = read_agency_file(path)
    assert list(read.faults) == []
    assert read.content.ordered(TREE) == WHOLE
    assert list(read.lines) == [2, 3]
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(FileExistsError):
        write_agency_file(path, WHOLE)


@pytest.mark.parametrize("name", ["agencies.csv", "agencies.xlsx"])
def test_no_cell_that_is_written_is_a_formula(tmp_path: Path, name: str) -> None:
    content = a_content(an_agency(name="=HYPERLINK(1)", address="@a", telephone="-1-1"))
    write_agency_file(tmp_path / name, content)
    assert read_agency_file(tmp_path / name).content.ordered(TREE) == content
    written = (tmp_path / name).read_bytes()
    assert b"\r\n=HYPER" not in written
    assert b",=HYPER" not in written
    assert b"<f>" not in written


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_is_read_in_every_encoding_that_excel_writes(tmp_path: Path, encoding: str) -> None:
    path = a_csv(tmp_path, HEADINGS, cells(name="𠮷林路服务站"), encoding=encoding)
    assert read_agency_file(path).content.agencies[0].name == "𠮷林路服务站"


def test_english_headings_count_in_any_order_and_optional_ones_may_lack(tmp_path: Path) -> None:
    members = [one.member for one in COLUMNS if not one.optional]
    row = cells()
    path = a_csv(
        tmp_path,
        [one.upper() for one in reversed(members)],
        [row[AT[m]] for m in reversed(members)],
    )
    (found,) = read_agency_file(path).content.agencies
    assert found == replace(an_agency(), accounts=None, parent=None)


def test_a_code_of_a_table_may_stand_for_its_name(tmp_path: Path) -> None:
    path = a_csv(tmp_path, HEADINGS, cells(level="2", kind="1", registers="1"))
    assert read_agency_file(path).content.agencies == (an_agency(),)


@pytest.mark.parametrize(
    ("changes", "code", "heading"),
    [
        ({"code": ""}, FileFaultCode.MISSING, "机构代码"),
        ({"code": "a b"}, FileFaultCode.UNFIT, "机构代码"),
        ({"telephone": "电话"}, FileFaultCode.UNFIT, "联系电话"),
        ({"name": "x" * 101}, FileFaultCode.UNFIT, "机构名称"),
        ({"division": "4101"}, FileFaultCode.UNFIT, "行政区划代码"),
        ({"level": "省级"}, FileFaultCode.NOT_LISTED, "机构层级"),
        ({"kind": "9"}, FileFaultCode.NOT_LISTED, "机构类别"),
        ({"registers": "可以"}, FileFaultCode.NOT_YES_NO, "办理失业登记"),
        ({"accounts": "两个"}, FileFaultCode.NOT_WHOLE, "实名账号数"),
        ({"accounts": "-1"}, FileFaultCode.NOT_WHOLE, "实名账号数"),
        ({"accounts": "100000"}, FileFaultCode.UNFIT, "实名账号数"),
        ({"valid_from": "明天"}, FileFaultCode.NOT_A_DAY, "首日"),
        ({"valid_to": "2026-02-30"}, FileFaultCode.NOT_A_DAY, "末日"),
        ({"services": "；"}, FileFaultCode.UNFIT, "经办项目"),
        ({"unit": "就业科"}, FileFaultCode.OFFICER_HALF, "责任人"),
        ({"person": "欧阳模拟"}, FileFaultCode.OFFICER_HALF, "责任单位"),
        ({"unit": "就业科", "person": "x" * 51}, FileFaultCode.UNFIT, "责任人"),
    ],
)
def test_a_cell_is_refused_by_its_line_column_and_rule(
    tmp_path: Path, changes: dict[str, str], code: FileFaultCode, heading: str
) -> None:
    path = a_csv(tmp_path, HEADINGS, cells(code="OK-1"), cells(**changes))
    (found,) = faults(path)
    assert (found.code, found.line, found.column) == (code, 3, heading)
    said = describe_fault(found)
    assert "；请" in said or "请" in said
    assert "欧阳" not in said


def test_all_faults_are_said_at_once_and_a_row_without_any_is_read(tmp_path: Path) -> None:
    path = a_csv(
        tmp_path, HEADINGS, cells(code="", telephone="x"), cells(), cells(level="9", accounts="x")
    )
    found = read_agency_file(path)
    assert [(one.line, one.column) for one in found.faults] == [
        (2, "机构代码"),
        (2, "联系电话"),
        (4, "机构层级"),
        (4, "实名账号数"),
    ]
    assert list(found.lines) == [3]


def test_headings_that_lack_repeat_or_are_unknown_are_said(tmp_path: Path) -> None:
    path = a_csv(tmp_path, ["机构代码", "机构名称", "机构名称", "行政区划代码", "传真"], ["1"] * 5)
    found = codes(path)
    assert (FileFaultCode.HEADING_UNKNOWN, 1, "传真") in found
    assert (FileFaultCode.HEADING_TWICE, 1, "机构名称") in found
    assert (FileFaultCode.HEADING_MISSING, 1, "办公地址") in found


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xff\xfe\x00\x01", FileFaultCode.NOT_TEXT),
        (b"a\x00b", FileFaultCode.NOT_TEXT),
        ('机构代码,"'.encode(), FileFaultCode.NOT_CSV),
        (b"", FileFaultCode.NO_HEADINGS),
        (b"1,2,3\n", FileFaultCode.NO_HEADINGS),
        (",".join(HEADINGS).encode(), FileFaultCode.NO_ROWS),
        (b"x" * (MOST_BYTES + 1), FileFaultCode.TOO_LARGE),
    ],
)
def test_what_is_no_list_is_refused(tmp_path: Path, content: bytes, code: FileFaultCode) -> None:
    path = tmp_path / "agencies.csv"
    path.write_bytes(content)
    assert [one.code for one in faults(path)] == [code]


def test_a_surplus_cell_is_said(tmp_path: Path) -> None:
    path = a_csv(tmp_path, HEADINGS, [*cells(), "多余"])
    assert codes(path) == [(FileFaultCode.CELLS_SURPLUS, 2, "")]


def test_a_line_break_in_a_cell_does_not_move_the_lines_below(tmp_path: Path) -> None:
    path = a_csv(tmp_path, HEADINGS, cells(address="一号\n二号"), cells(code=""))
    assert codes(path) == [
        (FileFaultCode.UNFIT, 2, "办公地址"),
        (FileFaultCode.MISSING, 4, "机构代码"),
    ]


def test_a_day_and_a_number_of_a_workbook_are_read(tmp_path: Path) -> None:
    row: list[object] = list(cells())
    row[AT["valid_from"]], row[AT["accounts"]] = date(2026, 1, 1), 2
    row[AT["division"]], row[AT["level"]] = 410105, 2
    assert read_agency_file(a_workbook(tmp_path, HEADINGS, row)).content.agencies == (an_agency(),)


@pytest.mark.parametrize(("member", "number"), [("telephone", 37100000001), ("code", 4101050001)])
def test_a_number_where_zeros_may_be_lost_is_refused(
    tmp_path: Path, member: str, number: int
) -> None:
    row: list[object] = list(cells())
    row[AT[member]] = number
    (found,) = faults(a_workbook(tmp_path, HEADINGS, row))
    assert (found.code, found.line) == (FileFaultCode.NUMBER_FOR_TEXT, 2)
    assert "文本格式" in describe_fault(found)


def test_a_fraction_is_no_number_of_accounts(tmp_path: Path) -> None:
    row: list[object] = list(cells())
    row[AT["accounts"]] = 1.5
    (found,) = faults(a_workbook(tmp_path, HEADINGS, row))
    assert found.code is FileFaultCode.NOT_WHOLE


def test_a_title_may_stand_above_the_headings_and_a_merged_heading_is_said(tmp_path: Path) -> None:
    path = tmp_path / "agencies.xlsx"
    with Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.merge_range(0, 0, 0, 5, "河南省公共就业服务机构清单")
        sheet.write_row(1, 0, HEADINGS)
        sheet.write_row(2, 0, cells())
    assert list(read_agency_file(path).lines) == [3]
    with Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADINGS)
        sheet.merge_range(0, AT["valid_from"], 0, AT["valid_to"], "有效期")
        sheet.write_row(1, 0, cells())
    found = codes(path)
    assert (FileFaultCode.HEADING_MISSING, 1, "首日") in found
    assert (FileFaultCode.HEADING_UNKNOWN, 1, "有效期") in found


def test_one_of_several_sheets_is_chosen_by_its_headings_or_by_name(tmp_path: Path) -> None:
    path = tmp_path / "agencies.xlsx"
    with Workbook(path) as book:
        book.add_worksheet("说明").write(0, 0, "填写说明")
        first = book.add_worksheet("机构")
        first.write_row(0, 0, HEADINGS)
        first.write_row(1, 0, cells())
    assert len(read_agency_file(path).content.agencies) == 1
    with Workbook(path) as book:
        for name in ("甲", "乙"):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, HEADINGS)
            sheet.write_row(1, 0, cells(code=f"A-{ord(name)}"))
    (found,) = faults(path)
    assert found.code is FileFaultCode.SHEETS
    assert "甲、乙" in describe_fault(found)
    assert read_agency_file(path, "乙").content.agencies[0].code == f"A-{ord('乙')}"
    assert [one.code for one in faults(path, "丙")] == [FileFaultCode.NO_SHEET]


def test_a_formula_counts_by_its_last_value_and_one_without_is_said(tmp_path: Path) -> None:
    path = tmp_path / "agencies.xlsx"
    for value, expected in (("金水区公共就业服务中心", []), ("", [FileFaultCode.MISSING])):
        with Workbook(path) as book:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, HEADINGS)
            sheet.write_row(1, 0, cells())
            sheet.write_formula(1, AT["name"], '="金水区"&"公共"', value=value)
        assert [one.code for one in faults(path)] == expected


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", "机构代码".encode(), b"\xd0\xcf\x11\xe0" * 9]
)
def test_what_is_no_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "agencies.xlsx"
    path.write_bytes(content)
    assert [one.code for one in faults(path)] == [FileFaultCode.NOT_WORKBOOK]


def test_a_zip_that_is_no_workbook_or_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path, packed = tmp_path / "agencies.xlsx", io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("a.txt", "x")
    path.write_bytes(packed.getvalue())
    assert [one.code for one in faults(path)] == [FileFaultCode.NOT_WORKBOOK]
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as book, book.open("a", "w") as one:
        for _ in range(201):
            one.write(bytes(1 << 20))
    path.write_bytes(packed.getvalue())
    assert [one.code for one in faults(path)] == [FileFaultCode.TOO_LARGE]


def test_every_fault_has_words() -> None:
    params = {"sheets": "甲", "values": "是", "rule": "规则"}
    for code in FileFaultCode:
        assert describe_fault(FileFault(code, 2, "列", params)).startswith("第 2 行“列”：")


def test_an_empty_list_is_no_content(tmp_path: Path) -> None:
    write_agency_file(tmp_path / "a.csv", DirectoryContent(()))
    assert [one.code for one in faults(tmp_path / "a.csv")] == [FileFaultCode.NO_ROWS]
