"""Settings become parts: each is made here, once, and handed what it needs."""

from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial

from gateway.adapters.ledger.store import LedgerStore, open_ledger
from gateway.adapters.portal import HttpPortal
from gateway.adapters.signed_client import SignedClient
from gateway.adapters.table_source import HttpTableSource
from gateway.adapters.watched_calls import (
    WatchedAgencyCalls,
    WatchedDirectoryCalls,
    WatchedPortalCalls,
    WatchedStatements,
    WatchedTableCalls,
)
from gateway.app.build_context import BuildContext
from gateway.app.delivery_kinds import OUTLETS, ClientFactory
from gateway.app.directory_parts import (
    DirectoryLoop,
    DirectoryParts,
    DirectoryTerms,
    build_directory,
)
from gateway.app.exchange_tables import table_loops
from gateway.app.key_files import GatewayKeys
from gateway.app.key_reload import KeysInUse
from gateway.app.ledger_events import LedgerEvents
from gateway.app.rules import load_rules, settings_directories
from gateway.app.tls_reload import GatewayTls
from gateway.config import Settings
from gateway.domain.dated_rules import DatedRules
from gateway.domain.intake_rules import Rules
from gateway.domain.statement_checks import spellings_of
from gateway.flows.reconciling_step import ReconcilingTerms
from gateway.flows.relay import Relayed, relay_dispatches, relay_reports
from gateway.jobs.case_seals import CaseSeals
from gateway.jobs.connection_pause import ConnectionPause
from gateway.jobs.due_dates import DueDates
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
from gateway.ports.peers import AgencySystem, Portal
from gateway.setting_types import read_daily_time
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
    outlets = _outlets(settings, read=read, clients=clients)
    intake = _intake(settings, context, portal=portal, store=store, rules=rules, pause=pause)
    statements = WatchedStatements(national, context.metrics)
    areas = spellings_of(settings.province)
    terms = ReconcilingTerms(statements, portal, store, areas, context.now, context.hook)
    parts = Parts(
        store,
        rules,
        keys,
        tls,
        window,
        intake,
        (
            _reports(context, portal=portal, store=store, pause=pause),
            *_dispatches(context, store=store, outlets=outlets),
        ),
        tuple(
            table_loops(settings, context, outlets=outlets, holder=holder, store=store, rules=rules)
        ),
        build_directory(
            directories,
            WatchedDirectoryCalls(national, context.metrics),
            terms=DirectoryTerms(base.province.division, holder, context.jitter, context.hook),
            store=store,
            now=context.now,
            metrics=context.metrics,
        ),
        _maintenance(settings, context, holder=holder, store=store, rules=base),
        _key_rotation(context, holder=holder, store=store, keys=keys),
        StoreWatchLoop(store=store, metrics=context.metrics),
        _reconcile(settings, context, holder=holder, terms=terms, intake=intake),
        TablesInForceLoop(rules, metrics=context.metrics),
        _table_fetch(settings, context, client=client, holder=holder, store=store),
    )
    _measure(parts, context)
    return parts


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


def _reports(
    context: BuildContext, *, portal: Portal, store: LedgerStore, pause: ConnectionPause
) -> RelayLoop:
    """Return the loop that sends reports (上传) to the portal."""
    return _relay(PORTAL, partial(relay_reports, portal), context, store, pause)


def _outlets(
    settings: Settings, *, read: GatewayKeys, clients: ClientFactory
) -> Mapping[str, AgencySystem]:
    """Return by agency what dispatches (分派单) are sent through; none where it fetches them."""
    built = (
        (one.code, OUTLETS[one.delivery](one, read.agencies.get(one.code), clients))
        for one in settings.agency
    )
    return {code: outlet for code, outlet in built if outlet is not None}


def _dispatches(
    context: BuildContext, *, store: LedgerStore, outlets: Mapping[str, AgencySystem]
) -> Iterator[RelayLoop]:
    """Yield a loop for each agency to which dispatches (分派单) are sent."""
    for code, outlet in outlets.items():
        watched = WatchedAgencyCalls(outlet, code, context.metrics)
        yield _relay(code, partial(relay_dispatches, code, watched), context, store)


def _relay(
    peer: str,
    flow: Callable[..., Coroutine[object, object, Relayed]],
    context: BuildContext,
    store: LedgerStore,
    pause: ConnectionPause | None = None,
) -> RelayLoop:
    """Return the loop of one peer over the flow that sends to it."""
    send = partial(
        flow,
        store=store,
        now=context.now,
        monotonic=context.monotonic,
        jitter=context.jitter,
        hook=context.hook,
    )
    return RelayLoop(
        peer,
        send,
        now=context.now,
        monotonic=context.monotonic,
        jitter=context.jitter,
        metrics=context.metrics,
        pause=pause,
    )


def _maintenance(
    settings: Settings, context: BuildContext, *, holder: str, store: LedgerStore, rules: Rules
) -> MaintenanceLoop:
    due_dates = DueDates(store=store, rules=rules, folder=settings.calendar, now=context.now)
    case_seals = CaseSeals(store=store, now=context.now)
    return MaintenanceLoop(
        holder=holder,
        store=store,
        now=context.now,
        metrics=context.metrics,
        duties=(due_dates.carry_on, case_seals.carry_on),
    )


def _key_rotation(
    context: BuildContext, *, holder: str, store: LedgerStore, keys: KeysInUse
) -> KeyRotationLoop:
    now, metrics = context.now, context.metrics
    return KeyRotationLoop(holder=holder, store=store, sealer=keys.sealer, now=now, metrics=metrics)


def _reconcile(
    settings: Settings,
    context: BuildContext,
    *,
    holder: str,
    terms: ReconcilingTerms,
    intake: IntakeLoop,
) -> ReconcileLoop:
    return ReconcileLoop(
        holder=holder,
        terms=terms,
        daily_at=read_daily_time(settings.reconcile_at),
        metrics=context.metrics,
        jitter=context.jitter,
        fetch=intake.wake_event.wake,
    )


def _table_fetch(
    settings: Settings,
    context: BuildContext,
    *,
    client: SignedClient,
    holder: str,
    store: LedgerStore,
) -> TableFetchLoop | None:
    """Return the loop that fetches code tables and divisions; None where the settings say no."""
    if not settings.fetch_tables:
        return None
    source = WatchedTableCalls(HttpTableSource(client), context.metrics)
    return TableFetchLoop(
        source,
        holder=holder,
        store=store,
        now=context.now,
        metrics=context.metrics,
        jitter=context.jitter,
        hook=context.hook,
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
