"""The simulator put together (组装): national side, control interface and stand-in agencies."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address
from typing import Final

import aiohttp
from aiohttp import web

from contracts.docs.page import ONLY_ITSELF, page
from schemas.records.strict_json import LONGEST_BODY_BYTES
from schemas.reference.clock import Now, utc_now
from schemas.signing import Link
from simulator.agencies.agency import Agency
from simulator.agencies.client import Caller
from simulator.config import AgencySettings, Delivery, SimulatorSettings, host_and_port
from simulator.errors import SettingsRefused
from simulator.faults.registry import Armoury
from simulator.national.entry import NationalEntry
from simulator.web.agency_api import AgencyApi
from simulator.web.control.api import BODY_BYTES, ControlApi, local_only, problems
from simulator.web.pages import Pages
from simulator.web.portal_api import PortalApi
from simulator.web.signed import SignedInterface

_GRACE_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a running simulator listens: base URLs, agencies that take pushes by their code."""

    national: str
    control: str
    agencies: dict[str, str]


class Simulator:
    """One running simulator; `start` binds the ports, `stop` ends everything."""

    def __init__(self, settings: SimulatorSettings, *, now: Now = utc_now) -> None:
        _check_control(settings)
        self._settings, self._now = settings, now
        self._links = {one.division: one.link() for one in settings.province}
        areas = {link.theirs.key_id: division for division, link in self._links.items()}
        if len(areas) != len(self._links):
            raise SettingsRefused("two provinces share one key id")
        places = [agency.division for agency in settings.agency]
        self.entry = NationalEntry(areas=areas, seed=settings.seed, now=now, places=places)
        self._armoury = Armoury(lambda: self.entry.book.events, self._redeliver)
        self.agencies: dict[str, Agency] = {}
        self._running = AsyncExitStack()
        self._addresses: Addresses | None = None

    @property
    def addresses(self) -> Addresses:
        """The addresses in use; there are none before `start`."""
        if self._addresses is None:
            raise RuntimeError("the simulator has not been started")
        return self._addresses

    async def start(self) -> Addresses:
        """Listen on every port and set the agencies to work."""
        try:
            return await self._start()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop listening and end every task."""
        await self._running.aclose()

    async def _start(self) -> Addresses:
        session = await self._running.enter_async_context(
            aiohttp.ClientSession(trust_env=False, auto_decompress=False)
        )
        pushed: dict[str, str] = {}
        for one in self._settings.agency:
            agency = self._agency(one, session)
            self.agencies[one.code] = agency
            if one.listen is not None:
                pushed[one.code] = await self._serve(self._agency_app(agency), one.listen)
        national = await self._serve(self._national_app(), self._settings.national.listen)
        control = await self._serve(self._control_app(), self._settings.national.control)
        self._addresses = Addresses(national, control, pushed)
        for agency in self.agencies.values():
            self._work(agency)
        return self._addresses

    def _agency(self, one: AgencySettings, session: aiohttp.ClientSession) -> Agency:
        caller = Caller(session, one.gateway, one.link(), self._now)
        return Agency(
            one,
            caller=caller,
            witness=self.entry.witness,
            now=self._now,
            seed=self._settings.seed,
        )

    def _national_app(self) -> web.Application:
        interface = self._interface(self._links.values())
        app = web.Application(client_max_size=LONGEST_BODY_BYTES, middlewares=[problems])
        app.add_routes(PortalApi(self.entry).routes(interface))
        app.add_routes(Pages(self.entry).routes())
        app.router.add_get("/livez", _alive)
        app.router.add_get("/docs", _contract_page)
        app.on_shutdown.append(self._answer_polls)
        return app

    async def _answer_polls(self, _: web.Application) -> None:
        """Answer the polls that are held open, so that a stop does not wait for them."""
        self.entry.book.wake_all()

    def _agency_app(self, agency: Agency) -> web.Application:
        interface = self._interface([agency.settings.link()])
        app = web.Application(client_max_size=LONGEST_BODY_BYTES, middlewares=[problems])
        api = AgencyApi(agency, witness=self.entry.witness, now=self._now)
        app.add_routes(api.routes(interface))
        return app

    def _control_app(self) -> web.Application:
        beyond = self._settings.national.control_beyond_loopback
        app = web.Application(
            client_max_size=BODY_BYTES, middlewares=[problems] if beyond else [local_only, problems]
        )
        control = ControlApi(
            self.entry, agencies=self.agencies, armoury=self._armoury, listening=self._listening
        )
        app.add_routes(control.routes())
        return app

    def _interface(self, links: Iterable[Link]) -> SignedInterface:
        by_key = {link.theirs.key_id: link for link in links}
        return SignedInterface(
            by_key, witness=self.entry.witness, now=self._now, armoury=self._armoury
        )

    async def _serve(self, app: web.Application, listen: str) -> str:
        runner = web.AppRunner(
            app,
            access_log=None,
            auto_decompress=False,
            handler_cancellation=True,  # a poll ends with its caller, and counts no delivery
            shutdown_timeout=_GRACE_S,
        )
        await runner.setup()
        self._running.push_async_callback(runner.cleanup)
        host, port = host_and_port(listen)
        site = web.TCPSite(runner, host, port, backlog=1024)
        await site.start()
        bound: tuple[str, int] = runner.addresses[0][:2]
        name = f"[{bound[0]}]" if ":" in bound[0] else bound[0]
        return f"http://{name}:{bound[1]}"

    def _work(self, agency: Agency) -> None:
        loops = [agency.submit]
        if agency.settings.delivery is Delivery.FETCH:
            loops.append(agency.fetch)
        for loop in loops:
            task = asyncio.create_task(loop(), name=f"{loop.__name__} {agency.settings.code}")
            self._running.push_async_callback(partial(_end, task))

    def _listening(self) -> dict[str, str]:
        here = self.addresses
        return {"national": here.national, "control": here.control, **here.agencies}

    def _redeliver(self, key_id: str, numbers: Iterable[str]) -> Sequence[str]:
        return self.entry.book.redeliver(self.entry.areas[key_id], numbers)


async def serve(
    settings: SimulatorSettings, *, ready: Callable[[Addresses], None], stop: asyncio.Event
) -> None:
    """Run a simulator until `stop` is set; `ready` is told where it listens."""
    simulator = Simulator(settings)
    ready(await simulator.start())
    try:
        await stop.wait()
    finally:
        await simulator.stop()


def _check_control(settings: SimulatorSettings) -> None:
    """Keep the control interface on this machine unless the settings say otherwise.

    Raises:
        SettingsRefused: It would be open to others.
    """
    national = settings.national
    host, _ = host_and_port(national.control)
    if host == "localhost" or national.control_beyond_loopback:
        return
    try:
        here = ip_address(host).is_loopback
    except ValueError:
        here = False
    if not here:
        raise SettingsRefused(
            f"national.control: {host} is open to others and the control interface is unsigned; "
            "use 127.0.0.1, or set control_beyond_loopback = true"
        )


async def _contract_page(_: web.Request) -> web.Response:
    """The contract to read (契约页): one page that loads nothing."""
    body = await asyncio.to_thread(page)
    headers = {"Content-Security-Policy": ONLY_ITSELF}
    return web.Response(body=body, content_type="text/html", charset="utf-8", headers=headers)


async def _alive(_: web.Request) -> web.Response:
    """Say that the event loop turns."""
    return web.Response(text="ok")


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
