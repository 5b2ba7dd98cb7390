"""A pipeline before one signed endpoint that does as a test plans."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import aiohttp

from gateway.adapters.ledger.store import open_ledger
from gateway.metrics import Metrics
from gateway.ports.ledger import Ledger
from gateway.ports.quarantine import QuarantinedItem
from gateway.ports.store import Store
from gateway.web.authorities import Authorities
from gateway.web.calls import Answer, SignedCall
from gateway.web.endpoints import SignedEndpoint
from gateway.web.keyring import Caller, Keyring, Role
from gateway.web.request_pipeline import RequestPipeline
from gateway.web.signatures import Signatures
from gateway.web.unreadable_requests import refuse_unreadable
from schemas.reference.clock import utc_now
from schemas.signing import Link, Suite, Window, new_key
from storage import sealing_keys
from storage.sealing import Sealer
from tests.builders.records import JINSHUI, MORNING
from tests.support.signing_client import SigningClient
from transport.connection_limiter import ConnectionLimiter, ConnectionLimits
from transport.listen_address import TcpAddress
from transport.listener import Listener, Serving

KEY = new_key("key-agency", Suite.ED25519)
PATH = "/agency/v1/act"
WIDE = ConnectionLimits(per_address=200, sweep_s=0.02)
BY_ADDRESS = Authorities()
BODY = b'{"a":1}'


@dataclass
class Acting:
    """A pipeline before one endpoint, and what the test plans for it."""

    store: Store
    metrics: Metrics
    client: SigningClient
    listener: Listener

    async def kept(self) -> int:
        """Return how many effects there are."""
        return len(await self.store.read(lambda views: views.quarantined(limit=100)))


Plan = Callable[[SignedCall], Awaitable[Answer]]


@asynccontextmanager
async def acting(
    folder: Path,
    plan: Plan,
    *,
    body_s: float = 30.0,
    finish_s: float = 2.0,
    limits: ConnectionLimits = WIDE,
    authorities: Authorities = BY_ADDRESS,
) -> AsyncIterator[Acting]:
    """Serve one endpoint that does as planned."""
    sealer = Sealer(sealing_keys.create(folder / "ledger.json"))
    store = open_ledger(f"sqlite:///{folder}/gateway.db", sealer=sealer, now=utc_now)
    metrics = Metrics(version="0", contract="0")
    limiter = ConnectionLimiter(limits, partial(metrics.count, metrics.connections_cut))
    link = Link(KEY, KEY.public_half())
    keyring = Keyring.of([Caller(Role.AGENCY, JINSHUI, link)], utc_now)
    pipeline = RequestPipeline(
        store=store,
        signatures=Signatures(keyring, Window(), authorities),
        metrics=metrics,
        limiter=limiter,
        body_s=body_s,
    )
    endpoint = SignedEndpoint("act", "POST", PATH, frozenset({Role.AGENCY}), plan)
    app = pipeline.application([endpoint])
    here = TcpAddress("127.0.0.1", 0)
    serving = Serving("listen", here, refuse_unreadable, finish_s=finish_s)
    listener = await Listener.open(app, limiter, serving)
    try:
        async with aiohttp.ClientSession() as session:
            yield Acting(store, metrics, SigningClient(listener.url, link, session), listener)
    finally:
        await listener.finish()
        await store.close()


def an_effect(ledger: Ledger) -> None:
    """Leave something in the ledger, once per transaction."""
    item = QuarantinedItem(JINSHUI, None, "test", "an effect", "0" * 64, b"x", MORNING)
    ledger.quarantine.add([item])
