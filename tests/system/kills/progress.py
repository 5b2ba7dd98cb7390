"""进度: how far a long campaign is: a line a minute, or a bar on a terminal."""

import sys
import time
from collections.abc import Callable
from typing import Final, TextIO

EVERY_S: Final = 60.0
_BAR: Final = 40


class CampaignProgress:
    """Counts what is done of `total`; `what` names it in the plural, as `kills`."""

    def __init__(
        self,
        total: int,
        what: str,
        stream: TextIO = sys.stderr,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._total, self._what = total, what
        self._stream, self._clock_s = stream, clock_s
        self._began_s = self._said_s = clock_s()
        self.done = 0

    def step(self) -> None:
        """Count one more, and say so when it is time."""
        self.done += 1
        now_s = self._clock_s()
        if self._stream.isatty():
            filled = _BAR * self.done // self._total
            end = "\n" if self.done == self._total else ""
            bar = f"\r[{'#' * filled:<{_BAR}}] {self._line(now_s)}"
            self._stream.write(bar + end)
        elif now_s - self._said_s >= EVERY_S or self.done == self._total:
            self._said_s = now_s
            self._stream.write(self._line(now_s) + "\n")
        self._stream.flush()

    def _line(self, now_s: float) -> str:
        return f"{self.done}/{self._total} {self._what}, {now_s - self._began_s:.0f} s"
