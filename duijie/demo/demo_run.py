"""往返一趟: files the applications and follows them until all are back or nothing moves."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Final

from duijie.clients.control_client import Control
from duijie.demo.display import Display
from duijie.demo.progress import Tally, tally
from duijie.demo.watch import Picture, Watch

PATIENCE_S: Final = 30.0
PATIENCE_EACH_S: Final = 0.05
_FILING_S: Final = 4.0  # a person watches them come one by one for so long
_STEPS: Final = 40
_MANY: Final = 500  # applications; from here on every look costs, so look seldom
_SELDOM_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be filed: how many, from which seed, where; `paced` so that a person can watch."""

    count: int
    seed: int
    places: Sequence[str]
    paced: bool


class Travel:
    """One round: `run` it; what it saw last stays in `picture`."""

    def __init__(self, control: Control, watch: Watch, wanted: Wanted) -> None:
        self._control, self._watch, self._wanted = control, watch, wanted
        self._began_at: float | None = None
        self._ended_at: float | None = None
        self.picture = Picture()

    @property
    def seconds(self) -> float:
        """How long the round took, or takes so far."""
        if self._began_at is None:
            return 0.0
        return (self._ended_at or monotonic()) - self._began_at

    def sums(self) -> Tally:
        """Add up what was seen last."""
        return tally(self.picture.trips, self.picture.held_count)

    async def run(self, display: Display) -> None:
        """File and follow.

        Raises:
            Trouble: The simulator refused, or could not be reached.
        """
        await self._watch.begin()
        self._began_at = monotonic()
        filing = asyncio.create_task(self._file())
        try:
            with display:
                await self._follow(filing, display)
        finally:
            filing.cancel()
            self._ended_at = monotonic()

    async def _file(self) -> None:
        """File all at once; where a person watches, one after another."""
        wanted = self._wanted
        each = max(wanted.count // _STEPS, 1) if wanted.paced else wanted.count
        for start in range(0, wanted.count, each):
            batch = min(each, wanted.count - start)
            await self._control.file(batch, seed=wanted.seed, places=wanted.places)
            if wanted.paced:
                await asyncio.sleep(_FILING_S * batch / wanted.count)

    async def _follow(self, filing: "asyncio.Task[None]", display: Display) -> None:
        pause_s = display.every_s if self._wanted.count < _MANY else _SELDOM_S
        score, moved_at = -1, monotonic()
        while True:
            if filing.done():
                filing.result()  # raises what went wrong with it
            self.picture = await self._watch.look(dates=display.dates_a_look)
            display.show(self.picture)
            present = sum(1 + trip.station for trip in self.picture.trips)
            if present != score:
                score, moved_at = present, monotonic()
            if filing.done() and self._is_over(idle_s=monotonic() - moved_at):
                return
            await asyncio.sleep(pause_s)

    def _is_over(self, *, idle_s: float) -> bool:
        patience_s = PATIENCE_S + PATIENCE_EACH_S * self._wanted.count
        sums = self.sums()
        everything_seen = sums.count >= self._wanted.count and self.picture.is_dated
        return (everything_seen and sums.under_way == 0) or idle_s > patience_s
