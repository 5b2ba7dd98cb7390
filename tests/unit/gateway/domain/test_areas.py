"""统计地区: cities and counties by the table, never by the digits of a code."""

from datetime import date

import pytest

from gateway.domain.areas import UNPLACED, AreaLevel, Areas
from schemas.reference.divisions import DivisionTree

TREE = DivisionTree.load()


def areas(level: AreaLevel, on: date = date(2026, 3, 2)) -> Areas:
    return Areas(TREE, province="410000", level=level, on=on)


@pytest.mark.parametrize(
    ("place", "city", "county"),
    [
        ("410105", "410100", "410105"),
        ("410105001", "410100", "410105"),
        ("410105001002", "410100", "410105"),
        ("410100", "410100", "410100"),
        ("419001", "419001", "419001"),  # 济源 lies directly below the province
        ("419001001", "419001", "419001"),
        ("410000", "410000", "410000"),
        ("430104", UNPLACED, UNPLACED),  # another province
        ("999999", UNPLACED, UNPLACED),
        ("", UNPLACED, UNPLACED),
    ],
)
def test_a_place_belongs_to_the_area_that_the_table_says(
    place: str, city: str, county: str
) -> None:
    assert areas(AreaLevel.CITY).of(place) == city
    assert areas(AreaLevel.COUNTY).of(place) == county


def test_what_was_abolished_belongs_to_the_area_of_its_successor() -> None:
    abolished = [row for row in map(TREE.get, ("410211", "410224")) if row and row.replaced_by]
    assert abolished, "the table has such divisions of Henan"
    for row in abolished:
        assert areas(AreaLevel.COUNTY).of(row.code) == row.replaced_by


def test_a_city_without_counties_is_an_area_among_the_counties() -> None:
    dongguan = Areas(TREE, province="440000", level=AreaLevel.COUNTY, on=date(2026, 3, 2))
    assert dongguan.of("441900") == "441900"


def test_a_name_begins_below_the_province() -> None:
    shown = areas(AreaLevel.COUNTY)
    assert [shown.name(one) for one in ("410105", "419001", UNPLACED)] == [
        "郑州市金水区",
        "济源市",
        "不在本省或无法识别",
    ]


def test_by_county_the_line_of_a_city_is_what_names_no_county() -> None:
    by_county, by_city = areas(AreaLevel.COUNTY), areas(AreaLevel.CITY)
    assert by_county.holds("410105", "410100")
    assert not by_county.is_counted_under("410105", "410100")
    assert by_county.is_counted_under("410100", "410100")
    assert by_city.is_counted_under("410105", "410100")
    assert by_city.is_counted_under("410105", "410105")
    assert by_city.is_counted_under("999999", UNPLACED)
    assert not by_city.is_counted_under("410105", UNPLACED)
