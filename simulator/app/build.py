"""From settings to parts (构建): everything of a simulator that exists before it listens."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import aiohttp
from aiohttp import web

from schemas.reasons.quotations import quote_system
from schemas.reference.clock import Now
from schemas.signing import Link
from schemas.signing.peer_urls import is_loopback
from simulator.agencies.agency import SimulatedAgency
from simulator.agencies.connection import AgencyConnection
from simulator.agencies.exchange_tables import TableConnection
from simulator.agencies.gateway import GatewayConnection
from simulator.app.links import LinksByKeyId, SimulatorLinks
from simulator.app.tls import SimulatorTls
from simulator.config import (
    AgencySettings,
    NationalSettings,
    PushSettings,
    SimulatorSettings,
)
from simulator.errors import SettingsRefused
from simulator.exchanges.nonces import Nonces
from simulator.exchanges.signed_client import SignedClient
from simulator.faults.registry import FaultRegistry
from simulator.national.entry import NationalEntry
from simulator.national.pushing import FeedPusher
from simulator.setting_reasons import SimulatorReason
from simulator.timer import Timer
from simulator.web.access import control_access
from simulator.web.agency_api import AgencyApi
from simulator.web.control.api import ControlApi
from simulator.web.national_app import national_app
from simulator.web.signed import PinsOf, SignedInterface
from transport.listen_address import read_tcp_address

_OWN_FOLDER: Final = 0o700


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one simulator, and how to make of them what listens and works."""

    settings: SimulatorSettings
    links: SimulatorLinks
    tls: SimulatorTls
    entry: NationalEntry
    faults: FaultRegistry
    now: Now
    timer: Timer

    def agency(self, settings: AgencySettings, session: aiohttp.ClientSession) -> SimulatedAgency:
        """Return a stand-in agency that calls its gateway through `session`, or has its tables."""
        return SimulatedAgency(
            settings,
            gateway=self._connection(settings, session),
            validator=self.entry.validator,
            now=self.now,
            timer=self.timer,
            seed=self.settings.seed,
        )

    def _connection(
        self, settings: AgencySettings, session: aiohttp.ClientSession
    ) -> AgencyConnection:
        if settings.tables is not None:
            return TableConnection(settings.tables, self.entry.validator, self.timer)
        client = SignedClient(
            session,
            settings.gateway,
            self.links.agencies[settings.code],
            self.now,
            self.tls.links.get(settings.code),
        )
        return GatewayConnection(client, self.entry.validator)

    def pushers(self, session: aiohttp.ClientSession) -> dict[str, FeedPusher]:
        """Return what pushes to the areas that take pushes, by division, through `session`."""
        return {
            one.division: self._pusher(one.division, one.push, session)
            for one in self.settings.province
            if one.push is not None
        }

    def _pusher(self, area: str, push: PushSettings, session: aiohttp.ClientSession) -> FeedPusher:
        def key_id() -> str:
            return next(one for one, docked in self.entry.areas.items() if docked == area)

        tls = self.tls.links.get(f"push {area}")
        client = SignedClient(session, push.gateway, self.links.pushes[area], self.now, tls)
        return FeedPusher(
            area,
            book=lambda: self.entry.book,
            client=client,
            within_faults=self.faults.run,
            key_id=key_id,
            timer=self.timer,
            seed=self.settings.seed,
            is_on=push.on,
        )

    def reload_keys(self) -> None:
        """Read the key files again and use what they hold.

        Raises:
            SettingsRefused: A file is damaged; the keys stay as they were.
        """
        self.links.reload(self.settings)
        self.entry.areas = self.links.areas()

    def national_app(self) -> web.Application:
        """Return what the national side serves."""
        nonces, names = self._nonces("national"), self.settings.national.names
        app = national_app(
            self.entry,
            self._interface(self.links.provinces.values(), nonces, self._province_pins),
            names=names,
        )
        return _closing(app, nonces)

    def agency_app(self, agency: SimulatedAgency) -> web.Application:
        """Return what an agency serves that takes pushes."""
        api = AgencyApi(agency, validator=self.entry.validator, now=self.now)
        code = agency.settings.code
        nonces = self._nonces(f"agency-{code}")
        pins = frozenset(agency.settings.client_pins) or None

        def pins_of(_: str) -> frozenset[str] | None:
            return pins

        interface = self._interface([self.links.agencies[code]], nonces, pins_of)
        return _closing(api.app(interface), nonces)

    def control_app(
        self,
        agencies: Mapping[str, SimulatedAgency],
        pushers: Mapping[str, FeedPusher],
        listening: Callable[[], dict[str, str]],
    ) -> web.Application:
        """Return the control interface."""
        api = ControlApi(
            self.entry,
            agencies=agencies,
            pushers=pushers,
            faults=self.faults,
            listening=listening,
        )
        national = self.settings.national
        access = control_access(national.names, beyond_loopback=national.control_beyond_loopback)
        return api.app(access)

    def _nonces(self, of: str) -> Nonces:
        """Return the nonces of one interface, from its journal where there is a folder for it.

        Raises:
            SettingsRefused: The journal cannot be read or written.
        """
        folder = self.settings.folder
        if folder is None:
            return Nonces()
        try:
            folder.mkdir(mode=_OWN_FOLDER, exist_ok=True)
            return Nonces.kept_in(folder / f"nonces-{of}.txt", self.now())
        except OSError as exc:
            reason = SimulatorReason.FOLDER.at("folder", folder, said=quote_system(exc))
            raise SettingsRefused(reason) from exc

    def _province_pins(self, key_id: str) -> frozenset[str] | None:
        """Return the certificates by which the province of this key id may call."""
        division = self.links.areas().get(key_id)
        named = {one.division: frozenset(one.client_pins) for one in self.settings.province}
        return named.get(division or "") or None

    def _interface(self, links: Iterable[Link], nonces: Nonces, pins_of: PinsOf) -> SignedInterface:
        return SignedInterface(
            LinksByKeyId(tuple(links)),
            validator=self.entry.validator,
            now=self.now,
            faults=self.faults,
            nonces=nonces,
            pins_of=pins_of,
        )


def build(settings: SimulatorSettings, *, now: Now, timer: Timer) -> Parts:
    """Return the parts of a simulator.

    Raises:
        SettingsRefused: The settings contradict each other, or a key cannot be read.
    """
    _check_control(settings.national)
    links = SimulatorLinks.read(settings)
    areas = links.areas()
    places = [agency.division for agency in settings.agency]
    entry = NationalEntry(areas=areas, seed=settings.seed, now=now, places=places)

    def redeliver(key_id: str, numbers: Iterable[str]) -> Sequence[str]:
        return entry.book.redeliver(entry.areas[key_id], numbers)

    faults = FaultRegistry(lambda: entry.book.events, redeliver=redeliver, timer=timer)
    return Parts(settings, links, SimulatorTls.read(settings), entry, faults, now, timer)


def _closing(app: web.Application, nonces: Nonces) -> web.Application:
    """Return `app`, which closes its nonces when it ends."""

    async def close(_: web.Application) -> None:
        nonces.close()

    app.on_cleanup.append(close)
    return app


def _check_control(national: NationalSettings) -> None:
    """Keep the control interface on this machine unless the settings say otherwise.

    Raises:
        SettingsRefused: It would be open to others.
    """
    host = read_tcp_address(national.control).host
    if not national.control_beyond_loopback and not is_loopback(host):
        raise SettingsRefused(SimulatorReason.CONTROL_OPEN.at("national.control", host=host))
