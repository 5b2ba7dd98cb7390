"""Weighted choice (加权抽取): values and their weights, drawn with a given random generator."""

from bisect import bisect
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

Value = TypeVar("Value")


class WeightedChoice(Generic[Value]):
    """Values and how often each comes up, relative to the others."""

    __slots__ = ("_limits", "_values")

    def __init__(self, *shares: tuple[Value, int]) -> None:
        self._values = tuple(value for value, _ in shares)
        self._limits = tuple(accumulate(share for _, share in shares))

    def draw(self, rng: Random) -> Value:
        """Return one value; a generator of the same seed gives the same values."""
        return self._values[bisect(self._limits, rng.random() * self._limits[-1])]


def seeded_random(seed: int | str) -> Random:
    """Return a random generator; the same seed gives the same draws on every machine."""
    return Random(seed)  # noqa: S311 - chance for a simulation, no secret


def choose(rng: Random, values: tuple[Value, ...]) -> Value:
    """Return one of the values, each as likely as the other."""
    return values[int(rng.random() * len(values))]
