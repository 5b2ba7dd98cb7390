"""来源地: the places that people come from, as the table of divisions opens them."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Final, Self

from schemas.reference.divisions import DivisionLevel, DivisionTree
from simulator.people.chance import choose

_COUNTY_DIGITS: Final = 6
_STREET_SHARE: Final = 0.6  # of divisions given down to the street, where streets are known


@dataclass(frozen=True, slots=True)
class Origin:
    """A place that people come from.

    `counties` are those below it, or the one it lies in. An `exact` place is a street or a
    community: nothing below it is made up.
    """

    code: str
    counties: tuple[str, ...]
    exact: bool

    @classmethod
    def of(cls, code: str, tree: DivisionTree) -> Self:
        """Return the place with a division code of any length.

        Raises:
            UnknownDivision: Not even the county of `code` is known.
        """
        chain = tree.ancestors(code)
        if len(chain[0]) > _COUNTY_DIGITS:
            county = next(part for part in chain if len(part) == _COUNTY_DIGITS)
            return cls(chain[0], (county,), exact=True)
        return cls(chain[0], tuple(_counties(chain[0], tree)), exact=False)

    def draw_division(self, rng: Random, tree: DivisionTree) -> str:
        """Return a division anywhere in this place."""
        return self.draw_within(choose(rng, self.counties), rng, tree)

    def draw_within(self, county: str, rng: Random, tree: DivisionTree) -> str:
        """Return a division of this place inside `county`, down to a street where one is known."""
        if self.exact:
            return self.code
        streets = tree.children(county)
        return choose(rng, streets) if streets and rng.random() < _STREET_SHARE else county


def all_counties(tree: DivisionTree) -> list[str]:
    """Return every county of the table; a province without any is left out."""
    found = (county for province in tree.provinces() for county in _counties(province, tree))
    return [code for code in found if _is_county(code, tree)]


def _counties(code: str, tree: DivisionTree) -> Iterator[str]:
    below = [child for child in tree.children(code) if len(child) == _COUNTY_DIGITS]
    if not below:
        yield code
    for child in below:
        yield from _counties(child, tree)


def _is_county(code: str, tree: DivisionTree) -> bool:
    division = tree.get(code)
    return division is not None and division.level is not DivisionLevel.PROVINCE
