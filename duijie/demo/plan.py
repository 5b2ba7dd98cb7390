"""布置: what a demonstration consists of: made from options or an earlier plan."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from duijie.demo.agencies import stand_ins
from duijie.errors import USAGE, CliError
from duijie.ports import HOST, free_ports
from schemas.reasons.reason import Unfit
from storage.sealing import CryptoProfile
from storage.urls import check_store_url

GATEWAY_FILE: Final = "gateway.toml"
LOGS: Final = "logs"
SIMULATOR_FILE: Final = "simulator.toml"
DEFAULT_PROVINCE: Final = "410000"
DEFAULT_SEED: Final = 7
DEFAULT_STORE: Final = "sqlite:///gateway.db"
DEFAULT_PORTS: Final[Mapping[str, int]] = {
    "simulator": 8600,
    "control": 8601,
    "gateway": 8080,
    "health": 8081,
    "console": 8082,
    "agency": 8701,
}


@dataclass(frozen=True, slots=True)
class Plan:
    """One demonstration; `ports` has the names of `DEFAULT_PORTS`, all on the loopback.

    `agency` is the port of the first agency that takes pushes, the next one's is one higher.
    `decide_after_s` is how long a stand-in agency takes to decide. `crypto` names the algorithms
    that sign and seal (密码体系); like the province, it is fixed at the first start. With `pushes`
    the national side pushes what it forwards, beside the download.
    """

    province: str
    store: str
    seed: int
    decide_after_s: float
    ports: Mapping[str, int]
    crypto: CryptoProfile = CryptoProfile.INTERNATIONAL
    pushes: bool = False

    def url(self, name: str) -> str:
        """Return the base address of one of the ports."""
        return f"http://{HOST}:{self.ports[name]}"

    def required_ports(self) -> list[tuple[str, int]]:
        """Return every port that will be listened on, with the option that chooses it."""
        pushing = sum(agency.takes_pushes for agency in stand_ins(self.province))
        named = [(f"--{name}-port", port) for name, port in self.ports.items() if name != "agency"]
        return named + [("--agency-port", self.ports["agency"] + at) for at in range(pushing)]


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """What a demonstration should be; None or a missing port means as it was, else the default."""

    province: str | None = None
    store: str | None = None
    seed: int | None = None
    decide_after_s: float | None = None
    default_decide_after_s: float = 0.0
    ports: Mapping[str, int] = field(default_factory=dict)
    use_free_ports: bool = False
    crypto: CryptoProfile | None = None
    pushes: bool | None = None


def _check_store(url: str) -> None:
    try:
        check_store_url(url)
    except Unfit as exc:
        raise Unfit(*exc.reasons_within("--store")) from None


def make_plan(previous: Plan | None, options: PlanOptions) -> Plan:
    """Return the plan: of each part what the options say, else as it was, else the default.

    Raises:
        Unfit: The store is at no such URL.
        CliError: The folder is another province's, or of the other cryptography profile.
    """
    start = previous or _first(options)
    province, crypto = options.province or start.province, options.crypto or start.crypto
    if province != start.province:
        raise CliError(
            f"此文件夹已用于省份 {start.province}，与 --province {province} 不符",
            "一个文件夹只存放一个省份的密钥与台账",
            f"请换一个文件夹，例如 --folder var/{province}",
            USAGE,
        )
    if crypto is not start.crypto:
        raise CliError(
            f"此文件夹的密码体系是 {start.crypto}，与 --crypto {crypto} 不符",
            "台账的加密算法与各连接的密钥在建立时确定，不能原地更换",
            f"请换一个文件夹，例如 --folder var/{crypto}",
            USAGE,
        )
    if options.store is not None:
        _check_store(options.store)
    stand_ins(province)
    return Plan(
        province,
        options.store or start.store,
        start.seed if options.seed is None else options.seed,
        start.decide_after_s if options.decide_after_s is None else options.decide_after_s,
        {**start.ports, **options.ports},
        crypto,
        start.pushes if options.pushes is None else options.pushes,
    )


def _first(options: PlanOptions) -> Plan:
    ports = dict(DEFAULT_PORTS)
    if options.use_free_ports:
        ports = dict(zip(ports, free_ports(len(ports)), strict=True))
    return Plan(
        options.province or DEFAULT_PROVINCE,
        DEFAULT_STORE,
        DEFAULT_SEED,
        options.default_decide_after_s,
        ports,
        options.crypto or CryptoProfile.INTERNATIONAL,
    )
