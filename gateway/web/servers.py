"""Both listening addresses: the interfaces with the console, and the second port for watchers."""

import ssl
from dataclasses import dataclass
from typing import Self

from gateway.metrics import Metrics
from gateway.ports.store import Store
from gateway.web.connection_limiter import ConnectionLimiter
from gateway.web.endpoints import Endpoint
from gateway.web.listener import Listener
from gateway.web.request_pipeline import RequestPipeline
from gateway.web.signatures import Signatures


@dataclass(frozen=True, slots=True)
class ServerDependencies:
    """What a server needs beside its endpoints."""

    store: Store
    signatures: Signatures
    metrics: Metrics


@dataclass(frozen=True, slots=True)
class Site:
    """A listening address and what is served there; port 0 takes a free one."""

    host: str
    port: int
    endpoints: tuple[Endpoint, ...]
    tls: ssl.SSLContext | None = None

    async def open(self, dependencies: ServerDependencies, *, counted: bool) -> Listener:
        """Listen; see `RequestPipeline` for `counted`.

        Raises:
            Misconfigured: The address cannot be taken.
        """
        limiter = ConnectionLimiter(dependencies.metrics)
        pipeline = RequestPipeline(
            store=dependencies.store,
            signatures=dependencies.signatures,
            metrics=dependencies.metrics,
            limiter=limiter,
            counted=counted,
        )
        app = pipeline.application(self.endpoints)
        return await Listener.open(app, limiter, host=self.host, port=self.port, tls=self.tls)


@dataclass(frozen=True, slots=True)
class Servers:
    """The two addresses while they are open."""

    main: Listener
    health: Listener

    @classmethod
    async def open(cls, dependencies: ServerDependencies, *, main: Site, health: Site) -> Self:
        """Listen on both; probes and scrapes at `health` are not counted as requests.

        Raises:
            Misconfigured: An address cannot be taken.
        """
        watchers = await health.open(dependencies, counted=False)
        try:
            return cls(await main.open(dependencies, counted=True), watchers)
        except BaseException:
            await watchers.finish()
            raise
