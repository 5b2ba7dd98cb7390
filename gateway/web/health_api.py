"""The second port: whether the process lives, whether it can work, and its figures."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from typing import Final

from gateway.ledger_gauges import set_ledger_gauges
from gateway.metrics import Metrics
from gateway.ports.store import Store
from gateway.web.calls import Answer, Call
from gateway.web.endpoints import Reach, UnsignedEndpoint
from schemas.reference.clock import Now, beijing_date
from storage.errors import StoreUnavailable

PROBE_S: Final = 1.5
"""Readiness is true within two seconds, the way of the question included."""
MOST_PROBES: Final = 4
_FIGURES_KEEP: Final = timedelta(seconds=5)
_PLAIN: Final = "text/plain; charset=utf-8"
_EXPOSITION: Final = "text/plain; version=0.0.4; charset=utf-8"

Probe = Callable[[], Awaitable[None]]


class HealthApi:
    """`/livez`, `/readyz`, `/metrics`; tells no version and no personal value."""

    def __init__(
        self,
        *,
        store: Store,
        probe: Probe,
        metrics: Metrics,
        now: Now,
        monotonic: Now | None = None,
        warned_until: Callable[[date], date] | None = None,
    ) -> None:
        """Serve; how old the figures are goes by `monotonic`, or by `now` where it never steps.

        `warned_until` says for a Beijing date which due date is the last that is warned of.
        """
        self._warned_until = warned_until
        self._store, self._probe, self._metrics, self._now = store, probe, metrics, now
        self._monotonic = monotonic or now
        self._probes: set[asyncio.Future[bool]] = set()
        self._shown_at: datetime | None = None
        self._showing: asyncio.Task[None] | None = None
        self.ready = False  # keys loaded, not draining, store not broken

    def endpoints(self) -> tuple[UnsignedEndpoint, ...]:
        """Return what is served, to anybody who reaches the second port."""
        return (
            UnsignedEndpoint("livez", "GET", "/livez", Reach.ANYBODY, self.livez),
            UnsignedEndpoint("readyz", "GET", "/readyz", Reach.ANYBODY, self.readyz),
            UnsignedEndpoint("metrics", "GET", "/metrics", Reach.ANYBODY, self.metrics),
        )

    async def livez(self, call: Call) -> Answer:
        """The event loop turns; depends on nothing."""
        return _text("alive")

    async def readyz(self, call: Call) -> Answer:
        """A real write succeeds in time, keys are loaded, and the gateway is not draining."""
        if not self.ready:
            return _text("not ready", status=503)
        if not await self._can_write():
            return _text("store not writable", status=503)
        return _text("ready")

    async def _can_write(self) -> bool:
        """Say whether a real write succeeds within the time that a probe has.

        A write that hangs is not cancelled and holds up no later one; only a few hang at a time.
        """
        waits = set(self._probes)
        if len(self._probes) < MOST_PROBES:
            probe = asyncio.ensure_future(self._write())
            self._probes.add(probe)
            probe.add_done_callback(self._probes.discard)
            waits = {probe}
        done, _ = await asyncio.wait(waits, timeout=PROBE_S, return_when=asyncio.FIRST_COMPLETED)
        return any(probe.result() for probe in done)

    async def _write(self) -> bool:
        try:
            await self._probe()
        except Exception:  # noqa: BLE001 -- whatever it is, writing failed
            return False
        return True

    async def metrics(self, call: Call) -> Answer:
        """Everything counted, and the gauges read from the ledger at most every five seconds.

        Scrapes at the same time wait for one reading, which goes on when one of them goes away.
        """
        at = self._monotonic()
        if self._shown_at is None or at - self._shown_at >= _FIGURES_KEEP:
            if self._showing is None or self._showing.done():
                self._showing = asyncio.create_task(self._show(self._now()))
            await asyncio.shield(self._showing)
            self._shown_at = at
        return Answer(self._metrics.exposition(), media_type=_EXPOSITION)

    async def _show(self, now: datetime) -> None:
        today = beijing_date(now)
        warned = None if self._warned_until is None else self._warned_until(today)
        try:
            figures = await self._store.read(lambda views: views.figures(today, warned))
        except StoreUnavailable:
            return
        set_ledger_gauges(self._metrics, figures, now=now)


def _text(line: str, *, status: int = 200) -> Answer:
    return Answer(f"{line}\n".encode("ascii"), status, _PLAIN)
