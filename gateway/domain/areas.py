"""统计地区: to which city or county a registration place belongs, by the table of divisions."""

from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Final

from schemas.reference.divisions import DivisionLevel, DivisionTree, UnknownDivision


class AreaLevel(StrEnum):
    """By what lists and figures are divided."""

    CITY = "city"
    COUNTY = "county"


UNPLACED: Final = ""
"""The area of a place that nobody knows, or that lies in another province."""
_LEVELS: Final = {
    AreaLevel.CITY: (DivisionLevel.CITY, DivisionLevel.COUNTY),
    AreaLevel.COUNTY: (DivisionLevel.COUNTY, DivisionLevel.CITY),
}
"""The level that is asked for, and what stands in where there is none: a county directly below
the province (济源市) is an area of its own beside the cities, a city without counties beside the
counties."""


class Areas:
    """The areas of one province on a Beijing date, with a cache: a list has few places.

    What is abolished by the date belongs to its successor, and lies where that lies.
    """

    def __init__(self, tree: DivisionTree, *, province: str, level: AreaLevel, on: date) -> None:
        self._tree, self._province, self._level, self._on = tree, province, level, on
        self._cached_above = lru_cache(maxsize=16_384)(self._above)

    def of(self, place: str) -> str:
        """Return the code of the area of a place, the province's own where no part is named."""
        above = self._cached_above(place)
        if self._province not in above:
            return UNPLACED
        rows = [row for code in above if (row := self._tree.get(code)) is not None]
        for level in _LEVELS[self._level]:
            for row in rows:
                if row.level is level:
                    return row.code
        return self._province

    def holds(self, place: str, division: str | None) -> bool:
        """Say whether a place lies in a division, `UNPLACED` and None (any) among them."""
        if division is None:
            return True
        if division == UNPLACED:
            return self.of(place) == UNPLACED
        return division in self._cached_above(place)

    def is_counted_under(self, place: str, division: str | None) -> bool:
        """Say whether a place is counted in the line of a division, or lies in it without a line.

        By county, the line of a city has those places alone that name no county of it.
        """
        if not self.holds(place, division):
            return False
        row = None if division is None else self._tree.get(division)
        is_line = self._level is AreaLevel.COUNTY and row and row.level is DivisionLevel.CITY
        return not is_line or self.of(place) == division

    def name(self, area: str) -> str:
        """Return the name of an area below the province, from the city down."""
        if area == UNPLACED:
            return "不在本省或无法识别"
        full, own = self._tree.full_name(area), self._tree.full_name(self._province)
        return full.removeprefix(own) or full

    def _above(self, place: str) -> tuple[str, ...]:
        try:
            return self._tree.ancestors_in_force(place, self._on)
        except UnknownDivision:
            return ()
