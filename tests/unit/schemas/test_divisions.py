"""The tree of divisions: the shapes that break a reckoning by digits, and damaged tables."""

import csv
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.reference.csv_table import TableUnreadable
from schemas.reference.division_rows import DivisionLevel, read_folder
from schemas.reference.divisions import SHIPPED, DivisionTree, UnknownDivision

TREE = DivisionTree.load()
WITHOUT_COUNTIES = ("441900", "442000", "460400", "620200")


def shipped_codes() -> list[str]:
    names = ["national.csv", "retired.csv", "410000-streets.csv"]
    found: list[str] = []
    for name in names:
        with (SHIPPED / name).open(encoding="utf-8", newline="") as file:
            found.extend(row["code"] for row in csv.DictReader(file))
    return found


CODES = shipped_codes()


def a_folder(folder: Path, *rows: str) -> Path:
    """A small table: one province, one city, one county, and the rows under test."""
    for name in ("aliases.csv", "sources.csv"):
        shutil.copy(SHIPPED / name, folder / name)
    (folder / "aliases.csv").write_text("code,name,stands_for,source\n", encoding="utf-8")
    header = "code,name,parent,level,valid_from,valid_to,replaced_by,source"
    sound = ("410000,河南省,,province,,,,t", "410100,郑州市,410000,city,,,,t")
    text = "\n".join((header, *sound, "410105,金水区,410100,county,,,,t", *rows, ""))
    (folder / "national.csv").write_text(text, encoding="utf-8")
    return folder


def test_the_chain_of_a_community_runs_from_itself_to_its_province() -> None:
    assert TREE.ancestors("410105001002") == (
        *("410105001002", "410105001", "410105"),
        *("410100", "410000"),
    )


def test_names_are_joined_from_the_province_down() -> None:
    assert TREE.full_name("410105") == "河南省郑州市金水区"
    assert TREE.full_name("410105001002") == "河南省郑州市金水区经八路街道"
    assert TREE.full_name("110101") == "北京市东城区"


def test_a_street_that_repeats_its_county_is_not_named_twice() -> None:
    assert TREE.name("419001001") == "济源市沁园街道"
    assert TREE.full_name("419001001") == "河南省济源市沁园街道"


@pytest.mark.parametrize("code", ["419001", "429004", "469021", "659001", "429021"])
def test_a_county_directly_under_its_province_has_no_city(code: str) -> None:
    province = f"{code[:2]}0000"
    assert TREE.ancestors(code) == (code, province)
    assert code in TREE.children(province)


@pytest.mark.parametrize("code", WITHOUT_COUNTIES)
def test_a_city_without_counties_takes_longer_codes_itself(code: str) -> None:
    division = TREE.get(code)
    assert division is not None
    assert division.level is DivisionLevel.CITY
    assert TREE.ancestors(f"{code}003") == (f"{code}003", code, f"{code[:2]}0000")
    assert TREE.children(code) == ()


def test_the_county_code_that_stands_in_for_jiayuguan_is_the_city() -> None:
    assert TREE.ancestors("620201") == TREE.ancestors("620200")
    assert TREE.ancestors("620201100")[1:] == ("620200", "620000")


@pytest.mark.parametrize(
    ("grouping", "division"),
    [("110100", "110000"), ("500200", "500000"), ("419000", "410000"), ("410101", "410100")],
)
def test_a_grouping_code_is_the_division_it_stands_for(grouping: str, division: str) -> None:
    assert TREE.normalise(grouping) == division
    assert TREE.get(grouping) == TREE.get(division)
    assert TREE.ancestors(grouping) == TREE.ancestors(division)


def test_districts_of_a_municipality_hang_below_it() -> None:
    assert TREE.ancestors("110101") == ("110101", "110000")
    assert TREE.is_within("110101", "110100")


@pytest.mark.parametrize(
    ("written", "short"),
    [
        ("410100000000", "410100"),
        ("410000000", "410000"),
        ("410105001000", "410105001"),
        ("410105000", "410105"),
        ("410105001001", "410105001001"),
    ],
)
def test_trailing_zeros_are_taken_off(written: str, short: str) -> None:
    assert TREE.normalise(written) == short
    assert TREE.ancestors(written) == TREE.ancestors(short)


def test_an_unknown_street_belongs_to_its_county() -> None:
    assert TREE.get("410105999") is None
    assert TREE.ancestors("410105999") == ("410105999", "410105", "410100", "410000")
    assert TREE.name("410105999888") == "金水区"


@pytest.mark.parametrize(
    "code",
    [
        *("410199", "990000", "000000", "410100001", "410100001001", "410000001"),
        *("", "41", "4101", "41010５", "٤١٠١٠٥", "410105\n", "41010500100", "41010a"),
    ],
)
def test_a_code_of_no_known_county_is_an_error(code: str) -> None:
    with pytest.raises(UnknownDivision) as raised:
        TREE.ancestors(code)
    assert raised.value.division == code
    assert TREE.children(code) == ()


def test_an_error_never_shows_a_text_that_is_no_code() -> None:
    with pytest.raises(UnknownDivision) as raised:
        TREE.full_name("张三")
    assert "张三" not in str(raised.value)


def test_a_division_is_within_itself_and_its_ancestors_only() -> None:
    assert TREE.is_within("410105001", "410105001000")
    assert TREE.is_within("410105001", "410000000000")
    assert not TREE.is_within("410100", "410105")
    assert not TREE.is_within("419001", "410100")


def test_a_retired_code_stays_where_it_belonged() -> None:
    old = TREE.get("410224")
    assert old is not None
    assert (old.name, old.replaced_by) == ("开封县", "410212")
    assert TREE.ancestors("410224") == ("410224", "410200", "410000")
    assert "410224" not in TREE.children("410200")


def test_a_retired_code_is_followed_to_its_successor_on_a_later_day() -> None:
    assert TREE.ancestors("410224", date(2026, 1, 5)) == (
        *("410224", "410212"),
        *("410200", "410000"),
    )
    assert TREE.ancestors("410224", date(2010, 1, 5)) == TREE.ancestors("410224")
    assert TREE.is_within("410224001", "410212", date(2026, 1, 5))
    assert not TREE.is_within("410224001", "410212")


def test_on_the_day_of_its_end_a_code_is_abolished_and_the_day_before_it_is_not() -> None:
    old = TREE.get("410224")
    assert old is not None
    assert old.valid_to is not None
    before, end = old.valid_to - timedelta(days=1), old.valid_to
    assert old.in_force_on(before)
    assert not old.in_force_on(end)
    assert TREE.ancestors("410224", before) == ("410224", "410200", "410000")
    assert TREE.ancestors_in_force("410224", before) == ("410224", "410200", "410000")
    assert TREE.ancestors_in_force("410224", end) == ("410212", "410200", "410000")


def test_what_lies_below_an_abolished_code_went_with_it() -> None:
    assert TREE.ancestors_in_force("410224001", date(2026, 1, 5)) == ("410212", "410200", "410000")
    assert TREE.ancestors_in_force("410105999", date(2026, 1, 5)) == (
        *("410105999", "410105"),
        *("410100", "410000"),
    )


def test_a_successor_is_taken_at_every_height(tmp_path: Path) -> None:
    rows = read_folder(
        a_folder(
            tmp_path,
            "412100,某地区,410000,city,,2000-12-31,410200,t",
            "410200,某市,410000,city,2000-12-31,,,t",
            "412121,甲县,412100,county,,2010-12-31,,t",
            "412122,乙县,412100,county,,2010-12-31,410105,t",
            "412121001,甲镇,412121,street,,,,t",
        )
    )
    tree = DivisionTree(rows)
    then, now = date(2005, 1, 1), date(2026, 1, 5)
    assert tree.ancestors_in_force("412121001", then) == (
        *("412121001", "412121"),
        *("410200", "410000"),
    )
    assert tree.ancestors_in_force("412121001", now)[1:] == ("410200", "410000")
    assert tree.ancestors_in_force("412122", now) == ("410105", "410100", "410000")


def test_a_successor_within_what_it_succeeded_makes_no_ring(tmp_path: Path) -> None:
    rows = read_folder(
        a_folder(
            tmp_path,
            "412100,某地区,410000,city,,2000-12-31,412101,t",
            "412101,某市,412100,county,,,,t",
        )
    )
    assert DivisionTree(rows).ancestors("412101", date(2026, 1, 5)) == (
        *("412101", "412100"),
        "410000",
    )


def test_jiyuan_under_its_old_city_code_is_found_under_the_province() -> None:
    assert TREE.ancestors("410881", date(2026, 1, 5)) == ("410881", "419001", "410000")


@pytest.mark.parametrize(
    ("merged", "successor"), [("330103", "330105"), ("330104", "330102"), ("230702", "230717")]
)
def test_a_merged_district_names_who_took_it_over(merged: str, successor: str) -> None:
    division = TREE.get(merged)
    assert division is not None
    assert division.replaced_by == successor
    assert not division.in_force_on(date(2023, 7, 1))
    assert division.in_force_on(date(2019, 1, 1))


def test_the_country_is_complete_to_the_county() -> None:
    assert len(TREE.provinces()) == 34
    assert {"710000", "810000", "820000"} <= set(TREE.provinces())
    assert len(TREE.children("410000")) == 18
    assert len(TREE.children("230000")) == 13
    assert len(TREE.children("430000")) == 14
    assert date(2023, 6, 30) == TREE.as_of


@given(code=st.sampled_from(CODES))
def test_every_code_of_the_table_leads_to_a_province(code: str) -> None:
    chain = TREE.ancestors(code)
    top = TREE.get(chain[-1])
    assert chain[0] == code
    assert len(set(chain)) == len(chain) <= 4
    assert top is not None
    assert top.level is DivisionLevel.PROVINCE
    assert all(TREE.is_within(code, ancestor) for ancestor in chain)
    assert TREE.ancestors(code, date(2026, 1, 5))[0] == code


@given(text=st.text(max_size=13) | st.text("0123456789", max_size=13))
def test_any_text_gets_a_chain_or_the_one_error(text: str) -> None:
    try:
        chain = TREE.ancestors(text)
    except UnknownDivision:
        return
    assert chain[-1].endswith("0000")


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("410105,金水区,410100,county,,,,t", "stands twice"),
        ("410106,某区,419900,county,,,,t", "parent leads nowhere"),
        ("410106,某区,,county,,,,t", "parent leads nowhere"),
        ("410106,某区,410105,county,,,,t", "not above it"),
        ("420000,湖北省,410000,province,,,,t", "parent leads nowhere"),
        ("410106,某区,410100,county,,,410107,t", "replaced_by leads nowhere"),
        ("410106,某区,410100,county,,,410106,t", "replaced_by leads nowhere"),
        ("410106,某区,410100,district,,,,t", "level is wrong"),
        ("4101060,某区,410100,county,,,,t", "level is wrong"),
        ("41010６,某区,410100,county,,,,t", "level is wrong"),
        ("410106,,410100,county,,,,t", "level is wrong"),
        ("410106,某区,410100,county,2020-13-01,,,t", "not a date"),
        ("410106,某区,410100,county,,,", "7 cells, not 8"),
    ],
)
def test_a_damaged_table_names_file_line_and_fault(tmp_path: Path, row: str, fault: str) -> None:
    with pytest.raises(TableUnreadable, match=rf"national\.csv line 5: .*{fault}"):
        read_folder(a_folder(tmp_path, row))


def test_a_grouping_code_must_stand_for_a_known_division(tmp_path: Path) -> None:
    a_folder(tmp_path)
    (tmp_path / "aliases.csv").write_text(
        "code,name,stands_for,source\n410201,市辖区,410200,t\n", encoding="utf-8"
    )
    with pytest.raises(TableUnreadable, match=r"aliases\.csv line 2"):
        read_folder(tmp_path)


def test_tables_without_any_date_are_refused(tmp_path: Path) -> None:
    a_folder(tmp_path)
    (tmp_path / "sources.csv").write_text("id,as_of,title,licence\n", encoding="utf-8")
    with pytest.raises(TableUnreadable, match="no source has a date"):
        read_folder(tmp_path)


def test_every_row_names_a_source_that_is_described() -> None:
    with (SHIPPED / "sources.csv").open(encoding="utf-8", newline="") as file:
        described = {row["id"] for row in csv.DictReader(file)}
    rows = read_folder(SHIPPED)
    assert {row.source for row in rows.divisions.values()} == described - {"gb2260-201607"}
