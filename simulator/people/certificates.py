"""证件: certificates of invented people; every number is reserved, and none is given twice.

A simulated citizen number always bears the sequence 000, which is never issued. Its 17th digit is
therefore 0, which the standard reads as a woman: invented people with such a number are women, save
a few whose sex contradicts it on purpose, because a contradiction is remarked on, never refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import gcd
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
_PERMIT_SEATS, _TRAVEL_SEATS = 2, 2  # of a hundred people
_MOST_LANES: Final = 500
_YOUNGEST_SINCE_DAYS: Final = 30
"""The youngest have been 16 for a month, so that a spell without work fits in."""


@dataclass(frozen=True, slots=True)
class Partition:
    """One of several rows of applicants that never share a birth date."""

    number: int
    lanes: int

    def __post_init__(self) -> None:
        if not 0 <= self.number < self.lanes <= _MOST_LANES:
            raise ValueError(f"lane {self.number} of {self.lanes}: at most {_MOST_LANES} lanes")


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate and what comes with it."""

    type: str  # AAC058
    number: str
    sex: str  # AAC004
    born: date
    home: str  # county of the household; 810000, 820000 or 710000 for who comes from there

    @property
    def mainland(self) -> bool:
        """Whether the holder is a mainland resident."""
        return self.home not in _HOMES


@dataclass(frozen=True, slots=True)
class _Slots:
    """Pairs of area and birth date, counted through in an order that looks like none."""

    areas: tuple[str, ...]
    first_day: date
    days: int  # birth dates of this lane
    stride: int  # days between two birth dates of one lane: the number of lanes
    step: int
    start: int

    def pair(self, ordinal: int) -> tuple[int, int, date]:
        """Return how often the pairs were used up before, the area's index and a birth date."""
        size = len(self.areas) * self.days
        wave, slot = divmod(ordinal, size)
        area, day = divmod((slot * self.step + self.start) % size, self.days)
        return wave, area, self.first_day + timedelta(days=day * self.stride)


class Certificates:
    """The certificates of one lane of applicants: the same arguments, the same certificates.

    Uniqueness needs no memory. A hundred people in a row fill the seats of the age bands in an
    order that the seed decides; the k-th of a band gets the k-th pair of area and birth date. Lanes
    share no birth date. When the areas at home are used up, those of people who moved here follow.
    """

    __slots__ = ("_areas", "_away", "_lane", "_seating", "_slots")

    def __init__(
        self,
        areas: tuple[str, ...],
        *,
        away: Sequence[str],
        rng: Random,
        today: date,
        lane: Partition,
    ) -> None:
        self._areas, self._away, self._lane = areas, away, lane
        self._seating: Final = _seating(rng)
        self._slots: Final = (
            *(_slots(areas, _birth_days(today, young, old), lane, rng) for young, old, _ in _BANDS),
            _slots(_RESIDENCE_AREAS, _birth_days(today, 16, 61), lane, rng),
        )

    def draw(self, ordinal: int, rng: Random) -> Certificate:
        """Return the certificate of the lane's applicant number `ordinal`, counted from 0.

        Raises:
            IndexError: More people were asked for than there are pairs of area and birth date.
        """
        cycle, place = divmod(ordinal, len(self._seating))
        seat, rank, seats = self._seating[place]
        if seat == len(self._slots):
            return self._travel(ordinal, rng)
        wave, area, born = self._slots[seat].pair(cycle * seats + rank)
        if seat < len(_BANDS):
            return self._citizen(wave, area, born, rng)
        if wave > 0:
            return self._travel(ordinal, rng)
        number = _number(_RESIDENCE_AREAS[area], born)
        return Certificate(RESIDENCE_PERMIT, number, _sex(rng), born, _HOMES[area])

    def _citizen(self, wave: int, area: int, born: date, rng: Random) -> Certificate:
        first_issued = (
            self._areas[area] if wave == 0 else self._away[(wave - 1) * len(self._areas) + area]
        )
        kind = SOCIAL_SECURITY_CARD if rng.random() < 0.04 else RESIDENT_CARD
        return Certificate(kind, _number(first_issued, born), _sex(rng), born, self._areas[area])

    def _travel(self, ordinal: int, rng: Random) -> Certificate:
        """Travel permits begin with 0, which is not issued."""
        kind, letter, home = _TRAVEL.draw(rng)
        applicant = (ordinal * self._lane.lanes + self._lane.number) % 10_000_000
        slots = self._slots[-1]
        born = slots.first_day + timedelta(days=int(rng.random() * slots.days) * slots.stride)
        sex = "1" if rng.random() < 0.5 else "2"
        return Certificate(kind, f"{letter}0{applicant:07d}", sex, born, home)


def _seating(rng: Random) -> tuple[tuple[int, int, int], ...]:
    """For each of a hundred people in a row: their seat, their rank in it, the seat's size."""
    sizes = (*(seats for _, _, seats in _BANDS), _PERMIT_SEATS, _TRAVEL_SEATS)
    seats = [seat for seat, size in enumerate(sizes) for _ in range(size)]
    rng.shuffle(seats)
    return tuple((seat, seats[:at].count(seat), sizes[seat]) for at, seat in enumerate(seats))


def _slots(
    areas: tuple[str, ...], birth_days: tuple[date, int], lane: Partition, rng: Random
) -> _Slots:
    first_day, all_days = birth_days
    days = (all_days - lane.number + lane.lanes - 1) // lane.lanes
    size = len(areas) * days
    step = max(1, int(size * 0.618))
    while gcd(step, size) != 1:
        step += 1
    first = first_day + timedelta(days=lane.number)
    return _Slots(areas, first, days, lane.lanes, step, rng.randrange(size))


def _birth_days(today: date, young: int, old: int) -> tuple[date, int]:
    """The first birth date of who is `young` to `old` years of age (not included), and how many."""
    first = _years_before(today, old) + timedelta(days=1)
    last = _years_before(today - timedelta(days=_YOUNGEST_SINCE_DAYS), young)
    if young > _BANDS[0][0]:
        last = _years_before(today, young)
    return first, (last - first).days + 1


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February of a year that has none
        return day.replace(year=day.year - years, day=28)


def _number(area: str, born: date) -> str:
    first_17 = f"{area}{born:%Y%m%d}{_SEQUENCE}"
    return first_17 + check_character(first_17)


def _sex(rng: Random) -> str:
    return "1" if rng.random() < 0.02 else "2"
