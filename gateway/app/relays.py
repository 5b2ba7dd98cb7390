"""Relays (发送): a loop for each peer that messages are sent to, over the flow that sends them."""

from collections.abc import Callable, Coroutine, Iterator, Mapping
from functools import partial

from gateway.adapters.watched_calls import WatchedAgencyCalls
from gateway.app.build_context import BuildContext
from gateway.app.delivery_kinds import OUTLETS, ClientFactory
from gateway.app.key_files import GatewayKeys
from gateway.config import Settings
from gateway.flows.relay import Relayed, relay_dispatches, relay_reports
from gateway.jobs.connection_pause import ConnectionPause
from gateway.jobs.relay import RelayLoop
from gateway.ports import PORTAL
from gateway.ports.peers import AgencySystem, Portal
from gateway.ports.store import Store


def all_relays(
    context: BuildContext,
    *,
    portal: Portal,
    outlets: Mapping[str, AgencySystem],
    store: Store,
    pause: ConnectionPause,
) -> tuple[RelayLoop, ...]:
    """Return the loops that send reports (上传) to the portal, dispatches (分派单) to agencies."""
    reports = partial(relay_reports, portal)
    return (
        _relay(PORTAL, reports, context, store, pause),
        *_dispatch_relays(context, store=store, outlets=outlets),
    )


def agency_outlets(
    settings: Settings, *, read: GatewayKeys, clients: ClientFactory
) -> Mapping[str, AgencySystem]:
    """Return by agency what dispatches (分派单) are sent through; none where it fetches them."""
    built = (
        (one.code, OUTLETS[one.delivery](one, read.agencies.get(one.code), clients))
        for one in settings.agency
    )
    return {code: outlet for code, outlet in built if outlet is not None}


def _dispatch_relays(
    context: BuildContext, *, store: Store, outlets: Mapping[str, AgencySystem]
) -> Iterator[RelayLoop]:
    """Yield a loop for each agency to which dispatches (分派单) are sent."""
    for code, outlet in outlets.items():
        watched = WatchedAgencyCalls(outlet, code, context.metrics)
        yield _relay(code, partial(relay_dispatches, code, watched), context, store)


def _relay(
    peer: str,
    flow: Callable[..., Coroutine[object, object, Relayed]],
    context: BuildContext,
    store: Store,
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
