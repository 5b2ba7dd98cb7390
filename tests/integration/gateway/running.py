"""A real gateway on free ports, its keys and ledger in a temporary folder."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from gateway.app.lifecycle import Gateway
from gateway.config import Settings
from gateway.flows.failpoints import Failpoint
from gateway.settings_file import load_settings
from schemas.signing import Key, Link, Suite, new_key, write_key_file
from storage import sealing_keys
from tests.builders.records import JINSHUI, JIYUAN
from tests.integration.gateway.peers import (
    AgencyClient,
    AgencyServer,
    PortalServer,
    served,
    signed_app,
)

_TOML = """
province = "410000"
listen = "127.0.0.1:0"
health = "127.0.0.1:0"
store = "sqlite:///gateway.db"
ledger_keys = "ledger.json"
poll_every_s = 3600
long_poll_s = {long_poll_s}
[portal]
url = "{portal}"
key_file = "portal.json"
answer_key_file = "portal.json"
[[agency]]
code = "{jinshui}"
name = "金水区公共就业服务中心"
division = "410105"
delivery = "push"
url = "{pushed}"
key_file = "{jinshui}.json"
our_key_file = "{jinshui}.json"
[[agency]]
code = "{jiyuan}"
name = "济源市公共就业服务中心"
division = "419001"
delivery = "fetch"
key_file = "{jiyuan}.json"
our_key_file = "{jiyuan}.json"
"""


class Milestones:
    """Lets a test wait for a step of a flow, which may be passed in another thread."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._passed = {failpoint: asyncio.Event() for failpoint in Failpoint}

    def hook(self, failpoint: Failpoint) -> None:
        """Note one step; what the gateway calls."""
        self._loop.call_soon_threadsafe(self._passed[failpoint].set)

    async def passed(self, failpoint: Failpoint) -> None:
        """Wait until the step was passed at least once."""
        await self._passed[failpoint].wait()


@dataclass(frozen=True)
class Scene:
    """A gateway between a scripted portal and two agencies: 金水区 is pushed to, 济源市 fetches."""

    gateway: Gateway
    portal: PortalServer
    pushed: AgencyServer
    jinshui: AgencyClient
    jiyuan: AgencyClient
    portal_key: Key
    session: aiohttp.ClientSession
    failpoints: Milestones

    async def health(self, path: str) -> tuple[int, str]:
        """Return what the second port says."""
        async with self.session.get(f"{self.gateway.addresses.health}{path}") as answer:
            return answer.status, await answer.text()

    async def figure(self, line_start: str) -> float:
        """Return one metric's value; 0 while it has no line."""
        _, text = await self.health("/metrics")
        found = [line for line in text.splitlines() if line.startswith(line_start + " ")]
        return float(found[0].rpartition(" ")[2]) if found else 0.0


def write_keys(folder: Path) -> dict[str, Key]:
    """Write fresh keys where there are none; return those of the connections by file stem."""
    made: dict[str, Key] = {}
    for name in ("portal", JINSHUI, JIYUAN):
        made[name] = new_key(f"key-{name}", Suite.HMAC_SHA256)
        write_key_file(folder / f"{name}.json", made[name])
    sealing_keys.create(folder / "ledger.json")
    return made


def write_settings(folder: Path, *, portal: str, pushed: str, long_poll_s: int = 25) -> Settings:
    """Write and read the settings of a scene."""
    path = folder / "gateway.toml"
    text = _TOML.format(
        portal=portal, pushed=pushed, long_poll_s=long_poll_s, jinshui=JINSHUI, jiyuan=JIYUAN
    )
    path.write_text(text, encoding="utf-8")
    return load_settings(path)


@asynccontextmanager
async def a_scene(folder: Path, made: dict[str, Key] | None = None) -> AsyncIterator[Scene]:
    """Run a gateway and its peers; with `made`, over the keys and ledger already in `folder`."""
    known = made or write_keys(folder)
    portal, pushed = PortalServer(), AgencyServer()
    async with AsyncExitStack() as closing:
        link = Link(known["portal"], known["portal"])
        portal_url = await closing.enter_async_context(served(signed_app(link, portal.answer)))
        agency_link = Link(known[JINSHUI], known[JINSHUI])
        pushed_url = await closing.enter_async_context(
            served(signed_app(agency_link, pushed.answer))
        )
        session = await closing.enter_async_context(aiohttp.ClientSession())
        failpoints = Milestones()
        settings = write_settings(folder, portal=portal_url, pushed=pushed_url)
        gateway = Gateway(settings, hook=failpoints.hook)
        closing.push_async_callback(gateway.drain)
        await gateway.start()
        base = gateway.addresses.listen
        yield Scene(
            gateway,
            portal,
            pushed,
            AgencyClient(base, known[JINSHUI], session),
            AgencyClient(base, known[JIYUAN], session),
            known["portal"],
            session,
            failpoints,
        )
