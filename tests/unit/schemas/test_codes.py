"""The code tables: what they must say, what they must never say, and how damage is told."""

import csv
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from schemas.reference.code_rows import Certainty
from schemas.reference.codes import SHIPPED, CodeTables, UnknownCodeTable
from schemas.reference.csv_table import TableUnreadable

TABLES = CodeTables.load()
ARTICLE_5 = {
    "（一）": "超出登记年龄：已依法享受基本养老保险待遇的。",
    "（二）": "处于就业状态：被各类用人单位录用或招聘的；从事个体经营、创办企业或民办非企业的；"
    "已从事有稳定收入的劳动，并且月收入不低于当地最低生活保障标准的。",
    "（三）": "终止就业要求：入学、应征服兵役、移居境外的；完全丧失劳动能力的；被判刑收监执行的；"
    "死亡的；无正当理由连续3次拒绝接受公共就业服务的；连续6个月无法取得联系的。",
    "（四）": "各地确定的其他情形。",
}
"""人社厅发〔2020〕3号 第五部分."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "codes"))


def add_line(path: Path, line: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        ("aac004", "0 1 2 9"),
        ("aac024", "01 02 03 04 05 06 07 08 09 10 11 12 13"),
        ("aac033", "1 2 3 4 5"),
        ("disability-grade", "1 2 3 4"),
        ("aac058-service", "01 90 17 04 05 06"),
        ("acc412", "1 2 3 4"),
        ("aac015", "1 2 3 4 5 0 A"),
        ("yes-no", "1 0"),
        ("channel", "11 12 13 14 21 22 23 31 32"),
        ("review-state", "0 1 2"),
        ("aae016", "0 1 2"),
        ("acc032", "010 021 022 029 030 040 090"),
        ("acc035", "01 02 03 04 05 06 07 08 99"),
        ("policy", "2020-3 2020-79"),
    ],
)
def test_a_table_holds_exactly_its_codes(table: str, codes: str) -> None:
    assert TABLES.codes(table) == tuple(codes.split())


@pytest.mark.parametrize(
    ("table", "code", "name"),
    [
        ("aac005", "56", "基诺族"),
        ("aac011", "71", "初中"),
        ("aac058", "17", "港澳台居民居住证"),
        ("aac009", "50", "居民户口"),
        ("aac017", "40", "离婚"),
        ("aac013", "60", "全日制"),
        ("aac152", "040", "职业培训"),
        ("adc310", "070", "零就业家庭成员"),
        ("acc05q", "3", "公益性岗位安置"),
        ("policy", "2020-3", "人社厅发〔2020〕3号"),
    ],
)
def test_a_code_has_its_label(table: str, code: str, name: str) -> None:
    assert TABLES.name(table, code) == name


def test_the_fifty_six_ethnic_groups_are_numbered_through() -> None:
    numbered = [code for code in TABLES.codes("aac005") if code <= "56"]
    assert numbered == [f"{number:02d}" for number in range(1, 57)]
    assert len({TABLES.name("aac005", code) for code in numbered}) == 56


def test_one_digit_means_different_reasons_in_two_generations() -> None:
    assert TABLES.generations("ajc093") == ("2010", "2016")
    assert TABLES.name("ajc093", "60", "2010") == "刑满"
    assert TABLES.name("ajc093", "60", "2016") == "军人退役未安置及随军家属"
    assert TABLES.name("ajc093", "70", "2010") == "劳教期满"


def test_the_newest_generation_answers_unless_another_is_named() -> None:
    assert TABLES.known("ajc093", "32")
    assert not TABLES.known("ajc093", "32", generation="2010")
    assert TABLES.codes("ajc093") == TABLES.codes("ajc093", "2016")


def test_every_box_of_the_national_form_has_a_reason_of_its_own() -> None:
    boxes = ("10", "21", "22", "23", "24", "31", "32", "40", "50", "60", "70", "80", "90")
    labels = {TABLES.name("ajc093", code) for code in boxes}
    assert len(labels) == 13
    assert None not in labels


@pytest.mark.parametrize(("old", "new"), [("60", "70"), ("50", "60"), ("40", "50"), ("80", "32")])
def test_a_reason_of_2010_becomes_one_of_2016(old: str, new: str) -> None:
    became = TABLES.becomes("ajc093", old, from_generation="2010", to_generation="2016")
    back = TABLES.becomes("ajc093", new, from_generation="2016", to_generation="2010")
    assert (became, back) == (new, old)


@pytest.mark.parametrize("table", ["ajc093"])
@pytest.mark.parametrize(("old", "new"), [("2010", "2016"), ("2016", "2010")])
def test_every_reason_has_a_place_in_the_other_generation(table: str, old: str, new: str) -> None:
    for code in TABLES.codes(table, old):
        became = TABLES.becomes(table, code, from_generation=old, to_generation=new)
        assert became is not None
        assert TABLES.known(table, became, generation=new)


def test_a_map_is_silent_where_no_label_was_seen() -> None:
    assert TABLES.becomes("acc025", "20", from_generation="2010", to_generation="2016") is None
    assert TABLES.becomes("acc025", "20", from_generation="2010", to_generation="2010") == "20"


def test_retirement_age_is_no_ground_of_deregistration_since_2020() -> None:
    assert TABLES.known("acc025", "22", on=date(2020, 1, 12))
    assert not TABLES.known("acc025", "22", on=date(2020, 1, 13))
    assert TABLES.known("acc025", "22")
    assert TABLES.notice_required("22") is None


@pytest.mark.parametrize(
    ("grounds", "due"),
    [
        ("11 12 13 14 21 23 24 241 242 31 90", True),
        ("243 25 26 32", False),
        ("22 20 10 99 ZZ", None),
    ],
)
def test_four_grounds_are_exempt_from_notice(grounds: str, *, due: bool | None) -> None:
    assert {TABLES.notice_required(code) for code in grounds.split()} == {due}


def test_the_grounds_of_the_newer_edition_are_these() -> None:
    wanted = "11 12 13 14 21 22 23 24 241 242 243 25 26 31 32 90"
    assert " ".join(TABLES.codes("acc025")) == wanted


def test_each_ground_is_in_the_words_of_the_notice() -> None:
    path = SHIPPED / "maps" / "notice-duty.csv"
    with path.open(encoding="utf-8", newline="") as file:
        grounds = {row["code"]: row["ground"] for row in csv.DictReader(file)}
    for code, ground in grounds.items():
        group, end, words = ground.partition("）")
        assert words in ARTICLE_5[group + end], code
    assert "月收入不低于当地最低生活保障标准" in grounds["13"]


def test_only_the_later_notice_knows_workplace_and_insured_place() -> None:
    assert TABLES.codes("acc412", "2020-3") == ("1", "2")
    assert TABLES.known("acc412", "4", generation="2020-79")
    assert not TABLES.known("acc412", "4", generation="2020-3")


def test_a_policy_is_in_force_from_its_date() -> None:
    assert not TABLES.known("policy", "2020-3", on=date(2020, 1, 12))
    assert TABLES.known("policy", "2020-3", on=date(2020, 1, 13))


def test_refusal_reasons_are_the_closed_list() -> None:
    assert TABLES.codes("refusal-reason") == ("01", "02", "03", "04", "05", "06", "07")
    labels = [TABLES.name("refusal-reason", code) or "" for code in TABLES.codes("refusal-reason")]
    forbidden = ("户籍", "户口", "居住", "常住", "材料", "参保", "保险金")
    assert not [label for label in labels if any(word in label for word in forbidden)]
    rows = [TABLES.get("refusal-reason", code) for code in TABLES.codes("refusal-reason")]
    assert {row.certainty for row in rows if row} == {Certainty.INFERRED}


def test_every_certificate_of_the_service_is_a_known_certificate() -> None:
    for code in TABLES.codes("aac058-service"):
        certificate = (TABLES.name("aac058-service", code) or "?").partition("（")[0]
        assert certificate in (TABLES.name("aac058", code) or "")


def test_what_the_notice_does_not_name_is_not_cited_from_it() -> None:
    listed = [TABLES.get("aac058-service", code) for code in TABLES.codes("aac058-service")]
    rows = [row for row in listed if row]
    assert not [row.name for row in rows if "户口簿" in row.name or "护照" in row.name]
    taiwan = next(row for row in rows if row.name == "台湾居民来往大陆通行证")
    assert (taiwan.valid_from, taiwan.certainty) == (date(2018, 8, 23), Certainty.INFERRED)
    assert "53号" in taiwan.source


@pytest.mark.parametrize(
    ("table", "code", "generation", "last"),
    [("aac058", "14", None, date(2018, 12, 31)), ("ajc093", "70", "2010", date(2013, 12, 28))],
)
def test_what_was_abolished_has_an_end(
    table: str, code: str, generation: str | None, last: date
) -> None:
    row = TABLES.get(table, code, generation)
    assert row is not None
    assert row.valid_to == last
    assert not row.in_force_on(last + timedelta(days=1))


@pytest.mark.parametrize("code", ["", "１", "1 ", "01", "九"])
def test_a_code_is_compared_as_the_text_it_is(code: str) -> None:
    assert not TABLES.known("aac004", code)
    assert TABLES.name("aac004", code) is None


def test_an_unknown_table_or_generation_is_an_error() -> None:
    with pytest.raises(UnknownCodeTable, match="aac999"):
        TABLES.known("aac999", "1")
    with pytest.raises(UnknownCodeTable, match="ajc093@1999"):
        TABLES.codes("ajc093", "1999")
    with pytest.raises(UnknownCodeTable):
        TABLES.generations("aac999")


def test_a_copy_of_the_shipped_folder_says_the_same(folder: Path) -> None:
    copy = CodeTables.load(folder)
    assert copy.tables() == TABLES.tables()
    assert all(copy.codes(table) == TABLES.codes(table) for table in copy.tables())


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("1,男性,,,,,GB,cited", "1 stands twice"),
        ("3,某,,,,,GB,certain", "required"),
        ("3,,,,,,GB,cited", "required"),
        ("3,某,,,,,,cited", "required"),
        ("3,某,2020-02-30,,,,GB,cited", "not a date"),
        ("3,某,,,8,,GB,cited", "replaced_by leads nowhere"),
        ("3,某", "2 cells, not 8"),
    ],
)
def test_a_damaged_table_names_file_and_fault(folder: Path, line: str, fault: str) -> None:
    add_line(folder / "aac004.csv", line)
    with pytest.raises(TableUnreadable, match=rf"aac004\.csv line .*{fault}"):
        CodeTables.load(folder)


@pytest.mark.parametrize(
    ("file", "line", "fault"),
    [
        ("ajc093.csv", "11,2010,10,2016,x,inferred", "no such code"),
        ("ajc093.csv", "10,2010,11,2016,x,inferred", "no such code"),
        ("ajc093.csv", "10,2010,10,2016,x,inferred", "stands twice"),
        ("notice-duty.csv", "99,2016,1,x,x,cited", "no such code"),
        ("notice-duty.csv", "22,2016,yes,x,x,cited", "not 0 or 1"),
        ("notice-duty.csv", "11,2016,1,x,x,cited", "stands twice"),
    ],
)
def test_a_map_that_leads_nowhere_is_refused(
    folder: Path, file: str, line: str, fault: str
) -> None:
    add_line(folder / "maps" / file, line)
    with pytest.raises(TableUnreadable, match=fault):
        CodeTables.load(folder)


def test_a_table_without_rows_or_with_another_header_is_refused(folder: Path) -> None:
    header = (folder / "yes-no.csv").read_text(encoding="utf-8").splitlines()[0]
    (folder / "yes-no.csv").write_text(header + "\n", encoding="utf-8")
    with pytest.raises(TableUnreadable, match="no rows"):
        CodeTables.load(folder)
    (folder / "yes-no.csv").write_text("code,name\n1,是\n", encoding="utf-8")
    with pytest.raises(TableUnreadable, match="header"):
        CodeTables.load(folder)


def test_a_file_that_is_not_utf_8_is_refused(folder: Path) -> None:
    (folder / "yes-no.csv").write_bytes("1,是".encode("gb18030"))
    with pytest.raises(TableUnreadable, match=r"yes-no\.csv"):
        CodeTables.load(folder)
