"""The listening addresses: for agencies, for probes, and for the console on this machine."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Self

from gateway.errors import misconfigured
from gateway.metrics import Metrics
from gateway.ports.store import Store
from gateway.web.endpoints import Endpoint
from gateway.web.request_pipeline import RequestPipeline
from gateway.web.signatures import Signatures
from gateway.web.unreadable_requests import refuse_unreadable
from transport.connection_limiter import ConnectionLimiter, ConnectionLimits
from transport.listen_address import ListenAddress
from transport.listener import FINISH_S, Listener, Serving
from transport.tls import TlsInUse


@dataclass(frozen=True, slots=True)
class ServerDependencies:
    """What a server needs beside its endpoints."""

    store: Store
    signatures: Signatures
    metrics: Metrics
    limits: ConnectionLimits


@dataclass(frozen=True, slots=True)
class Site:
    """What is served at the address of one setting; port 0 takes a free one."""

    setting: str
    address: ListenAddress
    endpoints: tuple[Endpoint, ...]
    finish_s: float = FINISH_S
    tls: TlsInUse | None = None

    async def open(self, dependencies: ServerDependencies, *, counted: bool = True) -> Listener:
        """Listen; see `RequestPipeline` for `counted`.

        Raises:
            Misconfigured: The address cannot be taken.
        """
        metrics = dependencies.metrics
        cut = partial(metrics.count, metrics.connections_cut)
        limiter = ConnectionLimiter(dependencies.limits, cut)
        pipeline = RequestPipeline(
            store=dependencies.store,
            signatures=dependencies.signatures,
            metrics=metrics,
            limiter=limiter,
            counted=counted,
        )
        app = pipeline.application(self.endpoints)
        serving = Serving(self.setting, self.address, refuse_unreadable, self.tls, self.finish_s)
        with misconfigured():
            return await Listener.open(app, limiter, serving)


@dataclass(frozen=True, slots=True)
class Sites:
    """What is served to agencies (`main`), to probes (`health`) and to people (`console`)."""

    main: Site
    health: Site
    console: Site


@dataclass(frozen=True, slots=True)
class Servers:
    """The three addresses while they are open."""

    main: Listener
    health: Listener
    console: Listener

    @classmethod
    async def open(cls, dependencies: ServerDependencies, sites: Sites) -> Self:
        """Listen on all; probes and scrapes at `health` are not counted as requests.

        Raises:
            Misconfigured: An address cannot be taken; none is listened on then.
        """
        async with AsyncExitStack() as failed:
            health = await sites.health.open(dependencies, counted=False)
            failed.push_async_callback(health.finish)
            console = await sites.console.open(dependencies)
            failed.push_async_callback(console.finish)
            main = await sites.main.open(dependencies)
            failed.pop_all()
        return cls(main, health, console)

    async def close(self) -> None:
        """Take no new connection, save from those who ask how the gateway is."""
        await asyncio.gather(self.main.close(), self.console.close())

    async def finish_work(self) -> None:
        """Let requests in hand be answered, then end, save for those about the gateway itself."""
        await asyncio.gather(self.main.finish(), self.console.finish())
