"""逐行输出: the same journey for a log file or a pipe, one line for each thing worth a line."""

from collections.abc import Iterator, Sequence
from typing import Final

from duijie.demo.progress import Trip, spoken_ms, tally

_EACH_UP_TO: Final = 50  # applications; beyond, one line for every tenth of them


class Lines:
    """Says what is new since the last look."""

    def __init__(self, expected: int) -> None:
        self._expected = expected
        self._said: set[str] = set()
        self._tenths = 0

    def news(self, trips: Sequence[Trip]) -> Iterator[str]:
        """Yield the lines that are due now."""
        for trip in trips:
            if trip.is_back and trip.number not in self._said:
                self._said.add(trip.number)
                yield from self._about(trip)
        yield from self._progress(trips)

    def _about(self, trip: Trip) -> Iterator[str]:
        if self._expected <= _EACH_UP_TO:
            way = f"{trip.place} → {trip.agency or '？'} → 国家端"
            yield f"{trip.number} {way}，用时 {spoken_ms(trip.took_ms)}"

    def _progress(self, trips: Sequence[Trip]) -> Iterator[str]:
        sums = tally(trips)
        tenths = 10 * sums.back // self._expected
        if self._expected > _EACH_UP_TO and tenths > self._tenths:
            self._tenths = tenths
            yield f"已回到国家端 {sums.back}/{self._expected}，中位用时 {spoken_ms(sums.p50_ms)}"
