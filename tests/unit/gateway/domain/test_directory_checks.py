"""机构清单核对: all that is wrong with a content is said at once, and what is only marked."""

from datetime import date

import pytest

from gateway.domain.directory_checks import (
    DirectoryFault,
    DirectoryFinding,
    directory_faults,
    directory_findings,
)
from gateway.domain.listed_agencies import DirectoryContent, ListedAgency
from tests.builders.directory import (
    PROVINCE,
    TREE,
    a_content,
    an_agency,
    at_jiyuan,
    responsible_for,
)


def faults(*agencies: ListedAgency) -> list[tuple[DirectoryFault | DirectoryFinding, int | None]]:
    content = DirectoryContent(agencies)
    found = directory_faults(content, tree=TREE, province=PROVINCE)
    return [(one.code, one.position) for one in found]


def test_a_list_without_a_fault_has_none() -> None:
    assert faults(an_agency(), at_jiyuan()) == []


def test_an_empty_list_is_refused() -> None:
    assert faults() == [(DirectoryFault.EMPTY, None)]


def test_two_rows_of_one_code_may_follow_each_other_and_not_overlap() -> None:
    first = an_agency(valid_to=date(2026, 6, 30))
    follows = an_agency(valid_from=date(2026, 7, 1), telephone="0371-00000009")
    assert faults(first, follows) == []
    assert faults(first, an_agency(valid_from=date(2026, 6, 30))) == [
        (DirectoryFault.CODE_OVERLAPS, 1)
    ]


def test_a_long_row_overlaps_all_that_lie_within_it() -> None:
    within = [
        an_agency(valid_from=date(2026, month, 1), valid_to=date(2026, month, 5))
        for month in (2, 4, 6)
    ]
    assert faults(an_agency(), *within) == [
        (DirectoryFault.CODE_OVERLAPS, position) for position in (1, 2, 3)
    ]


def test_routing_needs_one_agency_of_a_division_that_registers() -> None:
    other = an_agency("4101050009")
    assert faults(an_agency(), other) == [(DirectoryFault.DIVISION_OVERLAPS, 1)]
    assert faults(an_agency(), an_agency("4101050009", registers=False)) == []
    later = an_agency("4101050009", valid_from=date(2027, 1, 1))
    assert faults(an_agency(valid_to=date(2026, 12, 31)), later) == []


def test_a_division_is_the_same_with_its_zeros() -> None:
    other = an_agency("4101050009", division="410105000000")
    assert faults(an_agency(), other) == [(DirectoryFault.DIVISION_OVERLAPS, 1)]


@pytest.mark.parametrize(
    ("division", "fault"),
    [
        ("999999", DirectoryFault.DIVISION_UNKNOWN),
        ("430104", DirectoryFault.DIVISION_OUTSIDE),
        ("410306", DirectoryFault.DIVISION_ABOLISHED),  # 吉利区, 2021 part of 孟津区
    ],
)
def test_a_division_is_one_of_the_province_that_exists(
    division: str, fault: DirectoryFault
) -> None:
    assert faults(an_agency(division=division)) == [(fault, 0)]


def test_a_last_day_does_not_come_before_the_first() -> None:
    assert faults(an_agency(valid_to=date(2025, 12, 31))) == [(DirectoryFault.DATES_REVERSED, 0)]


def test_a_parent_is_in_the_list_and_leads_back_to_nobody() -> None:
    city, county = "4101000001", an_agency(parent="4101000001")
    assert faults(county) == [(DirectoryFault.PARENT_UNKNOWN, 0)]
    above = an_agency(city, division="410100", level="1")
    assert faults(county, above) == []
    ring = an_agency(city, division="410100", level="1", parent=county.code)
    assert faults(county, ring) == [
        (DirectoryFault.PARENT_RING, 0),
        (DirectoryFault.PARENT_RING, 1),
    ]
    assert faults(an_agency(parent=an_agency().code)) == [(DirectoryFault.PARENT_RING, 0)]


def test_one_unit_and_one_person_are_responsible_for_a_division() -> None:
    two = DirectoryContent(
        (at_jiyuan(), an_agency()), (responsible_for(), responsible_for(person="司马模拟"))
    )
    (found,) = directory_faults(two, tree=TREE, province=PROVINCE)
    assert (found.code, found.position) == (DirectoryFault.RESPONSIBLE_DIFFERS, 1)
    assert "模拟" not in str(found)


def test_all_faults_are_said_at_once() -> None:
    found = faults(
        an_agency(division="999999", parent="X"),
        at_jiyuan(valid_to=date(2020, 1, 1)),
    )
    assert len(found) == 3


def test_an_agency_that_registers_without_an_account_is_marked_and_not_refused() -> None:
    content = a_content(an_agency(accounts=0), responsible=(responsible_for(),))
    assert directory_faults(content, tree=TREE, province=PROVINCE) == []
    (found,) = directory_findings(content)
    assert (found.code, found.position) == (DirectoryFinding.NO_ACCOUNT, 0)
    registers_not = a_content(
        an_agency(accounts=0, registers=False), responsible=(responsible_for(),)
    )
    assert directory_findings(registers_not) == []


def test_what_is_not_known_is_marked() -> None:
    content = a_content(an_agency(accounts=None, address=None))
    assert [one.code for one in directory_findings(content)] == [
        DirectoryFinding.ACCOUNTS_UNKNOWN,
        DirectoryFinding.INCOMPLETE,
        DirectoryFinding.NO_RESPONSIBLE,
    ]
