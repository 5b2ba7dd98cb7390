"""指标: what was measured, beside the limit measured in the same run, and whether it suffices."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

Side = TypeVar("Side")


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table.

    `runs` are our values, `limits` those of the limit in the same rounds (none where the target is
    absolute). `ratio` is the median over the rounds, since a machine that slows down for a while
    slows both. `minimum` or `maximum` is the target for `judged`.
    """

    name: str
    what: str
    unit: str
    runs: tuple[float, ...]
    limits: tuple[float, ...] = ()
    minimum: float | None = None
    maximum: float | None = None

    @property
    def value(self) -> float:
        """The median of our values."""
        return median(self.runs)

    @property
    def limit(self) -> float | None:
        """The median of the limit's values."""
        return median(self.limits) if self.limits else None

    @property
    def ratio(self) -> float | None:
        """Ours over the limit's, round by round; None without a limit."""
        if not self.limits:
            return None
        return median(ours / limit for ours, limit in zip(self.runs, self.limits, strict=True))

    @property
    def judged(self) -> float:
        """The number that the target is for: the ratio where there is a limit, else the value."""
        return self.value if self.ratio is None else self.ratio

    @property
    def reached(self) -> bool | None:
        """Whether the target is reached; None without a target."""
        if self.minimum is None and self.maximum is None:
            return None
        low = self.minimum is None or self.judged >= self.minimum
        return low and (self.maximum is None or self.judged <= self.maximum)

    @property
    def target(self) -> str:
        """The target in words."""
        sign, bound = ("≥", self.minimum) if self.minimum is not None else ("≤", self.maximum)
        if bound is None:
            return "–"
        return f"{sign} {bound:g}×" if self.limits else f"{sign} {bound:g} {self.unit}"


def in_turn(sides: Sequence[Side], turn: int) -> Sequence[Side]:
    """Return the sides in another order each turn, so that none always goes first."""
    first = turn % len(sides)
    return (*sides[first:], *sides[:first])


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that `percent` of the values do not exceed."""
    ordered = sorted(values)
    place = max(0, -(-len(ordered) * percent // 100) - 1)
    return ordered[int(place)]
