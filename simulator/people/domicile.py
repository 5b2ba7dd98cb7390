"""住所: where an invented person belongs, lives, and asks to be registered."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from schemas.records.applications import HOUSEHOLD, RESIDENCE
from schemas.reference.divisions import DivisionTree
from simulator.people.certificates import Certificate
from simulator.people.chance import WeightedChoice, choose
from simulator.people.origins import Origin

_WORKPLACE, _INSURED = "3", "4"
_BASES: Final = WeightedChoice((HOUSEHOLD, 46), (RESIDENCE, 40), (_WORKPLACE, 9), (_INSURED, 5))
"""ACC412 登记失业地类型: 户籍地, 常住地, 就业地, 参保地."""
_AT_HOME_SHARE: Final = 0.7  # of people, who live where their household is


@dataclass(frozen=True, slots=True)
class Domicile:
    """Divisions of a person: 户籍地, 常住地, and 登记失业地 with its basis (ACC412)."""

    household: str
    residence: str
    basis: str
    place: str

    @property
    def moved(self) -> bool:
        """Whether the person lives elsewhere than where the household is (人户分离)."""
        return self.residence != self.household


def draw_domicile(
    rng: Random,
    certificate: Certificate,
    *,
    origin: Origin,
    origins: Sequence[Origin],
    tree: DivisionTree,
) -> Domicile:
    """Return the domicile of the holder of a certificate, who comes from `origin`.

    The registration place follows from its basis and lies within `origins`. People from Hong Kong,
    Macao and Taiwan live in their origin and have no household in the mainland to register by.
    """

    def anywhere() -> str:
        return choose(rng, tuple(origins)).draw_division(rng, tree)

    if not certificate.mainland:
        residence = origin.draw_division(rng, tree)
        household = certificate.home
    else:
        household = origin.draw_within(certificate.home, rng, tree)
        residence = household if rng.random() < _AT_HOME_SHARE else anywhere()
    drawn = _BASES.draw(rng)
    basis = drawn if certificate.mainland else RESIDENCE
    place = {HOUSEHOLD: household, RESIDENCE: residence}.get(basis)
    return Domicile(household, residence, basis, anywhere() if place is None else place)
