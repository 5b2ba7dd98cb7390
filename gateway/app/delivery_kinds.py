"""How dispatches reach an agency (送达方式): one builder for each kind of delivery.

An outlet is what a relay loop sends an agency's dispatches through. A new kind of delivery is a
member of `Delivery`, its adapter behind the port `AgencySystem`, and one entry here.
"""

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from prometheus_client import Gauge

from gateway.adapters.exchange_table.database import AgencyDatabase
from gateway.adapters.exchange_table.dialects import dialect_of
from gateway.adapters.exchange_table.tables import AgencyTables
from gateway.adapters.push import HttpAgencySystem
from gateway.adapters.signed_client import SignedClient
from gateway.adapters.worklist import GatewayWorklist
from gateway.config import AgencySettings
from gateway.domain.delivery import Delivery
from gateway.errors import Misconfigured
from gateway.flows.failpoints import FailpointHook, no_hook
from gateway.ports.peers import AgencySystem
from gateway.setting_reasons import SettingReason
from gateway.table_settings import read_login
from schemas.reasons.reason import Reason
from schemas.reference.clock import Now
from schemas.signing import Link, Window
from transport.tls import TlsInUse


@dataclass(frozen=True, slots=True)
class ClientFactory:
    """Makes the signed clients of a gateway; they are closed with `closing`.

    `skew` shows by peer how far the clocks differ; `tls` is what is set for each peer.
    """

    now: Now
    window: Window
    closing: AsyncExitStack
    skew: Gauge | None = None
    tls: Mapping[str, TlsInUse | None] = field(default_factory=dict)
    hook: FailpointHook = no_hook

    def connect(self, url: str, link: Link, peer: str) -> SignedClient:
        """Return a client of the peer at `url`; nothing is sent yet."""
        tls = self.tls.get(peer)
        client = SignedClient(url, link, peer=peer, now=self.now, window=self.window, tls=tls)
        self.closing.push_async_callback(client.close)
        if self.skew is not None:
            self.skew.labels(peer).set_function(lambda: client.skew_s or 0.0)
        return client


OutletBuilder = Callable[[AgencySettings, Link | None, ClientFactory], AgencySystem | None]


def build_push_outlet(
    agency: AgencySettings, link: Link | None, clients: ClientFactory
) -> AgencySystem:
    """Return the agency's own system, which takes pushes.

    Raises:
        Misconfigured: The settings name no address to push to, or no keys.
    """
    if agency.url is None:
        raise Misconfigured(_without_url(agency))
    if link is None:
        raise Misconfigured(SettingReason.KEYS_MISSING.at(f"agency {agency.code}"))
    client = clients.connect(agency.url, link, agency.code)
    return HttpAgencySystem(client, agency=agency.code)


def _without_url(agency: AgencySettings) -> Reason:
    where = f"agency {agency.code}"
    return SettingReason.PUSH_WITHOUT_URL.at(where, delivery=agency.delivery)


def build_no_outlet(agency: AgencySettings, link: Link | None, clients: ClientFactory) -> None:
    """Return nothing: the agency fetches its dispatches at `gateway.web.agency_api`."""


def build_worklist(
    agency: AgencySettings, link: Link | None, clients: ClientFactory
) -> GatewayWorklist:
    """Return the worklist of an agency without a system."""
    return GatewayWorklist(agency.code, now=clients.now)


def build_table_outlet(
    agency: AgencySettings, link: Link | None, clients: ClientFactory
) -> AgencyTables:
    """Return the agency's exchange tables; nothing is connected yet.

    Raises:
        Misconfigured: The driver of the database is not installed, or the file of the password
            cannot be used.
    """
    name = f"agency {agency.code}"
    if agency.tables is None:
        raise Misconfigured(SettingReason.TABLES_AND_DELIVERY.at(name))
    login = read_login(agency.tables, name)
    dialect = dialect_of(login.address.kind, f"{name}: tables.url")
    database = AgencyDatabase(dialect, login, agency=agency.code)
    clients.closing.callback(database.close)
    return AgencyTables(database, now=clients.now, hook=clients.hook)


OUTLETS: Final[Mapping[Delivery, OutletBuilder]] = MappingProxyType(
    {
        Delivery.PUSH: build_push_outlet,
        Delivery.FETCH: build_no_outlet,
        Delivery.EXCHANGE_TABLE: build_table_outlet,
        Delivery.DESK: build_worklist,
    }
)
