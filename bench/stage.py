"""What the figures are measured on: a folder with keys and settings, programs, an open intake."""

import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import httpx

from duijie.clients.control_client import Control
from duijie.demo.agencies import StandIn, stand_ins
from duijie.demo.plan import GATEWAY_FILE, Plan, Wishes
from duijie.demo.programs import Program
from duijie.demo.provision import prepare, simulator_settings
from gateway.adapters import keys
from gateway.adapters.link_keys import read_link
from gateway.adapters.portal import HttpPortal
from gateway.adapters.signed_client import SignedClient
from gateway.adapters.storage.store import LedgerStore, open_store
from gateway.app.rules import load_rules
from gateway.config import Settings
from gateway.flows.intake import Rules, take_over
from gateway.settings_file import load_settings
from schemas.signing import Link, Suite

ROUNDS: Final = 5
PROVINCE: Final = "410000"


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Stage:
    """A prepared folder; `settings` are the gateway's."""

    folder: Path
    plan: Plan
    agencies: tuple[StandIn, ...]
    settings: Settings

    def sharing_agency(self) -> tuple[StandIn, Link]:
        """Return the agency whose connection is signed with HMAC-SHA256, and its link."""
        agency = next(one for one in self.agencies if one.suite is Suite.HMAC_SHA256)
        path = next(one for one in self.settings.agency if one.code == agency.code).key_file
        return agency, read_link(path, path)

    def portal_link(self) -> Link:
        """Return the keys towards the national side."""
        portal = self.settings.portal
        return read_link(portal.key_file, portal.answer_key_file)


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    """Give a fresh folder that goes away afterwards."""
    with tempfile.TemporaryDirectory(prefix="duijie-bench-") as name:
        folder = Path(name)
        plan = prepare(folder, Wishes(province=PROVINCE, any_ports=True))
        settings = load_settings(folder / GATEWAY_FILE)
        yield Stage(folder, plan, stand_ins(PROVINCE), settings)


@asynccontextmanager
async def lonely_national_side(ground: Stage) -> AsyncIterator[Control]:
    """Run the simulator as a process of its own, without agencies."""
    path = ground.folder / "national.toml"
    path.write_text(simulator_settings(ground.plan, ()), "utf-8")
    async with AsyncExitStack() as closing:
        program = await Program.start(
            "simulator",
            ("simulator", "serve", "--config", str(path)),
            log=ground.folder / "national.log",
            ready=f"{ground.plan.url('control')}/control/v1/summary",
        )
        closing.push_async_callback(program.stop)
        async with httpx.AsyncClient(trust_env=False) as client:
            await program.wait_ready(client)
        yield await closing.enter_async_context(Control(ground.plan.url("control")))


@asynccontextmanager
async def gateway_program(ground: Stage) -> AsyncIterator[None]:
    """Run the gateway as a process of its own."""
    path = ground.folder / GATEWAY_FILE
    program = await Program.start(
        "gateway",
        ("gateway", "serve", "--config", str(path)),
        log=ground.folder / "gateway.log",
        ready=f"{ground.plan.url('health')}/readyz",
    )
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            await program.wait_ready(client)
        yield
    finally:
        await program.stop()


@asynccontextmanager
async def portal_of(ground: Stage) -> AsyncIterator[HttpPortal]:
    """Give the gateway's own way to the national side."""
    link = ground.portal_link()
    async with SignedClient(ground.settings.portal.url, link, peer="portal", now=utc_now) as client:
        yield HttpPortal(client)


@asynccontextmanager
async def ledger_of(ground: Stage) -> AsyncIterator[LedgerStore]:
    """Open the gateway's own store in this process."""
    sealer = keys.Sealer(keys.load(ground.settings.ledger_keys))
    store = open_store(ground.settings.store, sealer=sealer, now=utc_now)
    try:
        yield store
    finally:
        await store.close()


async def take_all(portal: HttpPortal, store: LedgerStore, rules: Rules) -> list[str]:
    """Take over page by page until the national side has no more; return the numbers."""
    numbers: list[str] = []
    more = True
    while more:
        taking = await take_over(portal, store=store, rules=rules, now=utc_now)
        numbers += [row.key for row in taking.rows if row.key is not None]
        more = taking.more
    return numbers


def rules_of(ground: Stage) -> Rules:
    """Return what the intake decides by."""
    return load_rules(ground.settings)


async def file_people(control: Control, count: int, places: Sequence[str]) -> list[str]:
    """Let invented people file; return their application numbers."""
    return await control.file(count, seed=7, places=places)
