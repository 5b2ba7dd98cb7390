"""The composition root: every part is made here, once, and handed what it needs."""

import asyncio
import importlib.metadata
import logging
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Final

from gateway.adapters.http import SignedClient
from gateway.adapters.ledger.store import LedgerStore, open_ledger
from gateway.adapters.link_keys import read_link
from gateway.adapters.portal import HttpPortal
from gateway.adapters.push import HttpAgencySystem
from gateway.config import Settings, load_rules, require_profile, split_address
from gateway.domain.retry_policy import Spread
from gateway.events import say
from gateway.flows.failpoints import Reached, pass_by
from gateway.flows.intake import Rules, Taken
from gateway.flows.relay import relay_dispatches, relay_reports
from gateway.jobs.garbage_collection import settle_memory
from gateway.jobs.intake import IntakeLoop, IntakeTerms
from gateway.jobs.maintenance import MAINTENANCE_TICK_S, MaintenanceLoop, a_holder
from gateway.jobs.relay import RelayLoop
from gateway.jobs.ticks import Ticks
from gateway.logs import flush_logs
from gateway.metrics import Metrics
from gateway.ports import PORTAL, Now
from gateway.web.servers import Edges, Page, Served
from gateway.web.support import CONTRACT, Caller, Doorbell, Keyring, Role
from schemas.signing import Link, Window
from storage.sealing_keys import load_sealer

LOG: Final = logging.getLogger(__name__)
DRAIN_S: Final = 30.0
RELAY_TICK_S: Final = 15
_WATCH_EVERY_S: Final = 0.5


def utc_now() -> datetime:
    """Return the time: the one place of the gateway that reads a clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the gateway listens: base URLs, real ports."""

    listen: str
    health: str


@dataclass(frozen=True, slots=True)
class _Parts:
    """What lives as long as the gateway is open."""

    store: LedgerStore
    rules: Rules
    keyring: Keyring
    intake: IntakeLoop
    relays: tuple[RelayLoop, ...]
    maintenance: MaintenanceLoop


class Gateway:
    """One gateway: `open` makes its parts, `start` serves and runs, `drain` ends it in order."""

    def __init__(
        self,
        settings: Settings,
        *,
        now: Now = utc_now,
        reached: Reached = pass_by,
        spread: Spread = random.random,
        page: Page | None = None,
    ) -> None:
        self._settings, self._now, self._reached, self._spread = settings, now, reached, spread
        self.metrics = Metrics(version=importlib.metadata.version("duijie"), contract=CONTRACT)
        self._page = page  # the contract to read, handed in: the gateway cannot see what judges it
        self._doorbell = Doorbell()
        self._window = Window(max_age_s=settings.window_s)
        self._closing = AsyncExitStack()
        self._ticks = Ticks()
        self._parts: _Parts | None = None
        self._edges: Edges | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._failed: asyncio.Event = asyncio.Event()
        self._failure: str | None = None

    @property
    def addresses(self) -> Addresses:
        """Where it listens; only after `start`."""
        if self._edges is None:
            raise RuntimeError("the gateway is not started")
        return Addresses(self._edges.main.url, self._edges.health.url)

    @property
    def store(self) -> LedgerStore:
        """The ledger's store; only while open."""
        return self._opened().store

    async def open(self) -> None:
        """Read rules and keys, open the store, make the clients; a second time does nothing.

        Raises:
            Misconfigured, StoreMisconfigured: Which setting or file is wrong, and the cure.
        """
        if self._parts is not None:
            return
        settings = self._settings
        rules = load_rules(settings)
        require_profile(settings)
        portal_link = read_link(settings.portal.key_file, settings.portal.answer_key_file)
        links = {one.code: read_link(one.our_key_file, one.key_file) for one in settings.agency}
        callers = [Caller(Role.AGENCY, code, link) for code, link in links.items()]
        keyring = Keyring.of([Caller(Role.PORTAL, PORTAL, portal_link), *callers], self._now)
        sealer = load_sealer(settings.ledger_keys)
        store = open_ledger(settings.store, sealer=sealer, now=self._now, on_broken=self._fail)
        self._closing.push_async_callback(store.close)
        portal = HttpPortal(self._client(settings.portal.url, portal_link, PORTAL))
        self._parts = _Parts(
            store,
            rules,
            keyring,
            IntakeLoop(portal, store=store, terms=self._terms(rules), metrics=self.metrics),
            tuple(self._relays(portal, store, links)),
            MaintenanceLoop(holder=a_holder(), store=store, now=self._now),
        )
        self._count_the_store(store)

    async def start(self) -> None:
        """Open, serve, and run the loops; returns once it is ready."""
        await self.open()
        parts = self._opened()
        self._edges = await self._serve(parts)
        parts.store.subscribe(self._wake)
        relays = (relay.run() for relay in parts.relays)
        loops = [parts.intake.run(), parts.maintenance.run(), *relays, self._watch()]
        for loop in loops:
            task = asyncio.create_task(loop)
            task.add_done_callback(self._ended)
            self._tasks.append(task)
        self._ticks.every(self._settings.poll_every_s, "poll", parts.intake.alarm.ring)
        for relay in parts.relays:
            self._ticks.every(RELAY_TICK_S, f"relay {relay.peer}", relay.alarm.ring)
        self._ticks.every(MAINTENANCE_TICK_S, "maintenance", parts.maintenance.alarm.ring)
        self._ticks.start()
        self._edges.health_api.ready = True
        say(LOG, logging.INFO, "gateway.ready", address=self.addresses.listen)

    async def poll_once(self) -> tuple[Taken, ...]:
        """Take over what is waiting at the portal now; works without `start`.

        Raises:
            PeerUnavailable, PeerRefused, StoreUnavailable: What was taken before stays taken.
        """
        await self.open()
        return await self._opened().intake.take_all()

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
        edges, parts = self._edges, self._parts
        if edges is not None:
            edges.health_api.ready = False
            edges.main.close()
        self._doorbell.silence()
        self._ticks.stop()
        if parts is not None:
            parts.intake.stop()
            parts.maintenance.stop()
            for relay in parts.relays:
                relay.stop()
        await _finish(self._tasks)
        if edges is not None:
            await edges.main.finish()
        await self._closing.aclose()  # clients, then the store
        if edges is not None:
            await edges.health.finish()
        self._parts = self._edges = None
        say(LOG, logging.INFO, "gateway.ended")

    def _opened(self) -> _Parts:
        if self._parts is None:
            raise RuntimeError("the gateway is not open")
        return self._parts

    def _client(self, url: str, link: Link, peer: str) -> SignedClient:
        client = SignedClient(url, link, peer=peer, now=self._now, window=self._window)
        self._closing.push_async_callback(client.close)
        return client

    def _terms(self, rules: Rules) -> IntakeTerms:
        poll_every_s, long_poll_s = self._settings.poll_every_s, self._settings.long_poll_s
        return IntakeTerms(rules, self._now, self._spread, self._reached, poll_every_s, long_poll_s)

    def _relays(
        self, portal: HttpPortal, store: LedgerStore, links: Mapping[str, Link]
    ) -> Iterator[RelayLoop]:
        """Make one loop for the reports, one for each agency that takes pushes."""
        now, spread, reached = self._now, self._spread, self._reached
        reports = partial(
            relay_reports, portal, store=store, now=now, spread=spread, reached=reached
        )
        yield RelayLoop(PORTAL, reports, now=now, spread=spread, metrics=self.metrics)
        for one in self._settings.agency:
            if one.url is None:
                continue
            client = self._client(one.url, links[one.code], one.code)
            pushes = partial(
                relay_dispatches,
                one.code,
                HttpAgencySystem(client, agency=one.code),
                store=store,
                now=now,
                spread=spread,
                reached=reached,
            )
            yield RelayLoop(one.code, pushes, now=now, spread=spread, metrics=self.metrics)

    async def _serve(self, parts: _Parts) -> Edges:
        """Listen on both addresses; not ready yet."""
        served = Served(
            store=parts.store,
            probe=parts.store.probe_write,
            rules=parts.rules,
            keyring=parts.keyring,
            window=self._window,
            metrics=self.metrics,
            doorbell=self._doorbell,
            now=self._now,
            reached=self._reached,
            page=self._page,
        )
        listen, health = map(split_address, (self._settings.listen, self._settings.health))
        return await Edges.open(served, listen=listen, health=health)

    def _wake(self, peers: set[str]) -> None:
        """Wake whoever sends to, or is waited on by, peers that got new messages."""
        self._doorbell.ring(peers)
        for relay in self._opened().relays if self._parts else ():
            if relay.peer in peers:
                relay.alarm.ring()

    def _count_the_store(self, store: LedgerStore) -> None:
        self.metrics.commit_groups.set_function(lambda: store.counts.batches)
        self.metrics.flushes.set_function(lambda: store.counts.flushes)
        self.metrics.breakers_open.set_function(self._breakers_open)

    def _breakers_open(self) -> float:
        relays = self._parts.relays if self._parts else ()
        return sum(not relay.breaker.allows(self._now()) for relay in relays)

    async def _watch(self) -> None:
        """Measure how late the event loop is and send the logs off, until the drain ends this."""
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time()
            await asyncio.sleep(_WATCH_EVERY_S)
            self.metrics.loop_lag.set(max(loop.time() - before - _WATCH_EVERY_S, 0.0))
            flush_logs()

    def _ended(self, task: "asyncio.Task[None]") -> None:
        """A loop that ends with an error is a defect: better to stop and be started again."""
        if not task.cancelled() and (exc := task.exception()) is not None:
            say(LOG, logging.CRITICAL, "loop.failed", error=type(exc).__name__)
            self._fail(f"a loop failed: {type(exc).__name__}")

    def _fail(self, reason: str) -> None:
        if self._edges is not None:
            self._edges.health_api.ready = False
        self._failure = reason
        self._failed.set()
        say(LOG, logging.CRITICAL, "gateway.failed", reason=reason)


async def _finish(tasks: Sequence["asyncio.Task[None]"]) -> None:
    """Wait for stopped loops; what is not done in time is cancelled: its leases expire."""
    if not tasks:
        return
    tasks[-1].cancel()  # the watcher never ends by itself
    _, late = await asyncio.wait(tasks, timeout=DRAIN_S)
    for task in late:
        task.cancel()
    if late:
        await asyncio.wait(late)
