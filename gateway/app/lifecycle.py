"""The life of a gateway: it opens, starts, runs until it is asked to stop, and drains in order."""

import asyncio
import importlib.metadata
import logging
import random
from collections.abc import Collection, Coroutine, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Final

from gateway.adapters.ledger.store import LedgerStore
from gateway.app.agency_check import check_agencies
from gateway.app.build import Parts, build
from gateway.app.build_context import BuildContext
from gateway.app.directory_import import take_directory_from_settings, use_directories
from gateway.app.interfaces import build_interfaces, serve
from gateway.app.ledger_keys_check import check_ledger_keys
from gateway.app.rules import check_divisions, usable_editions
from gateway.app.watcher import watch_event_loop
from gateway.config import Settings
from gateway.domain.retry_policy import Jitter
from gateway.events import Facts, say
from gateway.flows.failpoints import FailpointHook, no_hook
from gateway.flows.page_result import IngestedItem
from gateway.jobs.garbage_collection import settle_memory
from gateway.jobs.maintenance import MAINTENANCE_TICK_S
from gateway.jobs.reconcile import RECONCILE_TICK_S, ReconcileLoop
from gateway.jobs.relay import RelayLoop
from gateway.jobs.ticks import Ticks
from gateway.metrics import Metrics
from gateway.ports.directory import DIRECTORY
from gateway.web.contract_page import Page
from gateway.web.health_api import HealthApi
from gateway.web.long_poll import Notifier
from gateway.web.servers import Servers
from schemas.records.version import CONTRACT_VERSION
from schemas.reference.clock import Now, utc_now
from storage.lease_clock import LeaseClock
from storage.replication import Replication
from transport.connection_limiter import ConnectionLimits

LOG: Final = logging.getLogger(__name__)
DRAIN_S: Final = 20.0
"""What loops and requests in hand may take of the 30 s that a drain may; at the same time."""
RELAY_TICK_S: Final = 15


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the gateway listens: base URLs, real ports; the console may be `unix:` and a path."""

    listen: str
    health: str
    console: str


class Gateway:
    """One gateway: `open` makes its parts, `start` serves and runs, `drain` ends it in order."""

    def __init__(
        self,
        settings: Settings,
        *,
        now: Now | None = None,
        hook: FailpointHook = no_hook,
        jitter: Jitter = random.random,
        page: Page | None = None,
        limits: ConnectionLimits | None = None,
    ) -> None:
        """Prepare a gateway.

        Args:
            settings: Where it is, whom it connects, where its ledger is.
            now: A clock that everything goes by; without one the machine's, and leases and waits go
                by clocks of their own, which no step of the machine's moves.
            hook: Told of each failpoint.
            jitter: Chance.
            page: The contract to read, which the gateway cannot import.
            limits: What each listening address allows; without them what the settings say.
        """
        self.metrics = Metrics(
            version=importlib.metadata.version("duijie"), contract=CONTRACT_VERSION
        )
        self._settings, self._page = settings, page
        per_address = settings.connections_per_address
        self._limits = limits or ConnectionLimits(per_address=per_address)
        lease_clock, monotonic = (LeaseClock(), LeaseClock()) if now is None else (None, None)
        self._context = BuildContext(
            now or utc_now, jitter, hook, self.metrics, lease_clock, monotonic
        )
        self._notifier = Notifier()
        self._closing = AsyncExitStack()
        self._ticks = Ticks()
        self._parts: Parts | None = None
        self._servers: Servers | None = None
        self._health: HealthApi | None = None
        self._loops: list[asyncio.Task[None]] = []
        self._watcher: asyncio.Task[None] | None = None
        self._failed: asyncio.Event = asyncio.Event()
        self._failure: str | None = None

    @property
    def addresses(self) -> Addresses:
        """Where it listens; only after `start`."""
        if self._servers is None:
            raise RuntimeError("the gateway is not started")
        servers = self._servers
        return Addresses(servers.main.url, servers.health.url, servers.console.url)

    @property
    def store(self) -> LedgerStore:
        """The ledger's store; only while open."""
        return self._opened().store

    async def open(self) -> None:
        """Read rules and keys, open the store, make the clients; a second time does nothing.

        Raises:
            Misconfigured, StoreMisconfigured: Which setting or file is wrong, and the cure; also
                where an agency is missing that has open cases, or a key that rows need.
        """
        if self._parts is None:
            parts = build(
                self._settings, self._context, closing=self._closing, on_broken=self._store_broke
            )
            with usable_editions():
                await parts.rules.refresh()
            check_divisions(self._settings, (parts.rules.base, *parts.rules.editions))
            await check_agencies(parts.store, [one.code for one in self._settings.agency])
            await check_ledger_keys(parts.store, parts.keys.sealer.epochs, now=self._context.now)
            await parts.key_rotation.reserve()
            await self._open_directory(parts)
            self._parts = parts
            if parts.store.replication is Replication.ASYNCHRONOUS:
                say(LOG, logging.WARNING, "store.standby-asynchronous")

    async def _open_directory(self, parts: Parts) -> None:
        """Go by the directory in the ledger; the first time it is that of the settings."""
        store, now = parts.store, self._context.now
        await take_directory_from_settings(
            self._settings, parts.rules.base, store=store, now=now, hook=self._context.hook
        )
        await use_directories(parts.directory.in_use, store=store, now=now)

    async def start(self) -> None:
        """Open, serve, and run the loops; returns once it is ready."""
        await self.open()
        parts = self._opened()
        interfaces = build_interfaces(
            parts,
            self._context,
            notifier=self._notifier,
            page=self._page,
            warn_working_days=self._settings.warn_working_days,
        )
        self._servers = await serve(
            interfaces, parts, self._context, settings=self._settings, limits=self._limits
        )
        self._health = interfaces.health
        parts.store.subscribe(self._wake)
        self._loops = [self._spawn(loop.run()) for loop in parts.loops]
        self._watcher = self._spawn(watch_event_loop(self.metrics))
        self._ticks.every(self._settings.poll_every_s, "poll", parts.intake.wake_event.wake)
        self._ticks.every(RELAY_TICK_S, "relay", partial(_wake_all, parts.relays))
        self._ticks.every(MAINTENANCE_TICK_S, "maintenance", parts.maintenance.wake_event.wake)
        self._ticks.every(RECONCILE_TICK_S, "reconcile", parts.reconcile.wake_event.wake)
        self._ticks.start()
        self._health.ready = True
        say(LOG, logging.INFO, "gateway.ready", address=self.addresses.listen)

    def reload_keys(self) -> None:
        """Read the key files again; what runs goes on, a bad file leaves the keys in force."""
        if self._parts is not None:
            self._parts.keys.reload()
            self._parts.key_rotation.wake_event.wake()

    def reload_tls(self) -> None:
        """Read the certificate files again, for the handshakes to come; a bad file changes none."""
        if self._parts is not None:
            self._parts.tls.reload()

    def reload_files(self) -> None:
        """Read the files of keys and of certificates again; either may be refused for itself."""
        self.reload_keys()
        self.reload_tls()

    async def poll_once(self) -> tuple[IngestedItem, ...]:
        """Take over what is waiting at the portal now; works without `start`.

        Raises:
            PeerUnavailable, PeerRefused, StoreUnavailable: What was taken before stays taken.
        """
        await self.open()
        return await self._opened().intake.ingest_waiting()

    async def reconciling(self) -> ReconcileLoop:
        """Open, and return what compares a day with the national side's statement by command."""
        await self.open()
        return self._opened().reconcile

    async def reserve_key_uses(self) -> None:
        """Reserve what a long command seals next: no loop does, as none runs."""
        await self._opened().key_rotation.reserve()

    async def run_until(self, stop: asyncio.Event) -> int:
        """Run until `stop` is set or the gateway cannot go on; drain; return the exit code."""
        settle_memory()
        waits = [asyncio.create_task(event.wait()) for event in (stop, self._failed)]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        await self.drain()
        return 1 if self._failure else 0

    async def drain(self) -> None:
        """End in order: not ready, no new connection, what runs finishes, the store closes."""
        say(LOG, logging.INFO, "gateway.draining")
        servers, parts = self._servers, self._parts
        self._end_readiness()
        if servers is not None:
            await servers.close()
        self._notifier.close()
        self._ticks.stop()
        if parts is not None:
            for loop in parts.loops:
                loop.stop()
        finishing = (
            [self._end_tasks()] if servers is None else [self._end_tasks(), servers.finish_work()]
        )
        await asyncio.gather(*finishing)
        if parts is not None:
            await parts.key_rotation.give_back()
        await self._closing.aclose()  # clients, then the store
        if servers is not None:
            await servers.health.finish()
        self._parts = self._servers = None
        say(LOG, logging.INFO, "gateway.ended")

    async def _end_tasks(self) -> None:
        """Wait for the stopped loops; one that is not done in time is cancelled: leases expire."""
        if self._loops:
            _, late = await asyncio.wait(self._loops, timeout=DRAIN_S)
            await _cancel(late)
        if self._watcher is not None:
            await _cancel([self._watcher])

    def _opened(self) -> Parts:
        if self._parts is None:
            raise RuntimeError("the gateway is not open")
        return self._parts

    def _wake(self, peers: set[str]) -> None:
        """Wake the loops that send to, and the requests that wait for, peers with new messages."""
        self._notifier.notify(peers)
        if self._parts is not None and DIRECTORY in peers:
            self._parts.directory.wake()
        for relay in self._parts.relays if self._parts else ():
            if relay.peer in peers:
                relay.wake_event.wake()

    def _spawn(self, run: Coroutine[object, object, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(run)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: "asyncio.Task[None]") -> None:
        """A loop that ends with an error is a defect: better to stop and be started again."""
        if not task.cancelled() and (exc := task.exception()) is not None:
            say(LOG, logging.CRITICAL, "loop.failed", raised=exc)
            self._fail("loop.failed")

    def _end_readiness(self) -> None:
        if self._health is not None:
            self._health.ready = False

    def _store_broke(self, code: str) -> None:
        self._fail("store.broken", code)

    def _fail(self, reason: str, code: str = "") -> None:
        self._end_readiness()
        self._failure = reason
        self._failed.set()
        facts = Facts(reason=reason, code=code) if code else Facts(reason=reason)
        say(LOG, logging.CRITICAL, "gateway.failed", **facts)


def _wake_all(relays: Iterable[RelayLoop]) -> None:
    for relay in relays:
        relay.wake_event.wake()


async def _cancel(tasks: Collection["asyncio.Task[None]"]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
