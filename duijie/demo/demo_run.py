"""演示往返: files the applications and follows them until all are back or nothing moves."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Final

from duijie.clients.control_client import ControlClient
from duijie.demo.display import Display
from duijie.demo.progress import Totals, add_up
from duijie.demo.watch import Snapshot, Watch

IDLE_TIMEOUT_S: Final = 30.0
IDLE_TIMEOUT_PER_APPLICATION_S: Final = 0.05
_PACED_FILING_S: Final = 4.0  # a person watches them come one by one for so long
_PACED_BATCHES: Final = 40
_MANY: Final = 500  # applications; from here on a read costs much, so reads are rare
_RARE_READS_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class FilingOptions:
    """What is to be filed: how many, from which seed, where; `paced` so that a person can watch."""

    count: int
    seed: int
    places: Sequence[str]
    paced: bool


class DemoRun:
    """One run of applications there and back; `snapshot` is what was read last."""

    def __init__(self, control: ControlClient, watch: Watch, filing: FilingOptions) -> None:
        self._control, self._watch, self._filing = control, watch, filing
        self._began_at: float | None = None
        self._ended_at: float | None = None
        self.snapshot = Snapshot()

    @property
    def seconds(self) -> float:
        """How long the run took, or takes so far."""
        if self._began_at is None:
            return 0.0
        return (self._ended_at or monotonic()) - self._began_at

    def totals(self) -> Totals:
        """Add up what was read last."""
        return add_up(self.snapshot.applications, self.snapshot.held_count)

    async def run(self, display: Display) -> None:
        """File the applications and follow them.

        Raises:
            CliError: The simulator refused, or could not be reached.
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
        """File all at once; where a person watches, in small batches one after another."""
        filing = self._filing
        size = max(filing.count // _PACED_BATCHES, 1) if filing.paced else filing.count
        for start in range(0, filing.count, size):
            batch = min(size, filing.count - start)
            await self._control.file(batch, seed=filing.seed, places=filing.places)
            if filing.paced:
                await asyncio.sleep(_PACED_FILING_S * batch / filing.count)

    async def _follow(self, filing: "asyncio.Task[None]", display: Display) -> None:
        pause_s = display.interval_s if self._filing.count < _MANY else _RARE_READS_S
        last_sum, moved_at = -1, monotonic()
        while True:
            if filing.done():
                filing.result()  # raises what went wrong with it
            self.snapshot = await self._watch.read(due_dates=display.due_dates_per_read)
            display.show(self.snapshot)
            stage_sum = sum(1 + one.stage for one in self.snapshot.applications)
            if stage_sum != last_sum:
                last_sum, moved_at = stage_sum, monotonic()
            if filing.done() and self._is_over(idle_s=monotonic() - moved_at):
                return
            await asyncio.sleep(pause_s)

    def _is_over(self, *, idle_s: float) -> bool:
        timeout_s = IDLE_TIMEOUT_S + IDLE_TIMEOUT_PER_APPLICATION_S * self._filing.count
        totals = self.totals()
        all_seen = totals.count >= self._filing.count and self.snapshot.has_due_dates
        return (all_seen and totals.under_way == 0) or idle_s > timeout_s
