"""What the gateway serves: the endpoints of each address, with what their handlers need."""

from dataclasses import dataclass
from typing import Final

from gateway.app.build import Parts
from gateway.app.build_context import BuildContext
from gateway.config import Settings
from gateway.domain.deadline import warned_until
from gateway.ports import PORTAL
from gateway.web.agency_api import AgencyApi
from gateway.web.authorities import Authorities, Scheme
from gateway.web.client_certificates import (
    ANY_CERTIFICATE,
    ClientCertificates,
    client_certificates,
)
from gateway.web.console.pages import ConsoleApi
from gateway.web.contract_page import Page, contract_page
from gateway.web.endpoints import Endpoint
from gateway.web.health_api import HealthApi
from gateway.web.long_poll import Notifier
from gateway.web.operator_api import OperatorApi
from gateway.web.province_api import ProvinceApi
from gateway.web.servers import ServerDependencies, Servers, Site, Sites
from gateway.web.signatures import Signatures
from transport.connection_limiter import ConnectionLimits
from transport.listen_address import read_listen_address, read_tcp_address
from transport.listener import FINISH_S

HEALTH_FINISH_S: Final = 2.0
"""How long requests on the second port, which need no time, may hold up the end of a drain."""


@dataclass(frozen=True, slots=True)
class Interfaces:
    """Everything that is served, by listener; `health` also knows whether the gateway is ready.

    The console has a listener of its own: whatever forwards the agencies' port, such as a proxy on
    the same machine, must not lend out the pages with it.
    """

    main: tuple[Endpoint, ...]
    health: HealthApi
    console: tuple[Endpoint, ...]


def build_interfaces(
    parts: Parts,
    context: BuildContext,
    *,
    notifier: Notifier,
    page: Page | None,
    warn_working_days: int = 1,
) -> Interfaces:
    """Return what is served over `parts`; without a `page` no contract is shown."""
    calendar = parts.rules.base.calendar
    agencies = AgencyApi(
        rules=parts.rules,
        now=context.now,
        notifier=notifier,
        metrics=context.metrics,
        hook=context.hook,
    )
    operators = OperatorApi(
        rules=parts.rules, now=context.now, metrics=context.metrics, hook=context.hook
    )
    portal = ProvinceApi(
        rules=parts.rules,
        now=context.now,
        metrics=context.metrics,
        hook=context.hook,
        takes_pushes=parts.keys.links.push is not None,
    )
    console = ConsoleApi(store=parts.store, rules=parts.rules, now=context.now)
    shown = () if page is None else (contract_page(page),)
    health = HealthApi(
        store=parts.store,
        probe=parts.store.probe_write,
        metrics=context.metrics,
        now=context.now,
        monotonic=context.monotonic,
        warned_until=lambda today: warned_until(today, warn_working_days, calendar),
    )
    return Interfaces(
        (*agencies.endpoints(), *operators.endpoints(), *portal.endpoints(), *shown),
        health,
        console.endpoints(),
    )


def _authorities(settings: Settings) -> Authorities:
    listened = read_tcp_address(settings.listen)
    host = "" if listened.is_wildcard else listened.host
    own_scheme = Scheme.HTTP if settings.listen_tls is None else Scheme.HTTPS
    scheme = settings.public_scheme or own_scheme
    return Authorities.of(settings.public_authorities, scheme, host)


async def serve(
    interfaces: Interfaces,
    parts: Parts,
    context: BuildContext,
    *,
    settings: Settings,
    limits: ConnectionLimits,
) -> Servers:
    """Listen on the addresses of the settings; not ready yet.

    Raises:
        Misconfigured: An address cannot be taken.
    """
    dependencies = ServerDependencies(
        parts.store,
        Signatures(
            parts.keys.keyring, parts.window, _authorities(settings), _certificates(settings)
        ),
        context.metrics,
        limits,
    )
    tls, main = parts.tls.listener, interfaces.main
    health, console = interfaces.health.endpoints(), interfaces.console
    sites = Sites(
        Site("listen", read_listen_address(settings.listen), main, FINISH_S, tls),
        Site("health", read_listen_address(settings.health), health, HEALTH_FINISH_S),
        Site("console", read_listen_address(settings.console), console, FINISH_S),
    )
    return await Servers.open(dependencies, sites)


def _certificates(settings: Settings) -> ClientCertificates:
    """Return what binds each caller's key to its client certificates, where they are asked for."""
    if settings.listen_tls is None or settings.listen_tls.client_ca_file is None:
        return ANY_CERTIFICATE
    pins = {one.code: one.client_pins for one in settings.callers()}
    return client_certificates({PORTAL: settings.portal.client_pins, **pins})
