"""Settings become parts: each is made here, once, and handed what it needs."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

from gateway.adapters.ledger.store import LedgerStore, open_ledger
from gateway.adapters.portal import HttpPortal
from gateway.adapters.watched_calls import (
    WatchedDirectoryCalls,
    WatchedPortalCalls,
)
from gateway.app.build_context import BuildContext
from gateway.app.delivery_kinds import ClientFactory
from gateway.app.directory_parts import (
    DirectoryLoop,
    DirectoryParts,
    DirectoryTerms,
    build_directory,
)
from gateway.app.exchange_tables import table_loops
from gateway.app.key_reload import KeysInUse
from gateway.app.leader_loops import (
    Reconciled,
    key_rotation_loop,
    maintenance_loop,
    reconcile_loop,
    table_fetch_loop,
)
from gateway.app.ledger_events import LedgerEvents
from gateway.app.relays import agency_outlets, all_relays
from gateway.app.rules import load_rules, settings_directories
from gateway.app.tls_reload import GatewayTls
from gateway.config import Settings
from gateway.domain.dated_rules import DatedRules
from gateway.domain.directory_version import DirectoriesInUse
from gateway.domain.intake_rules import Rules
from gateway.jobs.connection_pause import ConnectionPause
from gateway.jobs.exchange_tables import ExchangeTableLoop
from gateway.jobs.intake import IntakeLoop, IntakeTerms
from gateway.jobs.key_rotation import KeyRotationLoop
from gateway.jobs.maintenance import MaintenanceLoop, new_holder
from gateway.jobs.reconcile import ReconcileLoop
from gateway.jobs.relay import RelayLoop
from gateway.jobs.store_watch import StoreWatchLoop
from gateway.jobs.table_fetch import TableFetchLoop
from gateway.jobs.tables_in_force import RulesInForce, TablesInForceLoop
from gateway.ports import PORTAL
from gateway.ports.peers import Portal
from schemas.signing import Window
from storage.replication import Replication
from storage.sealing import Sealer

Loop = (
    IntakeLoop
    | RelayLoop
    | ExchangeTableLoop
    | DirectoryLoop
    | MaintenanceLoop
    | KeyRotationLoop
    | StoreWatchLoop
    | ReconcileLoop
    | TablesInForceLoop
    | TableFetchLoop
)


@dataclass(frozen=True, slots=True)
class Parts:
    """What lives as long as the gateway is open."""

    store: LedgerStore
    rules: RulesInForce
    keys: KeysInUse
    tls: GatewayTls
    window: Window
    intake: IntakeLoop
    relays: tuple[RelayLoop, ...]
    exchange_tables: tuple[ExchangeTableLoop, ...]
    directory: DirectoryParts
    maintenance: MaintenanceLoop
    key_rotation: KeyRotationLoop
    store_watch: StoreWatchLoop
    reconcile: ReconcileLoop
    tables_in_force: TablesInForceLoop
    table_fetch: TableFetchLoop | None

    @property
    def loops(self) -> tuple[Loop, ...]:
        """Everything that runs by itself."""
        return (
            self.intake,
            *self.relays,
            *self.exchange_tables,
            self.directory.watch,
            self.directory.publication,
            self.maintenance,
            self.key_rotation,
            self.store_watch,
            self.reconcile,
            self.tables_in_force,
            *((self.table_fetch,) if self.table_fetch else ()),
        )


def build(
    settings: Settings,
    context: BuildContext,
    *,
    closing: AsyncExitStack,
    on_broken: Callable[[str], None],
) -> Parts:
    """Return the parts of a gateway; `closing` closes the clients first and then the store.

    Raises:
        Misconfigured, StoreMisconfigured: Which setting or file is wrong, and the cure.
    """
    directories = settings_directories(settings)
    base = load_rules(settings, directories)
    keys = KeysInUse(settings, now=context.now, metrics=context.metrics)
    read = keys.links
    store = _open_store(settings, context, sealer=keys.sealer, on_broken=on_broken)
    closing.push_async_callback(store.close)
    rules = RulesInForce(base, ledger=store, now=context.now, metrics=context.metrics)
    holder = new_holder()
    window = Window(max_age_s=settings.window_s)
    tls = GatewayTls(settings, context.metrics)
    clients = ClientFactory(
        context.now, window, closing, context.metrics.clock_skew, tls.links, context.hook
    )
    client = clients.connect(settings.portal.url, read.portal, PORTAL)
    national = HttpPortal(client)
    portal = WatchedPortalCalls(national, context.metrics)
    pause = ConnectionPause(context.monotonic or context.now)  # both loops call the portal
    outlets = agency_outlets(settings, read=read, clients=clients)
    intake = _intake(settings, context, portal=portal, store=store, rules=rules, pause=pause)
    parts = Parts(
        store,
        rules,
        keys,
        tls,
        window,
        intake,
        all_relays(context, portal=portal, outlets=outlets, store=store, pause=pause),
        tuple(
            table_loops(settings, context, outlets=outlets, holder=holder, store=store, rules=rules)
        ),
        _directory(directories, national, context, base=base, holder=holder, store=store),
        maintenance_loop(settings, context, holder=holder, store=store, rules=base),
        key_rotation_loop(context, holder=holder, store=store, sealer=keys.sealer),
        StoreWatchLoop(store=store, metrics=context.metrics),
        reconcile_loop(settings, context, holder, Reconciled(national, portal, store, intake)),
        TablesInForceLoop(rules, metrics=context.metrics),
        table_fetch_loop(settings, context, client=client, holder=holder, store=store),
    )
    _measure(parts, context)
    return parts


def _directory(
    directories: DirectoriesInUse,
    national: HttpPortal,
    context: BuildContext,
    *,
    base: Rules,
    holder: str,
    store: LedgerStore,
) -> DirectoryParts:
    return build_directory(
        directories,
        WatchedDirectoryCalls(national, context.metrics),
        terms=DirectoryTerms(base.province.division, holder, context.jitter, context.hook),
        store=store,
        now=context.now,
        metrics=context.metrics,
    )


def _open_store(
    settings: Settings, context: BuildContext, *, sealer: Sealer, on_broken: Callable[[str], None]
) -> LedgerStore:
    return open_ledger(
        settings.store,
        sealer=sealer,
        now=context.now,
        on_broken=on_broken,
        observer=LedgerEvents(context.metrics),
        lease_clock=context.lease_clock,
        demands_synchronous=settings.synchronous_standby,
    )


def _intake(
    settings: Settings,
    context: BuildContext,
    *,
    portal: Portal,
    store: LedgerStore,
    rules: DatedRules,
    pause: ConnectionPause,
) -> IntakeLoop:
    terms = IntakeTerms(
        rules,
        context.now,
        context.jitter,
        context.hook,
        settings.poll_every_s,
        settings.long_poll_s,
    )
    return IntakeLoop(
        portal,
        store=store,
        terms=terms,
        metrics=context.metrics,
        monotonic=context.monotonic,
        pause=pause,
    )


def _measure(parts: Parts, context: BuildContext) -> None:
    """Let the gauges that belong to a part be read from it at each scrape."""

    def breakers_open() -> float:
        relays = sum(one.is_circuit_open for one in parts.relays)
        return relays + sum(one.is_circuit_open for one in parts.exchange_tables)

    context.metrics.commit_groups.set_function(lambda: parts.store.counts.batches)
    context.metrics.flushes.set_function(lambda: parts.store.counts.flushes)
    context.metrics.synchronous_standby.set_function(
        lambda: parts.store.replication is Replication.SYNCHRONOUS
    )
    context.metrics.breakers_open.set_function(breakers_open)
