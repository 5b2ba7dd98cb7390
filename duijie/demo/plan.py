"""布置: what a demonstration consists of, as its two settings files say; written and read back."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from duijie.demo.agencies import stand_ins
from duijie.errors import USAGE, Trouble
from duijie.ports import HOST, free_ports
from storage.sealing import CryptoProfile

GATEWAY_FILE: Final = "gateway.toml"
SIMULATOR_FILE: Final = "simulator.toml"
DEFAULT_PROVINCE: Final = "410000"
DEFAULT_SEED: Final = 7
DEFAULT_STORE: Final = "sqlite:///gateway.db"
DEFAULT_PORTS: Final[Mapping[str, int]] = {
    "simulator": 8600,
    "control": 8601,
    "gateway": 8080,
    "health": 8081,
    "agency": 8701,
}


@dataclass(frozen=True, slots=True)
class Plan:
    """One demonstration; `ports` has the names of `DEFAULT_PORTS`, all on the loopback.

    `agency` is the port of the first agency that takes pushes, the next one's is one higher.
    `decide_after_s` is how long a stand-in agency thinks about an application, `crypto` whose
    algorithms sign and seal (密码体系); the latter is fixed at the first start, like the province.
    """

    province: str
    store: str
    seed: int
    decide_after_s: float
    ports: Mapping[str, int]
    crypto: CryptoProfile = CryptoProfile.INTERNATIONAL

    def url(self, name: str) -> str:
        """Return the base address of one of the ports."""
        return f"http://{HOST}:{self.ports[name]}"

    def wanted_ports(self) -> list[tuple[str, int]]:
        """Return every port that will be listened on, with the option that chooses it."""
        pushed = sum(agency.pushed for agency in stand_ins(self.province))
        named = [(f"--{name}-port", port) for name, port in self.ports.items() if name != "agency"]
        return named + [("--agency-port", self.ports["agency"] + at) for at in range(pushed)]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was asked for on the command line; None or a missing port: as it was, or the default."""

    province: str | None = None
    store: str | None = None
    seed: int | None = None
    decide_after_s: float | None = None
    usual_thinking_s: float = 0.0
    ports: Mapping[str, int] = field(default_factory=dict)
    any_ports: bool = False
    crypto: CryptoProfile | None = None


def planned(before: Plan | None, wishes: Wishes) -> Plan:
    """Return what to set up: what was asked for, else as it was before, else the defaults.

    Raises:
        Trouble: The folder is another province's, or of the other cryptography profile.
    """
    start = before or _first(wishes)
    province, crypto = wishes.province or start.province, wishes.crypto or start.crypto
    if province != start.province:
        raise Trouble(
            f"此文件夹已用于省份 {start.province}，与 --province {province} 不符",
            "一个文件夹只放一个省份的密钥与台账",
            f"换一个文件夹，例如 --folder var/{province}",
            USAGE,
        )
    if crypto is not start.crypto:
        raise Trouble(
            f"此文件夹的密码体系是 {start.crypto}，与 --crypto {crypto} 不符",
            "台账的加密算法与各连接的密钥在建立时确定，不能就地更换",
            f"换一个文件夹，例如 --folder var/{crypto}",
            USAGE,
        )
    stand_ins(province)
    return Plan(
        province,
        wishes.store or start.store,
        start.seed if wishes.seed is None else wishes.seed,
        start.decide_after_s if wishes.decide_after_s is None else wishes.decide_after_s,
        {**start.ports, **wishes.ports},
        crypto,
    )


def _first(wishes: Wishes) -> Plan:
    ports = dict(DEFAULT_PORTS)
    if wishes.any_ports:
        ports = dict(zip(ports, free_ports(len(ports)), strict=True))
    return Plan(
        wishes.province or DEFAULT_PROVINCE,
        DEFAULT_STORE,
        DEFAULT_SEED,
        wishes.usual_thinking_s,
        ports,
        wishes.crypto or CryptoProfile.INTERNATIONAL,
    )


class _Loose(BaseModel):
    """A part of a settings file; what is not needed here is the program's own to judge."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _GatewayFile(_Loose):
    province: str
    listen: str
    health: str
    store: str
    crypto_profile: CryptoProfile = CryptoProfile.INTERNATIONAL


class _National(_Loose):
    listen: str
    control: str


class _StandInFile(_Loose):
    listen: str | None = None
    decide_after_s: float = 0.0


class _SimulatorFile(_Loose):
    seed: int
    national: _National
    agency: tuple[_StandInFile, ...] = ()


def read_plan(folder: Path) -> Plan | None:
    """Return what the settings files in `folder` say; None where there are none yet.

    Raises:
        Trouble: They are damaged.
    """
    paths = (folder / GATEWAY_FILE, folder / SIMULATOR_FILE)
    if not all(path.exists() for path in paths):
        return None
    try:
        ours, theirs = (tomllib.loads(path.read_text("utf-8")) for path in paths)
        return _as_plan(_GatewayFile(**ours), _SimulatorFile(**theirs))
    except (ValidationError, tomllib.TOMLDecodeError, UnicodeDecodeError, ValueError) as exc:
        raise Trouble(
            f"{folder} 里的 {GATEWAY_FILE} 或 {SIMULATOR_FILE} 无法读取：{exc}",
            "文件被改坏",
            "改正它，或删除这两个文件后重新运行（密钥与台账会保留）",
            USAGE,
        ) from exc


def _as_plan(ours: _GatewayFile, theirs: _SimulatorFile) -> Plan:
    pushed = [agency.listen for agency in theirs.agency if agency.listen]
    thinking = max((agency.decide_after_s for agency in theirs.agency), default=0.0)
    ports = {
        "simulator": _port(theirs.national.listen),
        "control": _port(theirs.national.control),
        "gateway": _port(ours.listen),
        "health": _port(ours.health),
        "agency": _port(pushed[0]) if pushed else DEFAULT_PORTS["agency"],
    }
    return Plan(ours.province, ours.store, theirs.seed, thinking, ports, ours.crypto_profile)


def _port(address: str) -> int:
    return int(address.rpartition(":")[2])
