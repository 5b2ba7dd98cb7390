"""进度: how far each application has come, and what all of them add up to."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final

_MS: Final = timedelta(milliseconds=1)


class Stage(IntEnum):
    """The stages of an application on its way there and back, in order."""

    FILED = 0  # filed and forwarded
    ACCEPTED = 1  # the gateway has it
    DISPATCHED = 2  # the agency has its dispatch
    DECIDED = 3  # the gateway has the agency's result
    BACK = 4  # the result is in the national book


STAGE_NAMES: Final[Mapping[Stage, str]] = {
    Stage.FILED: "部端",
    Stage.ACCEPTED: "网关",
    Stage.DISPATCHED: "经办机构",
    Stage.DECIDED: "网关",
    Stage.BACK: "部端",
}


@dataclass(frozen=True, slots=True)
class ApplicationProgress:
    """One application on its way; instants are UTC, `due_on` is a Beijing date as text.

    `effects` counts results in the national book, `dispatches` and `decisions` those in the
    agencies' books; more than one of any is a doubling. `answer` is the code with which the gateway
    last refused the agency's result, if it did.
    """

    number: str
    place: str
    stage: Stage
    filed_at: datetime
    back_at: datetime | None = None
    agency: str = ""
    due_on: str = ""
    effects: int = 0
    dispatches: int = 0
    decisions: int = 0
    answer: str = ""

    @property
    def is_back(self) -> bool:
        """Whether its result is in the national book."""
        return self.back_at is not None

    @property
    def is_doubled(self) -> bool:
        """Whether something of it happened twice."""
        return max(self.effects, self.dispatches, self.decisions) > 1

    @property
    def duration_ms(self) -> float | None:
        """Time there and back: from its filing to its result in the national book."""
        return None if self.back_at is None else (self.back_at - self.filed_at) / _MS


@dataclass(frozen=True, slots=True)
class Totals:
    """What the applications add up to; times in milliseconds, None while none is back.

    `under_way` counts those neither back nor held; once nothing moves any more, they are lost.
    """

    count: int
    back: int
    held: int
    under_way: int
    doubled: int
    p50_ms: float | None
    p99_ms: float | None
    max_ms: float | None

    @property
    def is_complete(self) -> bool:
        """Whether everything is back, and nothing twice."""
        return self.back == self.count and self.doubled == 0


def add_up(applications: Iterable[ApplicationProgress], held: int = 0) -> Totals:
    """Add up; `held` is how many cases the gateway holds for a person."""
    listed = list(applications)
    times = sorted(one.duration_ms for one in listed if one.duration_ms is not None)
    away = len(listed) - len(times)
    return Totals(
        count=len(listed),
        back=len(times),
        held=min(held, away),
        under_way=away - min(held, away),
        doubled=sum(one.is_doubled for one in listed),
        p50_ms=percentile(times, 50),
        p99_ms=percentile(times, 99),
        max_ms=times[-1] if times else None,
    )


def percentile(ordered: Sequence[float], percent: int) -> float | None:
    """Return the nearest-rank percentile of ascending values; None when there is none."""
    if not ordered:
        return None
    return ordered[max(math.ceil(len(ordered) * percent / 100), 1) - 1]


def format_ms(milliseconds: float | None) -> str:
    """Return a duration for a person: 41 ms, 1.27 s, 3 min 05 s; «–» for none."""
    if milliseconds is None:
        return "–"
    if milliseconds < 1000:
        return f"{milliseconds:.0f} ms"
    if milliseconds < 60_000:
        return f"{milliseconds / 1000:.2f} s"
    minutes, seconds = divmod(round(milliseconds / 1000), 60)
    return f"{minutes} min {seconds:02d} s"
