"""证件: certificates of invented people; every number is reserved, and none is given twice.

A simulated citizen number always bears the sequence 000, which is never issued. Its 17th digit is
therefore 0, which the standard reads as a woman: invented people with such a number are women, save
a few whose sex contradicts it on purpose, because a contradiction is remarked on, never refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Final

from schemas.reference.identity import (
    HONG_KONG_PERMIT,
    MACAO_PERMIT,
    RESIDENCE_PERMIT,
    RESIDENT_CARD,
    SOCIAL_SECURITY_CARD,
    TAIWAN_PERMIT,
    check_character,
)
from simulator.people.birth_slots import BirthSlots, Partition, birth_days
from simulator.people.chance import WeightedChoice

_SEQUENCE: Final = "000"
_BANDS: Final = ((16, 25, 29), (25, 35, 26), (35, 45, 20), (45, 55, 15), (55, 61, 6))
"""Ages from, to (not included), and how many of a hundred people."""
_RESIDENCE_AREAS: Final = ("810000", "820000", "830000")
_HOMES: Final = ("810000", "820000", "710000")
"""Hong Kong, Macao, Taiwan: prefixes of residence permits, and the divisions they stand for."""
_TRAVEL: Final = WeightedChoice(
    ((HONG_KONG_PERMIT, "H", "810000"), 5),
    ((MACAO_PERMIT, "M", "820000"), 3),
    ((TAIWAN_PERMIT, "", "710000"), 1),
)
_RESIDENCE_PERMITS, _TRAVEL_PERMITS = 2, 2  # of a hundred people


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate and what follows from it."""

    type: str  # AAC058
    number: str
    sex: str  # AAC004
    born: date
    home: str  # county of the household; 810000, 820000 or 710000 for people from there

    @property
    def mainland(self) -> bool:
        """Whether the holder is a mainland resident."""
        return self.home not in _HOMES


class Certificates:
    """The certificates of one partition of applicants: the same arguments, the same certificates.

    Uniqueness needs no memory. Of each hundred people in a row, the schedule says which group each
    belongs to: an age band, residence permits, or travel permits. The k-th of a group gets the k-th
    pair of area and birth date. Partitions share no birth date. When the areas at home are used
    up, those of people who moved here follow.
    """

    __slots__ = ("_areas", "_elsewhere", "_partition", "_schedule", "_slots")

    def __init__(
        self,
        areas: tuple[str, ...],
        *,
        elsewhere: Sequence[str],
        rng: Random,
        today: date,
        partition: Partition,
    ) -> None:
        self._areas, self._elsewhere, self._partition = areas, elsewhere, partition
        self._schedule: Final = _schedule(rng)
        self._slots: Final = (
            *(
                BirthSlots.of(areas, birth_days(today, young, old), partition, rng)
                for young, old, _ in _BANDS
            ),
            BirthSlots.of(_RESIDENCE_AREAS, birth_days(today, 16, 61), partition, rng),
        )

    def draw(self, ordinal: int, rng: Random) -> Certificate:
        """Return the certificate of the partition's applicant number `ordinal`, counted from 0.

        Raises:
            IndexError: More people were asked for than there are pairs of area and birth date.
        """
        cycle, place = divmod(ordinal, len(self._schedule))
        group, rank, size = self._schedule[place]
        if group == len(self._slots):
            return self._travel_permit(ordinal, rng)
        used_up, area, born = self._slots[group].pair(cycle * size + rank)
        if group < len(_BANDS):
            return self._citizen_card(used_up, area, born, rng)
        if used_up > 0:
            return self._travel_permit(ordinal, rng)
        number = _number(_RESIDENCE_AREAS[area], born)
        return Certificate(RESIDENCE_PERMIT, number, _sex(rng), born, _HOMES[area])

    def _citizen_card(self, used_up: int, area: int, born: date, rng: Random) -> Certificate:
        home = first_issued = self._areas[area]
        if used_up > 0:
            first_issued = self._elsewhere[(used_up - 1) * len(self._areas) + area]
        kind = SOCIAL_SECURITY_CARD if rng.random() < 0.04 else RESIDENT_CARD
        return Certificate(kind, _number(first_issued, born), _sex(rng), born, home)

    def _travel_permit(self, ordinal: int, rng: Random) -> Certificate:
        """Return a travel permit, whose number begins with 0, which is not issued."""
        kind, letter, home = _TRAVEL.draw(rng)
        applicant = (ordinal * self._partition.count + self._partition.index) % 10_000_000
        born = self._slots[-1].draw_day(rng)
        sex = "1" if rng.random() < 0.5 else "2"
        return Certificate(kind, f"{letter}0{applicant:07d}", sex, born, home)


def _schedule(rng: Random) -> tuple[tuple[int, int, int], ...]:
    """Return for each of a hundred people in a row: group, rank in the group, size of the group."""
    sizes = (*(share for _, _, share in _BANDS), _RESIDENCE_PERMITS, _TRAVEL_PERMITS)
    groups = [group for group, size in enumerate(sizes) for _ in range(size)]
    rng.shuffle(groups)
    return tuple((group, groups[:at].count(group), sizes[group]) for at, group in enumerate(groups))


def _number(area: str, born: date) -> str:
    first_17 = f"{area}{born:%Y%m%d}{_SEQUENCE}"
    return first_17 + check_character(first_17)


def _sex(rng: Random) -> str:
    return "1" if rng.random() < 0.02 else "2"
