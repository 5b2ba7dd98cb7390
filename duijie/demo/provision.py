"""文件夹: keys and settings of a demonstration; made at the first start, kept ever after."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from duijie.demo.agencies import StandIn, shares_secret, stand_ins
from duijie.demo.plan import GATEWAY_FILE, SIMULATOR_FILE, Plan, PlanOptions, make_plan, read_plan
from duijie.errors import USAGE, CliError
from duijie.ports import HOST
from gateway.adapters import keys as ledger_keys
from gateway.adapters.keys import CryptoProfile
from schemas.signing import (
    EXPLANATIONS,
    Refusal,
    Sm2,
    Suite,
    new_key,
    read_key_file,
    select_sm2,
    write_key_file,
)

KEYS: Final = "keys"
_PORTAL_SUITE: Final = {
    CryptoProfile.INTERNATIONAL: Suite.ED25519,
    CryptoProfile.NATIONAL: Suite.SM2_SM3,
}
_HEADER: Final = """\
# 由 duijie up 写出，可以修改；用不同的选项再次运行时会重写，原文件另存为 .old。
# Written by duijie up; yours to edit. Other options write it anew and keep this one as .old.
"""


def provision(folder: Path, options: PlanOptions, select: Callable[[], Sm2] = select_sm2) -> Plan:
    """Make what is missing in `folder` and return the plan its settings now say.

    `select` returns what computes SM2; it is asked in the national profile only.

    Raises:
        CliError: The folder is another province's or of the other cryptography profile, its
            settings are damaged, or nothing on this machine can sign with SM2.
        KeyRefused: A key file there is damaged or readable by others.
    """
    before = read_plan(folder)
    plan = make_plan(before, options)
    if plan.crypto is CryptoProfile.NATIONAL and not select().can_sign:
        told = EXPLANATIONS[Refusal.KEY_SIGNER_UNAVAILABLE]
        raise CliError(told.title, told.cause, told.cure, USAGE)
    (folder / KEYS).mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / "logs").mkdir(exist_ok=True)
    agencies = stand_ins(plan.province, plan.crypto)
    _make_keys(folder / KEYS, plan, agencies)
    if plan != before:
        _write(folder / SIMULATOR_FILE, simulator_settings(plan, agencies))
        _write(folder / GATEWAY_FILE, gateway_settings(plan, agencies))
    return plan


def gateway_settings(plan: Plan, agencies: tuple[StandIn, ...]) -> str:
    """Return gateway.toml."""
    parts = [
        f"""{_HEADER}
province = "{plan.province}"
listen = "{HOST}:{plan.ports["gateway"]}"
health = "{HOST}:{plan.ports["health"]}"
store = {_quoted(plan.store)}
ledger_keys = "{KEYS}/ledger.json"
crypto_profile = "{plan.crypto}"

[portal]
url = "{plan.url("simulator")}"
key_file = "{KEYS}/portal-{plan.province}.json"
answer_key_file = "{KEYS}/national.public.json"
"""
    ]
    for agency, port in _with_ports(plan, agencies):
        theirs, ours = _key_names(agency)
        url = f'url = "http://{HOST}:{port}"\n' if agency.takes_pushes else ""
        parts.append(
            f"""
[[agency]]
code = "{agency.code}"
name = "{agency.name}"
division = "{agency.division}"
delivery = "{agency.delivery}"
{url}key_file = "{KEYS}/{_public(theirs, agency.suite)}"
our_key_file = "{KEYS}/{ours}"
"""
        )
    return "".join(parts)


def simulator_settings(plan: Plan, agencies: tuple[StandIn, ...]) -> str:
    """Return simulator.toml."""
    parts = [
        f"""{_HEADER}
seed = {plan.seed}

[national]
listen = "{HOST}:{plan.ports["simulator"]}"
control = "{HOST}:{plan.ports["control"]}"

[[province]]
division = "{plan.province}"
key_file = "{KEYS}/portal-{plan.province}.public.json"
answer_key_file = "{KEYS}/national.json"
"""
    ]
    for agency, port in _with_ports(plan, agencies):
        theirs, ours = _key_names(agency)
        listen = f'listen = "{HOST}:{port}"\n' if agency.takes_pushes else ""
        parts.append(
            f"""
[[agency]]
code = "{agency.code}"
name = "{agency.name}"
division = "{agency.division}"
delivery = "{agency.delivery}"
{listen}gateway = "{plan.url("gateway")}"
key_file = "{KEYS}/{theirs}"
gateway_key_file = "{KEYS}/{_public(ours, agency.suite)}"
decide_after_s = {plan.decide_after_s}
"""
        )
    return "".join(parts)


def _make_keys(folder: Path, plan: Plan, agencies: tuple[StandIn, ...]) -> None:
    with suppress(FileExistsError):
        ledger_keys.create(folder / "ledger.json", plan.crypto)
    for name in (f"portal-{plan.province}.json", "national.json"):
        _make_key(folder, name, _PORTAL_SUITE[plan.crypto])
    for agency in agencies:
        for name in sorted(set(_key_names(agency))):
            _make_key(folder, name, agency.suite)


def _make_key(folder: Path, name: str, suite: Suite) -> None:
    """Make a key and, where it has one, its public half beside it; what exists is kept."""
    path = folder / name
    with suppress(FileExistsError):
        write_key_file(path, new_key(path.stem, suite))
    if not shares_secret(suite):
        half = read_key_file(path).public_half()
        with suppress(FileExistsError):
            write_key_file(folder / _public(name, suite), half)


def _key_names(agency: StandIn) -> tuple[str, str]:
    """Return the files of the agency's key and of the gateway's towards it; a secret is shared."""
    theirs = f"agency-{agency.code}.json"
    return theirs, theirs if shares_secret(agency.suite) else f"gateway-{agency.code}.json"


def _public(name: str, suite: Suite) -> str:
    return name if shares_secret(suite) else name.replace(".json", ".public.json")


def _with_ports(plan: Plan, agencies: tuple[StandIn, ...]) -> Iterator[tuple[StandIn, int]]:
    port = plan.ports["agency"]
    for agency in agencies:
        yield agency, port
        port += agency.takes_pushes


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _write(path: Path, text: str) -> None:
    """Write for the owner only, since a database address may hold a password; keep the old one."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    with suppress(FileNotFoundError):
        path.replace(path.with_name(f"{path.name}.old"))
    draft.replace(path)
