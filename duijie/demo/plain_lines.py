"""逐行输出: progress for a log or a pipe, a line for each application or each tenth of them."""

from collections.abc import Iterator, Sequence
from typing import Final

from duijie.demo.progress import ApplicationProgress, add_up, format_ms

_MAX_SINGLE_LINES: Final = 50  # applications; beyond, one line for every tenth of them


class PlainLines:
    """Turns one reading after another into the lines that are new."""

    def __init__(self, expected: int) -> None:
        self._expected = expected
        self._printed: set[str] = set()
        self._tenths = 0

    def new_lines(self, applications: Sequence[ApplicationProgress]) -> Iterator[str]:
        """Yield the lines that are new since the last reading."""
        for one in applications:
            if one.is_back and one.number not in self._printed:
                self._printed.add(one.number)
                yield from self._line_of_one(one)
        yield from self._line_of_all(applications)

    def _line_of_one(self, one: ApplicationProgress) -> Iterator[str]:
        if self._expected <= _MAX_SINGLE_LINES:
            route = f"{one.place} → {one.agency or '？'} → 部端"
            yield f"{one.number} {route}，用时 {format_ms(one.duration_ms)}"

    def _line_of_all(self, applications: Sequence[ApplicationProgress]) -> Iterator[str]:
        totals = add_up(applications)
        tenths = 10 * totals.back // self._expected
        if self._expected > _MAX_SINGLE_LINES and tenths > self._tenths:
            self._tenths = tenths
            median = format_ms(totals.p50_ms)
            yield f"已回到部端 {totals.back}/{self._expected}，中位用时 {median}"
