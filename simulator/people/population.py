"""模拟人群: a seeded population of invented applicants, plausible and evidently not real.

What is reserved: citizen numbers of sequence 000, travel permits that begin with 0, mobiles
1900000nnnn, landlines of the area code 0000, addresses in 模拟路, e-mail under example.com.
"""

from collections.abc import Sequence
from datetime import date
from random import Random
from typing import Final

from schemas.records.applications import HOUSEHOLD, RESIDENCE
from schemas.reference.divisions import DivisionTree
from simulator.people.birth_slots import Partition
from simulator.people.certificates import Certificate, Certificates
from simulator.people.chance import WeightedChoice, seeded_random
from simulator.people.circumstances import draw_circumstances
from simulator.people.contacts import draw_contacts
from simulator.people.domicile import draw_domicile
from simulator.people.names import draw_name
from simulator.people.origins import Origin, all_counties
from simulator.people.person import Person

_CHANNELS: Final = WeightedChoice(("31", 45), ("32", 55))
"""全国统一入口网页, 掌上12333."""
_OLDER, _NEWER = "2020-3", "2020-79"
_OLDER_BASES: Final = frozenset((HOUSEHOLD, RESIDENCE))
"""登记失业地 of the older notice; workplace and insured place came with 人社厅发〔2020〕79号."""
_POLICIES: Final = WeightedChoice((_OLDER, 25), (_NEWER, 75))
"""适用文件: both occur, so that every allowance of a province (办结时限) applies to somebody."""


class Population:
    """Invented applicants by number: the same seed, places and date give the same people.

    People come in turn from each of the places, given as division codes of any length, and a few
    percent from Hong Kong, Macao and Taiwan, who live in one of them. The registration place
    (登记失业地) always lies within the places; all four kinds occur.
    """

    __slots__ = ("_certificates", "_origins", "_seed", "_today", "_tree")

    def __init__(
        self, seed: int, places: Sequence[str], *, today: date, tree: DivisionTree
    ) -> None:
        if not places:
            raise ValueError("give one place or more")
        self._seed, self._today, self._tree = seed, today, tree
        self._origins: Final = tuple(Origin.of(code, tree) for code in places)
        at_home = {county for origin in self._origins for county in origin.counties}
        elsewhere = [code for code in all_counties(tree) if code not in at_home]
        rng = seeded_random(f"population {seed}")
        rng.shuffle(elsewhere)
        self._certificates: Final = tuple(
            Certificates(
                origin.counties,
                elsewhere=elsewhere,
                rng=rng,
                today=today,
                partition=Partition(index, len(places)),
            )
            for index, origin in enumerate(self._origins)
        )

    def person(self, number: int) -> Person:
        """Return person `number`, counted from 0, without making those before.

        Raises:
            IndexError: The places are too small for so many different certificates.
        """
        rng = seeded_random((self._seed << 40) + number)
        ordinal, at = divmod(number, len(self._origins))
        certificate = self._certificates[at].draw(ordinal, rng)
        return self._holder(number, certificate, self._origins[at], rng)

    def _holder(self, number: int, certificate: Certificate, origin: Origin, rng: Random) -> Person:
        """Return the holder of a certificate; the order of the draws decides who it is."""
        domicile = draw_domicile(
            rng, certificate, origin=origin, origins=self._origins, tree=self._tree
        )
        name = draw_name(rng, female=certificate.sex == "2")
        circumstances = draw_circumstances(
            rng, born=certificate.born, submitted_on=self._today, mainland=certificate.mainland
        )
        home = self._address(domicile.household, rng)
        contacts = draw_contacts(rng, number)
        residence_address = self._address(domicile.residence, rng) if domicile.moved else home
        return Person(
            name=name.full,
            sex=certificate.sex,
            ethnic_group=name.ethnic_group,
            political_status=circumstances.political_status,
            education=circumstances.education,
            health=circumstances.health,
            disability_grade=circumstances.disability_grade,
            certificate_type=certificate.type,
            certificate_no=certificate.number,
            mobile=contacts.mobile,
            telephone=contacts.telephone,
            email=contacts.email,
            other_contact=contacts.other,
            household_division=domicile.household,
            household_address=home,
            residence_division=domicile.residence,
            residence_address=residence_address,
            place_basis=domicile.basis,
            place_division=domicile.place,
            unemployed_since=circumstances.unemployed_since,
            reason=circumstances.reason,
            reason_note=circumstances.reason_note,
            claims_insurance=circumstances.claims_insurance,
            intentions=circumstances.intentions,
            qualifications=circumstances.qualifications,
            remarks=circumstances.remarks,
            channel=_CHANNELS.draw(rng),
            policy=_POLICIES.draw(rng) if domicile.basis in _OLDER_BASES else _NEWER,
        )

    def _address(self, division: str, rng: Random) -> str:
        """Return an address in a road and an estate that exist nowhere."""
        road, house = 1 + int(rng.random() * 199), 1 + int(rng.random() * 30)
        unit, room = 1 + int(rng.random() * 4), 101 + int(rng.random() * 18) * 100
        area = self._tree.full_name(division)
        return f"{area}模拟路{road}号测试小区{house}号楼{unit}单元{room}室"
