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
    """The areas of one province on a Beijing date, with a cache: a list has few places."""

    def __init__(self, tree: DivisionTree, *, province: str, level: AreaLevel, on: date) -> None:
        self._tree, self._province, self._level, self._on = tree, province, level, on
        self._cached_find = lru_cache(maxsize=16_384)(self._find)

    def of(self, place: str) -> str:
        """Return the code of the area of a place, the province's own where no part is named.

        What is abolished by the date belongs to the area of its successor.
        """
        return self._cached_find(place)

    def name(self, area: str) -> str:
        """Return the name of an area below the province, from the city down."""
        if area == UNPLACED:
            return "不在本省或无法识别"
        full, own = self._tree.full_name(area), self._tree.full_name(self._province)
        return full.removeprefix(own) or full

    def _find(self, place: str) -> str:
        try:
            above = self._tree.ancestors_in_force(place, self._on)
        except UnknownDivision:
            return UNPLACED
        if self._province not in above:
            return UNPLACED
        rows = [row for code in above if (row := self._tree.get(code)) is not None]
        for level in _LEVELS[self._level]:
            for row in rows:
                if row.level is level:
                    return row.code
        return self._province
