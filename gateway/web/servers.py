"""Both listening addresses: the interfaces with the console, and the watchers' port."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

from aiohttp import web

from gateway.flows.failpoints import Reached
from gateway.flows.intake import Rules
from gateway.metrics import Metrics
from gateway.ports import Now
from gateway.ports.store import Store
from gateway.web.agency_api import AgencyApi
from gateway.web.calls import Answer
from gateway.web.connection_limiter import ConnectionLimiter
from gateway.web.console.pages import ConsoleApi
from gateway.web.health_api import HealthApi, Probe
from gateway.web.keyring import Keyring
from gateway.web.listener import Listener
from gateway.web.long_poll import Notifier
from gateway.web.request_pipeline import Gate, PlainHandler
from schemas.records.strict_json import LONGEST_BODY_BYTES
from schemas.signing import Window

HostPort = tuple[str, int]
Page = Callable[[], bytes]
_ONLY_ITSELF: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class Served:
    """What is served, and by which rules."""

    store: Store
    probe: Probe
    rules: Rules
    keyring: Keyring
    window: Window
    metrics: Metrics
    notifier: Notifier
    now: Now
    reached: Reached
    page: Page | None


@dataclass(frozen=True, slots=True)
class Edges:
    """The two addresses while they are open."""

    health_api: HealthApi
    main: Listener
    health: Listener

    @classmethod
    async def open(cls, served: Served, *, listen: HostPort, health: HostPort) -> Self:
        """Listen on both; readiness stays false until somebody sets it.

        Raises:
            Misconfigured: An address cannot be taken.
        """
        watched = HealthApi(
            store=served.store, probe=served.probe, metrics=served.metrics, now=served.now
        )
        limiter = ConnectionLimiter(served.metrics)
        health_limiter = ConnectionLimiter(served.metrics)
        watchers = await Listener.open(
            watched.app(health_limiter), health_limiter, host=health[0], port=health[1]
        )
        try:
            main = await Listener.open(
                _interfaces(served, limiter), limiter, host=listen[0], port=listen[1]
            )
        except BaseException:
            await watchers.finish()
            raise
        return cls(watched, main, watchers)


def _interfaces(served: Served, limiter: ConnectionLimiter) -> web.Application:
    gate = Gate(
        store=served.store,
        keyring=served.keyring,
        window=served.window,
        metrics=served.metrics,
        limiter=limiter,
    )
    app = web.Application(client_max_size=LONGEST_BODY_BYTES, middlewares=[gate.unmatched()])
    agencies = AgencyApi(
        now=served.now, notifier=served.notifier, metrics=served.metrics, reached=served.reached
    )
    gate.mount(app, agencies.endpoints())
    if served.page is not None:
        gate.mount_plain(app, "docs", "/docs", _showing(served.page))
    ConsoleApi(store=served.store, rules=served.rules, now=served.now).mount(app, gate)
    return app


def _showing(page: Page) -> PlainHandler:
    """Serve a page that holds all it needs and may load nothing (契约页), to anybody."""

    async def show(_: web.Request) -> Answer:
        body = await asyncio.to_thread(page)
        policy = {"Content-Security-Policy": _ONLY_ITSELF}
        return Answer(body, media_type="text/html; charset=utf-8", headers=policy)

    return show
