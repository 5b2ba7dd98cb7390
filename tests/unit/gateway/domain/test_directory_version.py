"""机构清单版本: the version of the day is gone by, and published in the same parts each time."""

from datetime import UTC, date, datetime

from gateway.domain.delivery import Delivery
from gateway.domain.directory import Agency
from gateway.domain.directory_version import PART, DirectoriesInUse, published_parts
from gateway.domain.routing import Route, Router, Unroutable
from schemas.records.agencies import AgencyDirectory
from tests.builders.directory import (
    PROVINCE,
    TREE,
    a_content,
    a_version,
    an_agency,
    at_jiyuan,
    many_agencies,
)
from tests.builders.records import JINSHUI, JIYUAN

MARCH, APRIL = date(2026, 3, 2), date(2026, 4, 1)


def directories() -> DirectoriesInUse:
    return DirectoriesInUse(
        [
            Agency(JINSHUI, "金水区", "410105", Delivery.PUSH),
            Agency(JIYUAN, "济源市", "419001", Delivery.FETCH),
        ]
    )


def test_without_a_version_the_agencies_of_the_settings_count() -> None:
    used = directories()
    found = used.on(MARCH)
    assert (found.version, [one.code for one in found]) == (None, [JINSHUI, JIYUAN])
    assert used.newest == 0


def test_the_newest_version_that_has_begun_is_in_force() -> None:
    used = directories()
    later = a_version(a_content(at_jiyuan()), number=2, valid_from=APRIL)
    used.exchange([a_version(), later])
    assert (used.on(MARCH).version, used.on(APRIL).version) == (1, 2)
    assert used.on(APRIL).at("410105") is None
    used.exchange([a_version(), later, a_version(number=3)])
    assert used.on(APRIL).version == 3
    assert used.on(date(2026, 3, 1)).version is None
    assert list(used.on(date(2026, 3, 1))) == []


def test_an_agency_counts_from_its_first_day_to_its_last() -> None:
    used = directories()
    ends = an_agency(valid_to=date(2026, 3, 31))
    follows = an_agency("4101050009", name="新机构", valid_from=APRIL)
    used.exchange([a_version(a_content(ends, follows))])
    found = [used.on(day).at("410105") for day in (MARCH, date(2026, 3, 31), APRIL)]
    assert [one.code if one else None for one in found] == [JINSHUI, JINSHUI, "4101050009"]


def test_a_router_goes_by_a_new_version_at_once() -> None:
    used = directories()
    router = Router(TREE, used, province=PROVINCE)
    used.exchange([a_version()])
    first = router.route("410105", MARCH)
    assert isinstance(first, Route)
    used.exchange([a_version(), a_version(a_content(at_jiyuan()), number=2)])
    assert router.route("410105", MARCH) is Unroutable.NO_AGENCY


def test_an_agency_that_is_not_connected_gets_no_case_and_nobody_gets_it_instead() -> None:
    used = directories()
    street = an_agency("4101050011", division="410105001", level="3")
    used.exchange([a_version(a_content(an_agency(), street))])
    router = Router(TREE, used, province=PROVINCE)
    assert router.route("410105001001", MARCH) is Unroutable.NOT_CONNECTED
    assert isinstance(router.route("410105002001", MARCH), Route)


def test_an_agency_that_does_not_register_gets_no_case() -> None:
    used = directories()
    used.exchange([a_version(a_content(an_agency(registers=False)))])
    assert Router(TREE, used, province=PROVINCE).route("410105", MARCH) is Unroutable.NO_AGENCY


def test_a_name_is_that_of_the_list_or_else_that_of_the_settings() -> None:
    used = directories()
    used.exchange([a_version(a_content(an_agency(name="新名称")))])
    assert used.name_of(JINSHUI, MARCH) == "新名称"
    assert used.name_of(JIYUAN, MARCH) == "济源市"
    assert used.name_of("X", MARCH) is None


def test_a_version_has_the_same_parts_each_time() -> None:
    version = a_version(a_content(*many_agencies(PART + 1)), number=7)
    parts = published_parts(version, PROVINCE)
    assert parts is not None
    assert [(one.part, one.parts, len(one.agencies)) for one in parts] == [(1, 2, PART), (2, 2, 1)]
    assert parts == published_parts(version, PROVINCE)
    assert {one.version for one in parts} == {7}
    assert all(AgencyDirectory.read(one.wire()) == one for one in parts)


def test_a_list_with_something_unknown_is_not_published() -> None:
    version = a_version(a_content(an_agency(), at_jiyuan(telephone=None)))
    assert published_parts(version, PROVINCE) is None


def test_a_version_waits_to_be_published_from_its_first_day_on() -> None:
    later = a_version(valid_from=APRIL)
    assert later.due_at == datetime(2026, 3, 31, 16, tzinfo=UTC)
    assert a_version().due_at == a_version().made_at
