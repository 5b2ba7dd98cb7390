"""往返: how far each application has come, and what all of them add up to."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final

_MS: Final = timedelta(milliseconds=1)


class Station(IntEnum):
    """The stations of the way there and back, in order."""

    FILED = 0  # filed and forwarded
    TAKEN = 1  # the gateway has taken it over
    HANDED = 2  # the agency has its dispatch
    DECIDED = 3  # the gateway has taken the agency's result
    BACK = 4  # the result is in the national book


STATION_NAMES: Final[Mapping[Station, str]] = {
    Station.FILED: "国家端",
    Station.TAKEN: "网关",
    Station.HANDED: "机构",
    Station.DECIDED: "网关",
    Station.BACK: "国家端",
}


@dataclass(frozen=True, slots=True)
class Trip:
    """One application on its way; instants are UTC, `due_on` is a Beijing date as text.

    `effects` counts results in the national book, `dispatches` and `decisions` how many the
    agencies' books have; more than one of any is a doubling. `answer` is the gateway's last word
    on the agency's result, when that was a refusal.
    """

    number: str
    place: str
    station: Station
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
    def took_ms(self) -> float | None:
        """There-and-back time: from its filing to its result in the national book."""
        return None if self.back_at is None else (self.back_at - self.filed_at) / _MS


@dataclass(frozen=True, slots=True)
class Tally:
    """What the trips add up to; times in milliseconds, None while none is back.

    `under_way` are neither back nor held at the gateway; lost, once nothing moves any more.
    """

    count: int
    back: int
    held: int
    under_way: int
    doubled: int
    p50_ms: float | None
    p99_ms: float | None
    longest_ms: float | None

    @property
    def is_whole(self) -> bool:
        """Whether everything is back, and nothing twice."""
        return self.back == self.count and self.doubled == 0


def tally(trips: Iterable[Trip], held: int = 0) -> Tally:
    """Add up; `held` is how many the gateway says it holds for a person."""
    listed = list(trips)
    times = sorted(trip.took_ms for trip in listed if trip.took_ms is not None)
    away = len(listed) - len(times)
    return Tally(
        count=len(listed),
        back=len(times),
        held=min(held, away),
        under_way=away - min(held, away),
        doubled=sum(trip.is_doubled for trip in listed),
        p50_ms=percentile(times, 50),
        p99_ms=percentile(times, 99),
        longest_ms=times[-1] if times else None,
    )


def percentile(ordered: Sequence[float], percent: int) -> float | None:
    """Return the nearest-rank percentile of ascending values; None when there is none."""
    if not ordered:
        return None
    return ordered[max(math.ceil(len(ordered) * percent / 100), 1) - 1]


def spoken_ms(milliseconds: float | None) -> str:
    """Return a duration as a person reads it: 41 ms, 1.27 s, 3 min 05 s; «–» for none."""
    if milliseconds is None:
        return "–"
    if milliseconds < 1000:
        return f"{milliseconds:.0f} ms"
    if milliseconds < 60_000:
        return f"{milliseconds / 1000:.2f} s"
    minutes, seconds = divmod(round(milliseconds / 1000), 60)
    return f"{minutes} min {seconds:02d} s"
