"""分派: the nearest agency above the registration place, by the dated table."""

from collections.abc import Iterable
from datetime import date

import pytest

from gateway.domain.delivery import Delivery
from gateway.domain.directory import Agency, AgencyDirectory
from gateway.domain.routing import Route, Unroutable, route
from schemas.reference.divisions import DivisionTree

TREE = DivisionTree.load()
TODAY = date(2026, 3, 2)


def a_directory_of(divisions: Iterable[str]) -> AgencyDirectory:
    return AgencyDirectory(
        Agency(f"{division}-01", f"{division}公共就业服务中心", division, Delivery.PUSH)
        for division in divisions
    )


def routed(
    place: str, *divisions: str, on: date = TODAY, province: str = "410000"
) -> Route | Unroutable:
    return route(place, on=on, province=province, tree=TREE, directory=a_directory_of(divisions))


def way(found: Route | Unroutable) -> tuple[str, str, str, str]:
    assert isinstance(found, Route), found
    return found.agency.code, found.by.rule, found.by.place_division, found.by.matched_division


def test_a_county_with_an_agency_of_its_own_goes_there() -> None:
    assert way(routed("410105", "410105", "410100")) == (
        "410105-01",
        "exact",
        "410105",
        "410105",
    )


def test_a_county_without_one_goes_to_its_city() -> None:
    assert way(routed("410104", "410105", "410100")) == (
        "410100-01",
        "ancestor",
        "410104",
        "410100",
    )


def test_jiyuan_stands_below_the_province_itself() -> None:
    assert way(routed("419001", "419001", "410000")) == (
        "419001-01",
        "exact",
        "419001",
        "419001",
    )
    assert way(routed("419001", "419000", "410000"))[0] == "410000-01"
    assert way(routed("419001", "410800", "410000"))[0] == "410000-01"  # 焦作市, of old


def test_a_community_goes_to_the_street_that_has_an_agency() -> None:
    assert way(routed("419001001003", "419001001", "419001")) == (
        "419001001-01",
        "ancestor",
        "419001001003",
        "419001001",
    )


def test_a_community_no_table_lists_goes_to_its_county() -> None:
    assert way(routed("410105999888", "410105", "410100")) == (
        "410105-01",
        "ancestor",
        "410105999888",
        "410105",
    )


def test_a_code_with_trailing_zeros_is_the_division_it_stands_for() -> None:
    assert way(routed("410105000000", "410105")) == (
        "410105-01",
        "exact",
        "410105000000",
        "410105",
    )


def test_a_city_without_counties_takes_what_lies_below_it() -> None:
    found = routed("441900123456", "441900", province="440000")  # 东莞
    assert way(found) == ("441900-01", "ancestor", "441900123456", "441900")


@pytest.mark.parametrize("place", ["430102", "110101", "430000", "710000"])
def test_a_place_in_another_province_is_held(place: str) -> None:
    assert routed(place, "410105", "410000") is Unroutable.FOREIGN_PLACE


@pytest.mark.parametrize("place", ["999999", "000000", "419999", "999999999999"])
def test_a_place_nobody_knows_is_held(place: str) -> None:
    assert routed(place, "410105", "410000") is Unroutable.UNKNOWN_PLACE


def test_a_place_whose_divisions_have_no_agency_is_held() -> None:
    assert routed("410104", "410105", "419001") is Unroutable.NO_AGENCY


def test_an_abolished_division_leads_to_its_successor() -> None:
    # 开封市金明区 410211, abolished in 2016, went to 龙亭区 410202
    assert way(routed("410211", "410202", "410200")) == (
        "410202-01",
        "ancestor",
        "410211",
        "410202",
    )


def test_an_agency_of_an_abolished_division_gets_nothing_any_more() -> None:
    assert way(routed("410211", "410211", "410202"))[0] == "410202-01"
    assert way(routed("410211001", "410211", "410211001", "410200"))[0] == "410200-01"
    assert way(routed("410211", "410211", on=date(2016, 8, 1)))[0] == "410211-01"


def test_before_its_end_an_abolished_division_stays_where_it_belonged() -> None:
    found = routed("410211", "410202", "410200", on=date(2016, 8, 1))
    assert way(found)[0] == "410200-01"


def test_why_an_application_is_held_is_a_stable_code() -> None:
    assert [reason.value for reason in Unroutable] == [
        "place.unknown",
        "place.out-of-province",
        "place.no-agency",
        "agency.not-connected",
    ]


def test_an_agency_is_found_by_its_code_and_by_its_division() -> None:
    directory = a_directory_of(["410105", "410100"])
    assert [agency.code for agency in directory] == ["410105-01", "410100-01"]
    assert directory.get("410105-01") is directory.at("410105")
    assert directory.get("410105") is None
    assert directory.at("410104") is None


@pytest.mark.parametrize(("code", "division"), [("410105-01", "410100"), ("410100-01", "410105")])
def test_two_agencies_cannot_share_a_code_or_a_division(code: str, division: str) -> None:
    first = Agency("410105-01", "甲", "410105", Delivery.PUSH)
    with pytest.raises(ValueError, match="share"):
        AgencyDirectory((first, Agency(code, "乙", division, Delivery.FETCH)))
