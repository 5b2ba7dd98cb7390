"""Settings become parts: each is made here, once, and handed what it needs."""

from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial

from gateway.adapters.ledger.store import LedgerStore, open_ledger
from gateway.adapters.portal import HttpPortal
from gateway.app.delivery_kinds import OUTLETS, ClientFactory
from gateway.app.key_files import GatewayKeys
from gateway.app.key_reload import KeysInUse
from gateway.app.ledger_events import LedgerEvents
from gateway.app.rules import load_rules
from gateway.app.tls_reload import GatewayTls
from gateway.config import Settings
from gateway.domain.intake_rules import Rules
from gateway.domain.retry_policy import Jitter
from gateway.flows.failpoints import FailpointHook
from gateway.flows.relay import relay_dispatches, relay_reports
from gateway.jobs.connection_pause import ConnectionPause
from gateway.jobs.due_dates import DueDates
from gateway.jobs.intake import IntakeLoop, IntakeTerms
from gateway.jobs.key_rotation import KeyRotationLoop
from gateway.jobs.maintenance import MaintenanceLoop, new_holder
from gateway.jobs.relay import RelayLoop
from gateway.metrics import Metrics
from gateway.ports import PORTAL
from gateway.ports.peers import Portal
from schemas.reference.clock import Now
from schemas.signing import Window
from storage.lease_clock import LeaseClock


@dataclass(frozen=True, slots=True)
class BuildContext:
    """What the parts need beside the settings: the time, chance, failpoints, figures.

    Leases go by `lease_clock`; without one, by `now`.
    """

    now: Now
    jitter: Jitter
    hook: FailpointHook
    metrics: Metrics
    lease_clock: LeaseClock | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """What lives as long as the gateway is open."""

    store: LedgerStore
    rules: Rules
    keys: KeysInUse
    tls: GatewayTls
    window: Window
    intake: IntakeLoop
    relays: tuple[RelayLoop, ...]
    maintenance: MaintenanceLoop
    key_rotation: KeyRotationLoop

    @property
    def loops(self) -> tuple[IntakeLoop | RelayLoop | MaintenanceLoop | KeyRotationLoop, ...]:
        """Everything that runs by itself."""
        return self.intake, *self.relays, self.maintenance, self.key_rotation


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
    rules = load_rules(settings)
    keys = KeysInUse(settings, now=context.now, metrics=context.metrics)
    read = keys.links
    store = open_ledger(
        settings.store,
        sealer=keys.sealer,
        now=context.now,
        on_broken=on_broken,
        observer=LedgerEvents(context.metrics),
        lease_clock=context.lease_clock,
        demands_synchronous=settings.synchronous_standby,
    )
    closing.push_async_callback(store.close)
    holder = new_holder()
    window = Window(max_age_s=settings.window_s)
    tls = GatewayTls(settings, context.metrics)
    clients = ClientFactory(context.now, window, closing, context.metrics.clock_skew, tls.links)
    portal = HttpPortal(clients.connect(settings.portal.url, read.portal, PORTAL))
    pause = ConnectionPause(context.now)  # both loops call the portal
    parts = Parts(
        store,
        rules,
        keys,
        tls,
        window,
        _intake(settings, context, portal=portal, store=store, rules=rules, pause=pause),
        (
            _reports(context, portal=portal, store=store, pause=pause),
            *_dispatches(settings, context, store=store, read=read, clients=clients),
        ),
        _maintenance(settings, context, holder=holder, store=store, rules=rules),
        _key_rotation(context, holder=holder, store=store, keys=keys),
    )
    _measure(parts, context)
    return parts


def _intake(
    settings: Settings,
    context: BuildContext,
    *,
    portal: Portal,
    store: LedgerStore,
    rules: Rules,
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
    return IntakeLoop(portal, store=store, terms=terms, metrics=context.metrics, pause=pause)


def _reports(
    context: BuildContext, *, portal: Portal, store: LedgerStore, pause: ConnectionPause
) -> RelayLoop:
    """Return the loop that sends reports (回传) to the portal."""
    now, jitter = context.now, context.jitter
    send = partial(relay_reports, portal, store=store, now=now, jitter=jitter, hook=context.hook)
    return RelayLoop(PORTAL, send, now=now, jitter=jitter, metrics=context.metrics, pause=pause)


def _dispatches(
    settings: Settings,
    context: BuildContext,
    *,
    store: LedgerStore,
    read: GatewayKeys,
    clients: ClientFactory,
) -> Iterator[RelayLoop]:
    """Yield a loop for each agency to which dispatches (分派单) are sent."""
    now, jitter = context.now, context.jitter
    for agency in settings.agency:
        outlet = OUTLETS[agency.delivery](agency, read.agencies[agency.code], clients)
        if outlet is None:
            continue
        send = partial(
            relay_dispatches,
            agency.code,
            outlet,
            store=store,
            now=now,
            jitter=jitter,
            hook=context.hook,
        )
        yield RelayLoop(agency.code, send, now=now, jitter=jitter, metrics=context.metrics)


def _maintenance(
    settings: Settings, context: BuildContext, *, holder: str, store: LedgerStore, rules: Rules
) -> MaintenanceLoop:
    due_dates = DueDates(store=store, rules=rules, folder=settings.calendar, now=context.now)
    return MaintenanceLoop(
        holder=holder,
        store=store,
        now=context.now,
        metrics=context.metrics,
        duties=(due_dates.carry_on,),
    )


def _key_rotation(
    context: BuildContext, *, holder: str, store: LedgerStore, keys: KeysInUse
) -> KeyRotationLoop:
    now, metrics = context.now, context.metrics
    return KeyRotationLoop(holder=holder, store=store, sealer=keys.sealer, now=now, metrics=metrics)


def _measure(parts: Parts, context: BuildContext) -> None:
    """Let the gauges that belong to a part be read from it at each scrape."""

    def breakers_open() -> float:
        now = context.now()
        return sum(not relay.breaker.allows(now) for relay in parts.relays)

    context.metrics.commit_groups.set_function(lambda: parts.store.counts.batches)
    context.metrics.flushes.set_function(lambda: parts.store.counts.flushes)
    context.metrics.breakers_open.set_function(breakers_open)
