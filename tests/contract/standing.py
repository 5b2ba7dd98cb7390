"""A national side, a gateway and an agency that takes pushes, all real, on free ports.

The fetching agency has no stand-in system: who holds its key is the agency.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.app.lifecycle import Gateway
from gateway.flows.failpoints import Failpoint
from gateway.settings_file import load_settings
from schemas.signing import Suite, new_key, write_key_file
from simulator.app import Simulator
from simulator.config import (
    AgencySettings,
    Delivery,
    NationalSettings,
    ProvinceSettings,
    SimulatorSettings,
)
from storage import sealing_keys

HENAN: Final = "410000"
JIYUAN: Final = "419001"
FETCHING, PUSHED = "4190010001", "4101000001"
_ANY: Final = "127.0.0.1:0"
_HEAD: Final = """
province = "{province}"
listen = "127.0.0.1:0"
health = "127.0.0.1:0"
store = "sqlite:///gateway.db"
ledger_keys = "ledger.json"
[portal]
url = "{portal}"
key_file = "{key}"
answer_key_file = "{answers}"
"""
_AGENCY: Final = """
[[agency]]
code = "{code}"
name = "{code}"
division = "{division}"
delivery = "fetch"
key_file = "{theirs}"
our_key_file = "{ours}"
"""


@dataclass(frozen=True, slots=True)
class Side:
    """One party's key files; with a shared secret every file of a connection is the same one."""

    private: Path
    public: Path


@dataclass(frozen=True, slots=True)
class Connection:
    """Who calls, who answers, and where."""

    caller: Side
    answerer: Side
    base: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is running: connections towards the national side, the gateway, the pushed agency.

    `reported` is set once the gateway has handed a result to the national side.
    """

    national: Simulator
    province: Connection
    agency: Connection
    pushed: Connection
    reported: asyncio.Event


@asynccontextmanager
async def national_side(folder: Path, suite: Suite) -> AsyncIterator[tuple[Simulator, Connection]]:
    """Run the national side alone; who holds the province's key is the province."""
    up = _connection(folder, "province", suite)
    national = Simulator(_national(up))
    try:
        await national.start()
        yield national, Connection(up.caller, up.answerer, national.addresses.national)
    finally:
        await national.stop()


@asynccontextmanager
async def standing(folder: Path, suite: Suite) -> AsyncIterator[Standing]:
    """Run them; the keys of every connection are of `suite`."""
    down, push = (_connection(folder, name, suite) for name in ("agency", "push"))
    sealing_keys.create(folder / "ledger.json")
    async with AsyncExitStack() as closing:
        national, up = await closing.enter_async_context(national_side(folder, suite))
        settings = folder / "gateway.toml"
        settings.write_text(_gateway(up, down, push), "utf-8")
        reported, loop = asyncio.Event(), asyncio.get_running_loop()

        def hook(failpoint: Failpoint) -> None:
            if failpoint is Failpoint.REPORT_SETTLED:  # passed in another thread
                loop.call_soon_threadsafe(reported.set)

        gateway = Gateway(load_settings(settings), hook=hook)
        closing.push_async_callback(gateway.drain)
        await gateway.start()
        pushed = Simulator(_pushed(push, gateway.addresses.listen))
        closing.push_async_callback(pushed.stop)
        await pushed.start()
        yield Standing(
            national,
            up,
            Connection(down.caller, down.answerer, gateway.addresses.listen),
            Connection(push.answerer, push.caller, pushed.addresses.agencies[PUSHED]),
            reported,
        )


def _connection(folder: Path, name: str, suite: Suite) -> Connection:
    """Make the keys of one connection."""
    caller = _side(folder, f"{name}-caller", suite)
    if caller.private == caller.public:
        return Connection(caller, caller)
    return Connection(caller, _side(folder, f"{name}-answerer", suite))


def _side(folder: Path, name: str, suite: Suite) -> Side:
    key, private = new_key(name, suite), folder / f"{name}.json"
    write_key_file(private, key)
    half = key.public_half()
    if half == key:
        return Side(private, private)
    write_key_file(folder / f"{name}.public.json", half)
    return Side(private, folder / f"{name}.public.json")


def _national(up: Connection) -> SimulatorSettings:
    province = ProvinceSettings(
        division=HENAN, key_file=up.caller.public, answer_key_file=up.answerer.private
    )
    return SimulatorSettings(
        seed=7, national=NationalSettings(listen=_ANY, control=_ANY), province=(province,)
    )


def _pushed(push: Connection, gateway: str) -> SimulatorSettings:
    agency = AgencySettings(
        code=PUSHED,
        name=PUSHED,
        division="410100",
        delivery=Delivery.PUSH,
        gateway=gateway,
        key_file=push.caller.private,
        gateway_key_file=push.answerer.public,
        listen=_ANY,
    )
    return SimulatorSettings(national=NationalSettings(listen=_ANY, control=_ANY), agency=(agency,))


def _gateway(up: Connection, down: Connection, push: Connection) -> str:
    head = _HEAD.format(
        province=HENAN, portal=up.base, key=up.caller.private, answers=up.answerer.public
    )
    agencies = ((FETCHING, JIYUAN, down), (PUSHED, "410100", push))
    return head + "".join(
        _AGENCY.format(
            code=code, division=division, theirs=one.caller.public, ours=one.answerer.private
        )
        for code, division, one in agencies
    )
