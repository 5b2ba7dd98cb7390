"""出生日期: pairs of area and birth date, counted through so that none comes twice."""

from dataclasses import dataclass
from datetime import date, timedelta
from math import gcd
from random import Random
from typing import Final, Self

_MAX_PARTITIONS: Final = 500
_YOUNGEST: Final = 16
_YOUNGEST_SINCE_DAYS: Final = 30
"""The youngest have been 16 for a month, so that a spell without work fits in."""
_GOLDEN_RATIO: Final = 0.618  # steps of this share spread what follows in a row


@dataclass(frozen=True, slots=True)
class Partition:
    """One of `count` groups of applicants that never share a birth date; `index` is from 0."""

    index: int
    count: int

    def __post_init__(self) -> None:
        if not 0 <= self.index < self.count <= _MAX_PARTITIONS:
            raise ValueError(
                f"partition {self.index} of {self.count}: at most {_MAX_PARTITIONS} partitions"
            )


@dataclass(frozen=True, slots=True)
class BirthSlots:
    """Pairs of area and birth date, counted through in an order that looks like none."""

    areas: int
    first_day: date
    days: int  # birth dates of this partition
    stride: int  # days between two birth dates of one partition: the number of partitions
    step: int
    start: int

    @classmethod
    def of(
        cls, areas: tuple[str, ...], days: tuple[date, int], partition: Partition, rng: Random
    ) -> Self:
        """Return the slots of a partition: areas by the partition's share of the birth dates.

        `days` are the first birth date of all partitions, and how many there are.
        """
        first_day, all_days = days
        own_days = (all_days - partition.index + partition.count - 1) // partition.count
        size = len(areas) * own_days
        step = max(1, int(size * _GOLDEN_RATIO))
        while gcd(step, size) != 1:
            step += 1
        first = first_day + timedelta(days=partition.index)
        return cls(len(areas), first, own_days, partition.count, step, rng.randrange(size))

    def pair(self, ordinal: int) -> tuple[int, int, date]:
        """Return how often the pairs were used up before, the area's index and a birth date."""
        size = self.areas * self.days
        used_up, slot = divmod(ordinal, size)
        area, day = divmod((slot * self.step + self.start) % size, self.days)
        return used_up, area, self._day(day)

    def draw_day(self, rng: Random) -> date:
        """Return any of the birth dates."""
        return self._day(int(rng.random() * self.days))

    def _day(self, number: int) -> date:
        return self.first_day + timedelta(days=number * self.stride)


def birth_days(today: date, young: int, old: int) -> tuple[date, int]:
    """Return the first birth date of people aged `young` to `old` (not included), and how many."""
    first = _years_before(today, old) + timedelta(days=1)
    last = _years_before(today - timedelta(days=_YOUNGEST_SINCE_DAYS), young)
    if young > _YOUNGEST:
        last = _years_before(today, young)
    return first, (last - first).days + 1


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February of a year that has none
        return day.replace(year=day.year - years, day=28)
