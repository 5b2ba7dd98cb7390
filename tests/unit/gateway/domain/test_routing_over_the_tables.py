"""分派 over the codes and dates of the shipped tables: the right agency, or a named reason."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Final

import pytest

from gateway.domain.delivery import Delivery
from gateway.domain.directory import Agency, AgencyDirectory
from gateway.domain.routing import Route, Router, Unroutable
from schemas.reference.division_rows import Division, DivisionLevel, read_folder
from schemas.reference.divisions import SHIPPED, DivisionTree

TREE: Final = DivisionTree.load()
TABLES: Final = read_folder(SHIPPED)
ROWS: Final[Mapping[str, Division]] = TABLES.divisions
TODAY: Final = date(2026, 3, 2)
DAY: Final = timedelta(days=1)
PROVINCES: Final = ("230000", "410000", "430000")


def an_agency(division: str) -> Agency:
    return Agency(f"{division}01", f"{division}公共就业服务机构", division, Delivery.FETCH)


def codes(province: str) -> Iterator[tuple[str, str]]:
    """Yield codes as an application may bear them, each with its row's: longer ones, too.

    All of the province, and every fifth of the country.
    """
    for number, (code, row) in enumerate(ROWS.items()):
        if number % 5 and code[:2] != province[:2]:
            continue
        yield code, code
        if row.level is DivisionLevel.COUNTY:
            yield f"{code}000000", code
            yield f"{code}999", code


def holders(code: str, on: date) -> set[str]:
    """Return every division that `code` may belong to on a day, as the rows say it one by one."""
    found: set[str] = set()
    waiting = [code]
    while waiting:
        one = waiting.pop()
        if one in found:
            continue
        found.add(one)
        row = ROWS[one]
        gone = row.valid_to is not None and on >= row.valid_to
        waiting.extend(filter(None, [row.replaced_by if gone else None, row.parent]))
    return {one for one in found if (end := ROWS[one].valid_to) is None or on < end}


@pytest.mark.parametrize("province", PROVINCES)
def test_every_code_at_every_date_gets_a_standing_agency_of_its_place_or_a_named_reason(
    province: str,
) -> None:
    # Given an agency at every city and county, those that are abolished by now included
    levels = (DivisionLevel.CITY, DivisionLevel.COUNTY)
    ours = [row.code for row in ROWS.values() if row.code[:2] == province[:2]]
    directory = AgencyDirectory(an_agency(code) for code in ours if ROWS[code].level in levels)
    router = Router(TREE, directory, province=province)
    routed = 0
    for code, known in codes(province):
        end = ROWS[known].valid_to
        for on in {TODAY, *((end - DAY, end, end + DAY) if end else ())}:
            # When an application of that place is routed on that day
            found = router.route(code, on)

            # Then its agency stands, and holds the place; or it has none, and the reason is named
            possible = holders(known, on)
            if isinstance(found, Route):
                assert found.agency.division in possible, (code, on)
                routed += 1
            elif found is Unroutable.FOREIGN_PLACE:
                assert province not in possible, (code, on)
            else:
                assert found is Unroutable.NO_AGENCY
                assert not {one for one in possible if ROWS[one].level in levels} & set(ours), code
    assert routed > len(ours)


def test_the_nearest_standing_agency_is_chosen_over_one_further_up() -> None:
    levels = (DivisionLevel.CITY, DivisionLevel.COUNTY)
    henan = [row for row in ROWS.values() if row.code.startswith("41") and row.level in levels]
    directory = AgencyDirectory(an_agency(row.code) for row in henan)
    router = Router(TREE, directory, province="410000")
    for row in henan:
        if row.valid_to is None:
            found = router.route(f"{row.code}000000", TODAY)
            assert isinstance(found, Route)
            assert found.agency.division == row.code
