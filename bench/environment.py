"""测量环境: a folder with keys and settings, the programs, the gateway's client and store."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from bench.load import IN_FLIGHT
from duijie.clients.control_client import ControlClient
from duijie.demo.agencies import StandIn, stand_ins
from duijie.demo.plan import GATEWAY_FILE, Plan, PlanOptions
from duijie.demo.programs import Program, start_gateway, start_simulator
from duijie.demo.provision import provision
from duijie.demo.settings_files import simulator_settings
from gateway.adapters.ledger.store import LedgerStore, open_ledger
from gateway.adapters.link_keys import read_link
from gateway.adapters.portal import HttpPortal
from gateway.adapters.signed_client import SignedClient
from gateway.app.key_files import portal_link_settings
from gateway.config import Settings
from gateway.domain.intake_rules import Rules
from gateway.flows.intake import ingest
from gateway.ports import PORTAL
from gateway.settings_file import load_settings
from schemas.reference.clock import utc_now
from schemas.signing import Link, Suite
from storage.sealing_keys import load_sealer

ROUNDS: Final = 5
PROVINCE: Final = "410000"
SEED: Final = 7
_CONNECTIONS: Final = 4 * IN_FLIGHT
_NATIONAL_FILE: Final = "national.toml"


@dataclass(frozen=True, slots=True)
class Environment:
    """A provisioned folder; `settings` are the gateway's."""

    folder: Path
    plan: Plan
    agencies: tuple[StandIn, ...]
    settings: Settings

    def hmac_agency(self) -> StandIn:
        """Return the agency whose connection is signed with HMAC-SHA256."""
        return next(one for one in self.agencies if one.suite is Suite.HMAC_SHA256)

    def key_file(self, agency: StandIn) -> Path:
        """Return the file of the agency's key, as the gateway has it."""
        return next(one for one in self.settings.agency if one.code == agency.code).key_files[0]

    def portal_link(self) -> Link:
        """Return the keys towards the national side."""
        return read_link(portal_link_settings(self.settings.portal))


@asynccontextmanager
async def fresh_environment(store: str | None = None) -> AsyncIterator[Environment]:
    """Yield a fresh environment; its folder is deleted afterwards.

    The ledger is at the URL `store`; without one, a SQLite file in the folder.
    """
    with tempfile.TemporaryDirectory(prefix="duijie-bench-") as name:
        folder = Path(name)
        options = PlanOptions(province=PROVINCE, store=store, use_free_ports=True)
        plan = provision(folder, options)
        _allow_connections(folder / GATEWAY_FILE)
        settings = load_settings(folder / GATEWAY_FILE)
        yield Environment(folder, plan, stand_ins(PROVINCE), settings)


def _allow_connections(settings: Path) -> None:
    """Let the load come from one address, as that of all agencies does behind a balancer."""
    text = settings.read_text("utf-8")
    settings.write_text(f"connections_per_address = {_CONNECTIONS}\n{text}", "utf-8")


@asynccontextmanager
async def national_side_program(env: Environment) -> AsyncIterator[ControlClient]:
    """Run the simulator without agencies as a process of its own; yield its control interface."""
    (env.folder / _NATIONAL_FILE).write_text(simulator_settings(env.plan, ()), "utf-8")
    program = await start_simulator(env.folder, env.plan, _NATIONAL_FILE)
    async with running(program), ControlClient(env.plan.url("control")) as control:
        yield control


@asynccontextmanager
async def gateway_program(env: Environment) -> AsyncIterator[Program]:
    """Run the gateway as a process of its own."""
    program = await start_gateway(env.folder, env.plan)
    async with running(program):
        yield program


@asynccontextmanager
async def running(program: Program) -> AsyncIterator[None]:
    """Wait until a program is ready; stop it at the end."""
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            await program.wait_ready(client)
        yield
    finally:
        await program.stop()


@asynccontextmanager
async def portal_client(env: Environment) -> AsyncIterator[HttpPortal]:
    """Yield the gateway's own client of the national side."""
    link = env.portal_link()
    async with SignedClient(env.settings.portal.url, link, peer=PORTAL, now=utc_now) as client:
        yield HttpPortal(client)


@asynccontextmanager
async def ledger_store(env: Environment) -> AsyncIterator[LedgerStore]:
    """Open the gateway's own store in this process."""
    sealer = load_sealer(env.settings.ledger_keys)
    store = open_ledger(env.settings.store, sealer=sealer, now=utc_now)
    try:
        yield store
    finally:
        await store.close()


async def ingest_all(portal: HttpPortal, store: LedgerStore, rules: Rules) -> list[str]:
    """Ingest page by page until the national side has no more; return the numbers."""
    numbers: list[str] = []
    more = True
    while more:
        result = await ingest(portal, store=store, rules=rules, now=utc_now)
        numbers += [row.key for row in result.rows if row.key is not None]
        more = result.more
    return numbers
