"""分派: which agency handles an application, by its registration place (登记失业地), and why."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from gateway.domain.directory import Agency, AgencyDirectory, Directories
from schemas.records.dispatches import RoutedBy
from schemas.reference.divisions import DivisionTree, UnknownDivision


class Unroutable(StrEnum):
    """Why an application has no agency; it is held, visible, its clock running."""

    UNKNOWN_PLACE = "place.unknown"
    FOREIGN_PLACE = "place.out-of-province"
    NO_AGENCY = "place.no-agency"
    NOT_CONNECTED = "agency.not-connected"  # its system is not: nobody would get the dispatch


@dataclass(frozen=True, slots=True)
class Route:
    """The agency that handles, and what led there."""

    agency: Agency
    by: RoutedBy


def route(
    place: str, *, on: date, province: str, tree: DivisionTree, directory: AgencyDirectory
) -> Route | Unroutable:
    """Return the agency nearest above `place` in the dated tree, itself included.

    Args:
        place: Division code of the registration place.
        on: Beijing date on which the case is routed: that of receipt, and that of the release for
            a case that was held. What is abolished by then has no agency any more: the place, or
            what it lies in, is that of its successor before any agency is looked up.
        province: Division code of our province; nothing leaves it.
        tree: Parents from the table, never from the digits (济源 419001 is below Henan itself).
        directory: The agencies in force. One whose system is not connected gets no case, and
            nobody gets it in its place: the case waits for an operator.

    Source: 人社厅发〔2020〕3号 art. 7; 豫人社办〔2020〕35号 annex 1 nos. 1, 2.
        Assumed: which day decides when a division is abolished meanwhile.
    """
    try:
        above = tree.ancestors_in_force(place, on)
    except UnknownDivision:
        return Unroutable.UNKNOWN_PLACE
    if province not in above:
        return Unroutable.FOREIGN_PLACE
    for division in above:
        agency = directory.at(division)
        if agency is not None:
            if agency.delivery is None:
                return Unroutable.NOT_CONNECTED
            by = RoutedBy(
                rule="exact" if division == tree.normalise(place) else "ancestor",
                place_division=place,
                matched_division=division,
            )
            return Route(agency, by)
    return Unroutable.NO_AGENCY


def stands(tree: DivisionTree, division: str, on: date) -> bool:
    """Say whether a division is in the table, and not abolished by a Beijing date."""
    try:
        return tree.ancestors_in_force(division, on)[:1] == (tree.normalise(division),)
    except UnknownDivision:
        return False


class Router:
    """`route` for one province, with a cache: a page has few places, and they come again.

    The directory is that of the day; a newer version of it is another key of the cache.
    """

    def __init__(self, tree: DivisionTree, directories: Directories, *, province: str) -> None:
        self._tree, self._directories, self._province = tree, directories, province
        self._cached_find = lru_cache(maxsize=16_384)(self._find)

    def route(self, place: str, on: date) -> Route | Unroutable:
        """Return the agency of `place` on a Beijing date, or why there is none; see `route`."""
        return self._cached_find(place, on, self._directories.on(on))

    def _find(self, place: str, on: date, directory: AgencyDirectory) -> Route | Unroutable:
        return route(place, on=on, province=self._province, tree=self._tree, directory=directory)
