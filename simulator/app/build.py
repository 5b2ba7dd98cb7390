"""From settings to parts (构建): everything of a simulator that exists before it listens."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import aiohttp
from aiohttp import web

from schemas.reference.clock import Now
from schemas.signing import Link
from schemas.signing.peer_urls import is_loopback
from simulator.agencies.agency import SimulatedAgency
from simulator.agencies.client import SignedClient
from simulator.app.links import LinksByKeyId, SimulatorLinks
from simulator.config import (
    AgencySettings,
    NationalSettings,
    SimulatorSettings,
    host_and_port,
)
from simulator.errors import SettingsRefused
from simulator.faults.registry import FaultRegistry
from simulator.national.entry import NationalEntry
from simulator.timer import Timer
from simulator.web.agency_api import AgencyApi
from simulator.web.control.api import ControlApi
from simulator.web.national_app import national_app
from simulator.web.signed import SignedInterface


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one simulator, and how to make of them what listens and works."""

    settings: SimulatorSettings
    links: SimulatorLinks
    entry: NationalEntry
    faults: FaultRegistry
    now: Now
    timer: Timer

    def agency(self, settings: AgencySettings, session: aiohttp.ClientSession) -> SimulatedAgency:
        """Return a stand-in agency that calls its gateway through `session`."""
        return SimulatedAgency(
            settings,
            client=SignedClient(
                session, settings.gateway, self.links.agencies[settings.code], self.now
            ),
            validator=self.entry.validator,
            now=self.now,
            timer=self.timer,
            seed=self.settings.seed,
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
        return national_app(self.entry, self._interface(self.links.provinces.values()))

    def agency_app(self, agency: SimulatedAgency) -> web.Application:
        """Return what an agency serves that takes pushes."""
        api = AgencyApi(agency, validator=self.entry.validator, now=self.now)
        return api.app(self._interface([self.links.agencies[agency.settings.code]]))

    def control_app(
        self, agencies: Mapping[str, SimulatedAgency], listening: Callable[[], dict[str, str]]
    ) -> web.Application:
        """Return the control interface."""
        api = ControlApi(self.entry, agencies=agencies, faults=self.faults, listening=listening)
        return api.app(beyond_loopback=self.settings.national.control_beyond_loopback)

    def _interface(self, links: Iterable[Link]) -> SignedInterface:
        return SignedInterface(
            LinksByKeyId(tuple(links)),
            validator=self.entry.validator,
            now=self.now,
            faults=self.faults,
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
    return Parts(settings, links, entry, faults, now, timer)


def _check_control(national: NationalSettings) -> None:
    """Keep the control interface on this machine unless the settings say otherwise.

    Raises:
        SettingsRefused: It would be open to others.
    """
    host, _ = host_and_port(national.control)
    if not national.control_beyond_loopback and not is_loopback(host):
        raise SettingsRefused(
            f"national.control: {host} is open to others and the control interface is unsigned; "
            "use 127.0.0.1, or set control_beyond_loopback = true"
        )
