"""The second port: whether the process lives, whether it can work, and its figures."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from aiohttp import web

from gateway.domain.deadline import BEIJING
from gateway.errors import StoreUnavailable
from gateway.metrics import Metrics
from gateway.ports import Now
from gateway.ports.store import Store
from gateway.ports.views import FlowFigures, Views
from gateway.web.connection_limiter import ConnectionLimiter

PROBE_S: Final = 2.0
_FIGURES_KEEP: Final = timedelta(seconds=5)
_TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"

Probe = Callable[[], Awaitable[None]]


class HealthApi:
    """`/livez`, `/readyz`, `/metrics`; tells no version and no personal value."""

    def __init__(self, *, store: Store, probe: Probe, metrics: Metrics, now: Now) -> None:
        self._store, self._probe, self._metrics, self._now = store, probe, metrics, now
        self._shown_at: datetime | None = None
        self.ready = False  # keys loaded, not draining, store not broken

    def app(self, limiter: ConnectionLimiter) -> web.Application:
        """Return the application that serves them behind `limiter`."""
        app = web.Application(client_max_size=0, middlewares=[limiter.watching()])
        app.router.add_get("/livez", self.livez)
        app.router.add_get("/readyz", self.readyz)
        app.router.add_get("/metrics", self.metrics)
        return app

    async def livez(self, request: web.Request) -> web.Response:
        """The event loop turns; depends on nothing."""
        return web.Response(text="alive\n")

    async def readyz(self, request: web.Request) -> web.Response:
        """A real write succeeds in time, keys are loaded, and we are not draining."""
        if not self.ready:
            return web.Response(status=503, text="not ready\n")
        try:
            async with asyncio.timeout(PROBE_S):
                await self._probe()
        except (StoreUnavailable, TimeoutError):
            return web.Response(status=503, text="store not writable\n")
        return web.Response(text="ready\n")

    async def metrics(self, request: web.Request) -> web.Response:
        """Everything counted, and the gauges read from the ledger at most every five seconds."""
        now = self._now()
        if self._shown_at is None or now - self._shown_at >= _FIGURES_KEEP:
            await self._show(now)
            self._shown_at = now
        return web.Response(body=self._metrics.written(), headers={"Content-Type": _TEXT})

    async def _show(self, now: datetime) -> None:
        today = now.astimezone(BEIJING).date()

        def view(views: Views) -> tuple[FlowFigures, int]:
            figures = views.figures(today)
            by_tomorrow = views.figures(today + timedelta(days=1)).overdue
            return figures, by_tomorrow - figures.overdue

        try:
            figures, due_today = await self._store.look(view)
        except StoreUnavailable:
            return
        self._metrics.show(figures, due_today=due_today, now=now)
