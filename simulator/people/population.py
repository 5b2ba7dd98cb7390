"""模拟人群: a seeded_random population of invented applicants, plausible and evidently not real.

What is reserved: citizen numbers of sequence 000, travel permits that begin with 0, mobiles
1900000nnnn, landlines of the area code 0000, addresses in 模拟路, e-mail under example.com.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count, islice
from random import Random
from typing import Final

from schemas.reference.divisions import DivisionLevel, DivisionTree
from simulator.people.certificates import Certificate, Certificates, Partition
from simulator.people.chance import WeightedChoice, choose, seeded_random
from simulator.people.circumstances import Skill, draw_circumstances
from simulator.people.names import draw_name

HOUSEHOLD, RESIDENCE, WORKPLACE, INSURED = "1", "2", "3", "4"
"""ACC412 登记失业地类型: 户籍地, 常住地, 就业地, 参保地."""
_BASES: Final = WeightedChoice((HOUSEHOLD, 46), (RESIDENCE, 40), (WORKPLACE, 9), (INSURED, 5))
_CHANNELS: Final = WeightedChoice(("31", 45), ("32", 55))
"""全国统一入口网页, 掌上12333."""
_AT_HOME: Final = 0.7  # share of people who live where their household is
_STREET_KNOWN: Final = 0.6  # share of divisions given down to the street, where streets are known


@dataclass(frozen=True, slots=True)
class Person:
    """An invented person with everything that the national form asks for; codes are text.

    Source: 黑人社函〔2020〕87号 annex 1 (the form and its required marks).
    """

    name: str
    sex: str
    ethnic_group: str
    political_status: str | None
    education: str
    health: str
    disability_grade: str | None
    certificate_type: str
    certificate_no: str
    mobile: str
    telephone: str | None
    email: str | None
    other_contact: str | None
    household_division: str
    household_address: str
    residence_division: str
    residence_address: str
    place_basis: str
    place_division: str
    unemployed_since: date
    reason: str  # AJC093, generation 2016
    reason_note: str | None
    claims_insurance: str
    intentions: tuple[str, ...]
    qualifications: tuple[Skill, ...]
    remarks: str | None
    channel: str


@dataclass(frozen=True, slots=True)
class _Ground:
    """A place that people come from, as the table opens it."""

    code: str
    counties: tuple[str, ...]  # the county level below it, or the county it lies in
    exact: bool  # a street or community: nothing below it is made up

    def division(self, county: str, tree: DivisionTree, rng: Random) -> str:
        """Return a division of this place inside `county`, down to a street where one is known."""
        if self.exact:
            return self.code
        streets = tree.children(county)
        return choose(rng, streets) if streets and rng.random() < _STREET_KNOWN else county


@dataclass(frozen=True, slots=True)
class _Homes:
    """Where a person belongs, lives, and asks to be registered."""

    household: str
    residence: str
    basis: str
    place: str


class Population:
    """Invented applicants by number: the same seed, places and date give the same people.

    People come in turn from each of the places, given as division codes of any length, and a few
    percent from Hong Kong, Macao and Taiwan, who live in one of them. The registration place
    (登记失业地) always lies within the places; all four kinds occur unless `bases` names fewer.
    """

    __slots__ = ("_bases", "_certificates", "_grounds", "_seed", "_today", "_tree")

    def __init__(
        self,
        seed: int,
        places: Sequence[str],
        *,
        today: date,
        tree: DivisionTree,
        bases: frozenset[str] = frozenset((HOUSEHOLD, RESIDENCE, WORKPLACE, INSURED)),
    ) -> None:
        if not places or not bases & {HOUSEHOLD, RESIDENCE}:
            raise ValueError("give one place or more, and household or residence as a basis")
        self._seed, self._today, self._tree, self._bases = seed, today, tree, bases
        self._grounds: Final = tuple(_ground(code, tree) for code in places)
        at_home = {county for ground in self._grounds for county in ground.counties}
        rng = seeded_random(f"population {seed}")
        away = [code for code in _all_counties(tree) if code not in at_home]
        rng.shuffle(away)
        self._certificates: Final = tuple(
            Certificates(
                ground.counties,
                away=away,
                rng=rng,
                today=today,
                lane=Partition(number, len(places)),
            )
            for number, ground in enumerate(self._grounds)
        )

    def __iter__(self) -> Iterator[Person]:
        """Yield people number 0, 1, 2 and so on, without end."""
        return map(self.person, count())

    def people(self, number: int) -> Iterator[Person]:
        """Yield the first `number` people."""
        return islice(self, number)

    def person(self, number: int) -> Person:
        """Return person `number`, counted from 0, without making those before.

        Raises:
            IndexError: The places are too small for so many different certificates.
        """
        rng = seeded_random((self._seed << 40) + number)
        ordinal, at = divmod(number, len(self._grounds))
        certificate = self._certificates[at].draw(ordinal, rng)
        homes = self._homes(certificate, self._grounds[at], rng)
        named = draw_name(rng, female=certificate.sex == "2")
        circumstances = draw_circumstances(
            rng, born=certificate.born, submitted_on=self._today, mainland=certificate.mainland
        )
        household_address = self._address(homes.household, rng)
        moved = homes.residence != homes.household
        return Person(
            name=named.name,
            sex=certificate.sex,
            ethnic_group=named.ethnic_group,
            political_status=circumstances.political_status,
            education=circumstances.education,
            health=circumstances.health,
            disability_grade=circumstances.disability_grade,
            certificate_type=certificate.type,
            certificate_no=certificate.number,
            mobile=f"1900000{number % 10_000:04d}",
            telephone=f"0000-0000{number % 10_000:04d}" if rng.random() < 0.2 else None,
            email=f"applicant{number}@example.com" if rng.random() < 0.4 else None,
            other_contact=f"模拟联系人{number}" if rng.random() < 0.1 else None,
            household_division=homes.household,
            household_address=household_address,
            residence_division=homes.residence,
            residence_address=self._address(homes.residence, rng) if moved else household_address,
            place_basis=homes.basis,
            place_division=homes.place,
            unemployed_since=circumstances.unemployed_since,
            reason=circumstances.reason,
            reason_note=circumstances.reason_note,
            claims_insurance=circumstances.claims_insurance,
            intentions=circumstances.intentions,
            qualifications=circumstances.qualifications,
            remarks=circumstances.remarks,
            channel=_CHANNELS.draw(rng),
        )

    def _homes(self, certificate: Certificate, ground: _Ground, rng: Random) -> _Homes:
        """Household and residence, and the registration place that follows from its basis."""
        mainland = certificate.mainland
        home = self._anywhere(rng, ground) if not mainland else None
        household = (
            ground.division(certificate.home, self._tree, rng) if mainland else certificate.home
        )
        if home is not None:
            residence = home
        elif rng.random() < _AT_HOME:
            residence = household
        else:
            residence = self._anywhere(rng, choose(rng, self._grounds))
        basis = self._basis(rng, mainland=mainland)
        place = {HOUSEHOLD: household, RESIDENCE: residence}.get(basis)
        return _Homes(
            household, residence, basis, place or self._anywhere(rng, choose(rng, self._grounds))
        )

    def _basis(self, rng: Random, *, mainland: bool) -> str:
        """People from Hong Kong, Macao and Taiwan have no household here to register by."""
        basis = _BASES.draw(rng)
        if not mainland:
            return RESIDENCE
        if basis in self._bases:
            return basis
        return HOUSEHOLD if HOUSEHOLD in self._bases else RESIDENCE

    def _anywhere(self, rng: Random, ground: _Ground) -> str:
        return ground.division(choose(rng, ground.counties), self._tree, rng)

    def _address(self, division: str, rng: Random) -> str:
        """An address in a road and an estate that exist nowhere."""
        road, house = 1 + int(rng.random() * 199), 1 + int(rng.random() * 30)
        unit, room = 1 + int(rng.random() * 4), 101 + int(rng.random() * 18) * 100
        area = self._tree.full_name(division)
        return f"{area}模拟路{road}号测试小区{house}号楼{unit}单元{room}室"


def _ground(code: str, tree: DivisionTree) -> _Ground:
    """Open a place down to the county level.

    Raises:
        UnknownDivision: Not even the county of `code` is known.
    """
    chain = tree.ancestors(code)
    if len(chain[0]) > 6:
        county = next(part for part in chain if len(part) == 6)
        return _Ground(chain[0], (county,), exact=True)
    return _Ground(chain[0], tuple(_counties(chain[0], tree)), exact=False)


def _counties(code: str, tree: DivisionTree) -> Iterator[str]:
    below = [child for child in tree.children(code) if len(child) == 6]
    if not below:
        yield code
    for child in below:
        yield from _counties(child, tree)


def _all_counties(tree: DivisionTree) -> list[str]:
    found = (county for province in tree.provinces() for county in _counties(province, tree))
    return [code for code in found if _is_county(code, tree)]


def _is_county(code: str, tree: DivisionTree) -> bool:
    division = tree.get(code)
    return division is not None and division.level is not DivisionLevel.PROVINCE
