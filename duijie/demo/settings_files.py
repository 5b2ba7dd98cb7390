"""设置文件: both settings files of a demonstration, as text to write and as a plan read back."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from duijie.demo.agencies import StandIn
from duijie.demo.key_files import OPERATOR_KEYS, key_names, public_name
from duijie.demo.plan import DEFAULT_PORTS, GATEWAY_FILE, SIMULATOR_FILE, Plan
from duijie.errors import USAGE, CliError
from duijie.ports import HOST
from duijie.reason_words import describe_reasoned
from gateway.domain.delivery import Delivery
from schemas.reasons.reason import ReasonedError, Unfit
from schemas.reasons.settings_file_reasons import toml_reason, validation_reasons
from storage.sealing import CryptoProfile
from transport.listen_address import read_tcp_address

KEYS: Final = "keys"
_HEADER: Final = """\
# 由 duijie up 生成，可以修改；以不同的选项再次运行时将重新生成，原文件另存为 .old。
# Written by duijie up; yours to edit. Other options write it anew and keep this one as .old.
"""


def gateway_settings(plan: Plan, agencies: tuple[StandIn, ...]) -> str:
    """Return the text of gateway.toml."""
    parts = [
        f"""{_HEADER}
province = "{plan.province}"
listen = "{HOST}:{plan.ports["gateway"]}"
health = "{HOST}:{plan.ports["health"]}"
console = "{HOST}:{plan.ports["console"]}"
store = {_quoted(plan.store)}
ledger_keys = "{KEYS}/ledger.json"
crypto_profile = "{plan.crypto}"

[portal]
url = "{plan.url("simulator")}"
key_file = "{KEYS}/portal-{plan.province}.json"
answer_key_file = "{KEYS}/national.public.json"
push_key_file = "{KEYS}/national-push.public.json"
"""
    ]
    for agency, port in _with_ports(plan, agencies):
        url = f'url = "http://{HOST}:{port}"\n' if agency.takes_pushes else ""
        parts.append(
            f"""
[[agency]]
code = "{agency.code}"
name = "{agency.name}"
division = "{agency.division}"
address = "{agency.address}"
telephone = "{agency.telephone}"
accounts = {agency.accounts}
delivery = "{agency.delivery}"
{url}{_gateway_side(agency)}"""
        )
    return "".join((*parts, _operator()))


def _operator() -> str:
    desk_key, gateway_key = OPERATOR_KEYS
    return f"""
[[operator]]
code = "desk"
name = "分派岗"
key_file = "{KEYS}/{desk_key.replace(".json", ".public.json")}"
our_key_file = "{KEYS}/{gateway_key}"
"""


def simulator_settings(plan: Plan, agencies: tuple[StandIn, ...]) -> str:
    """Return the text of simulator.toml; without agencies it is the national side alone."""
    parts = [
        f"""{_HEADER}
seed = {plan.seed}
folder = "simulator"

[national]
listen = "{HOST}:{plan.ports["simulator"]}"
control = "{HOST}:{plan.ports["control"]}"

[[province]]
division = "{plan.province}"
key_file = "{KEYS}/portal-{plan.province}.public.json"
answer_key_file = "{KEYS}/national.json"

[province.push]
gateway = "{plan.url("gateway")}"
key_file = "{KEYS}/national-push.json"
on = {str(plan.pushes).lower()}
"""
    ]
    for agency, port in _with_ports(plan, agencies):
        agency_key, gateway_key = key_names(agency)
        listen = f'listen = "{HOST}:{port}"\n' if agency.takes_pushes else ""
        parts.append(
            f"""
[[agency]]
code = "{agency.code}"
name = "{agency.name}"
division = "{agency.division}"
delivery = "{agency.delivery}"
{listen}{_tables(agency)}gateway = "{plan.url("gateway")}"
key_file = "{KEYS}/{agency_key}"
gateway_key_file = "{KEYS}/{public_name(gateway_key, agency.suite)}"
decide_after_s = {plan.decide_after_s}
"""
        )
    return "".join(parts)


def _gateway_side(agency: StandIn) -> str:
    """Return what the gateway knows of an agency's keys, or of its tables."""
    if agency.delivery is Delivery.EXCHANGE_TABLE:
        return f'[agency.tables]\nurl = "sqlite:///{_file(agency)}"\npoll_every_s = 1\n'
    agency_key, gateway_key = key_names(agency)
    theirs = public_name(agency_key, agency.suite)
    keys = f'key_file = "{KEYS}/{theirs}"\nour_key_file = "{KEYS}/{gateway_key}"\n'
    return keys if agency.delivery.is_signed else ""


def _tables(agency: StandIn) -> str:
    """Return where a stand-in agency has its tables, where it has some."""
    has_tables = agency.delivery is Delivery.EXCHANGE_TABLE
    return f'tables = "{_file(agency)}"\n' if has_tables else ""


def _file(agency: StandIn) -> str:
    return f"exchange-{agency.code}.db"


def _with_ports(plan: Plan, agencies: tuple[StandIn, ...]) -> Iterator[tuple[StandIn, int]]:
    port = plan.ports["agency"]
    for agency in agencies:
        yield agency, port
        port += agency.takes_pushes


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


class _Part(BaseModel):
    """A part of a settings file; the program itself checks the members that are not read here."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _GatewayFile(_Part):
    province: str
    listen: str
    health: str
    console: str = f"{HOST}:{DEFAULT_PORTS['console']}"
    store: str
    crypto_profile: CryptoProfile = CryptoProfile.INTERNATIONAL


class _NationalPart(_Part):
    listen: str
    control: str


class _PushPart(_Part):
    on: bool


class _ProvincePart(_Part):
    push: _PushPart | None = None


class _AgencyPart(_Part):
    listen: str | None = None
    decide_after_s: float = 0.0


class _SimulatorFile(_Part):
    seed: int
    national: _NationalPart
    province: tuple[_ProvincePart, ...] = ()
    agency: tuple[_AgencyPart, ...] = ()


def read_plan(folder: Path) -> Plan | None:
    """Return what the settings files in `folder` say; None where there are none yet.

    Raises:
        CliError: They are damaged.
    """
    paths = (folder / GATEWAY_FILE, folder / SIMULATOR_FILE)
    if not all(path.exists() for path in paths):
        return None
    try:
        gateway, simulator = (tomllib.loads(path.read_text("utf-8")) for path in paths)
        return _as_plan(_GatewayFile(**gateway), _SimulatorFile(**simulator))
    except (ValidationError, tomllib.TOMLDecodeError, UnicodeDecodeError, Unfit) as exc:
        raise CliError(
            f"{folder} 里的 {GATEWAY_FILE} 或 {SIMULATOR_FILE} 无法读取",
            describe_reasoned(_reasoned(exc)).full_cause,
            "请改正该文件，或删除这两个文件后重新运行（密钥与台账保留）",
            USAGE,
        ) from exc


def _reasoned(exc: ValueError) -> ReasonedError:
    match exc:
        case ReasonedError():
            return exc
        case ValidationError():
            return ReasonedError(*validation_reasons(exc, lambda _: ()))
        case _:
            return ReasonedError(toml_reason(exc))


def _as_plan(gateway: _GatewayFile, simulator: _SimulatorFile) -> Plan:
    pushed = [agency.listen for agency in simulator.agency if agency.listen]
    decide_after_s = max((agency.decide_after_s for agency in simulator.agency), default=0.0)
    ports = {
        "simulator": _port(simulator.national.listen),
        "control": _port(simulator.national.control),
        "gateway": _port(gateway.listen),
        "health": _port(gateway.health),
        "console": _port(gateway.console),
        "agency": _port(pushed[0]) if pushed else DEFAULT_PORTS["agency"],
    }
    return Plan(
        gateway.province,
        gateway.store,
        simulator.seed,
        decide_after_s,
        ports,
        gateway.crypto_profile,
        any(one.push is not None and one.push.on for one in simulator.province),
    )


def _port(address: str) -> int:
    return read_tcp_address(address).port
