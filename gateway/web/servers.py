"""The listening addresses: for agencies, for probes, and for the console on this machine."""

import asyncio
import ssl
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Self

from gateway.metrics import Metrics
from gateway.ports.store import Store
from gateway.web.connection_limiter import ConnectionLimiter, ConnectionLimits
from gateway.web.endpoints import Endpoint
from gateway.web.listener import FINISH_S, Listener
from gateway.web.request_pipeline import RequestPipeline
from gateway.web.signatures import Signatures
from schemas.signing.listen_address import ListenAddress


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
    tls: ssl.SSLContext | None = None

    async def open(self, dependencies: ServerDependencies, *, counted: bool = True) -> Listener:
        """Listen; see `RequestPipeline` for `counted`.

        Raises:
            Misconfigured: The address cannot be taken.
        """
        limiter = ConnectionLimiter(dependencies.metrics, dependencies.limits)
        pipeline = RequestPipeline(
            store=dependencies.store,
            signatures=dependencies.signatures,
            metrics=dependencies.metrics,
            limiter=limiter,
            counted=counted,
        )
        app = pipeline.application(self.endpoints)
        return await Listener.open(
            app,
            limiter,
            address=self.address,
            setting=self.setting,
            tls=self.tls,
            finish_s=self.finish_s,
        )


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
