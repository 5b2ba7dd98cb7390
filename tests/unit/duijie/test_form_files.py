"""登记表文件: what a person wrote is text in every file, whatever it begins with."""

import csv
import io

import pytest

from duijie.form_content import FormRow
from duijie.form_files import form_csv, form_text


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1"])
def test_no_cell_of_a_csv_begins_as_a_formula(start: str) -> None:
    data = form_csv([FormRow("个人基本信息", "姓名", start)])
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert rows[1] == ["个人基本信息", "姓名", "'" + start.replace("\t", " ").replace("\r", " ")]


def test_a_content_of_several_lines_stays_below_its_box() -> None:
    rows = [FormRow("甲", "其他", "第一行\n姓名：伪造"), FormRow("乙", "姓名", "张伟")]
    assert form_text("表", rows).splitlines() == [
        *("表", "【甲】", "  其他：第一行", "    姓名：伪造", "【乙】", "  姓名：张伟"),
    ]
