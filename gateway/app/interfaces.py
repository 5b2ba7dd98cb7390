"""What the gateway serves: the endpoints of each address, with what their handlers need."""

from dataclasses import dataclass

from gateway.app.build import BuildContext, Parts
from gateway.config import Settings, split_address
from gateway.setting_types import serving_context
from gateway.web.agency_api import AgencyApi
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
from gateway.web.servers import ServerDependencies, Servers, Site
from gateway.web.signatures import Signatures


@dataclass(frozen=True, slots=True)
class Interfaces:
    """Everything that is served; `health` also knows whether the gateway is ready."""

    main: tuple[Endpoint, ...]
    health: HealthApi


def build_interfaces(
    parts: Parts, context: BuildContext, *, notifier: Notifier, page: Page | None
) -> Interfaces:
    """Return what is served over `parts`; without a `page` no contract is shown."""
    agencies = AgencyApi(
        now=context.now, notifier=notifier, metrics=context.metrics, hook=context.hook
    )
    console = ConsoleApi(store=parts.store, rules=parts.rules, now=context.now)
    shown = () if page is None else (contract_page(page),)
    health = HealthApi(
        store=parts.store, probe=parts.store.probe_write, metrics=context.metrics, now=context.now
    )
    return Interfaces((*agencies.endpoints(), *shown, *console.endpoints()), health)


async def serve(
    interfaces: Interfaces, parts: Parts, context: BuildContext, settings: Settings
) -> Servers:
    """Listen on both addresses of the settings; not ready yet.

    Raises:
        Misconfigured: An address cannot be taken, or a file of `listen_tls` is unfit.
    """
    signatures = Signatures(parts.keyring, parts.window, _certificates(settings))
    dependencies = ServerDependencies(parts.store, signatures, context.metrics)
    tls = serving_context(settings.listen_tls)
    main = Site(*split_address(settings.listen), interfaces.main, tls)
    health = Site(*split_address(settings.health), interfaces.health.endpoints())
    return await Servers.open(dependencies, main=main, health=health)


def _certificates(settings: Settings) -> ClientCertificates:
    """Return what binds each agency's key to its client certificates, where they are asked for."""
    if settings.listen_tls is None or settings.listen_tls.client_ca_file is None:
        return ANY_CERTIFICATE
    return client_certificates({one.code: one.client_pins for one in settings.agency})
