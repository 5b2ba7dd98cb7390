"""A figure: what was measured, beside the limit measured in the same run, and the verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table.

    `runs` are our values, `limits` the limit's in the same rounds (empty where the target is
    absolute); `ratio` is the median of the rounds' own ratios, so a machine that slows down for a
    while slows both. `least` or `most` is the target on `judged`.
    """

    name: str
    what: str
    unit: str
    runs: tuple[float, ...]
    limits: tuple[float, ...] = ()
    least: float | None = None
    most: float | None = None

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
        """What the target is about: the ratio where there is a limit, else the value."""
        return self.value if self.ratio is None else self.ratio

    @property
    def reached(self) -> bool:
        """Whether the target is reached."""
        low = self.least is None or self.judged >= self.least
        return low and (self.most is None or self.judged <= self.most)

    @property
    def target(self) -> str:
        """The target in words."""
        sign, bound = ("≥", self.least) if self.least is not None else ("≤", self.most)
        if bound is None:
            return "–"
        return f"{sign} {bound:g}×" if self.limits else f"{sign} {bound:g} {self.unit}"


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that `percent` of the values do not exceed."""
    ordered = sorted(values)
    place = max(0, -(-len(ordered) * percent // 100) - 1)
    return ordered[int(place)]
