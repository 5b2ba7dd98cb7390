"""准备文件夹: makes keys and settings of a demonstration at the first start, and keeps them."""

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from duijie.demo.agencies import StandIn, stand_ins
from duijie.demo.key_files import make_keys
from duijie.demo.plan import (
    GATEWAY_FILE,
    LOGS,
    SIMULATOR_FILE,
    Plan,
    PlanOptions,
    make_plan,
)
from duijie.demo.settings_files import KEYS, gateway_settings, read_plan, simulator_settings
from duijie.errors import USAGE, CliError
from portable.files import create
from schemas.signing import EXPLANATIONS, SignatureErrorCode, Sm2, select_sm2
from storage.sealing import CryptoProfile

_OWN_FOLDER: Final = 0o700


def provision(folder: Path, options: PlanOptions, select: Callable[[], Sm2] = select_sm2) -> Plan:
    """Make what is missing in `folder` and return the plan its settings now say.

    `select` returns what computes SM2; it is asked in the national profile only.

    Raises:
        CliError: The folder is another province's or of the other cryptography profile, its
            settings are damaged, or nothing on this machine can sign with SM2.
        KeyRejected: A key file there is damaged or readable by others.
    """
    before = read_plan(folder)
    plan = make_plan(before, options)
    if plan.crypto is CryptoProfile.NATIONAL and not select().can_sign:
        explanation = EXPLANATIONS[SignatureErrorCode.KEY_SIGNER_UNAVAILABLE]
        raise CliError(explanation.title, explanation.cause, explanation.cure, USAGE)
    agencies = stand_ins(plan.province, plan.crypto)
    provision_keys(folder, plan, agencies)
    if plan != before:
        write_settings(folder, plan, agencies)
    return plan


def provision_keys(folder: Path, plan: Plan, agencies: tuple[StandIn, ...]) -> None:
    """Make the folders and the keys that are missing.

    Raises:
        KeyRejected: A key file there is damaged or readable by others.
    """
    for own in (folder / KEYS, folder / LOGS):
        _make_private(own)
    make_keys(folder / KEYS, plan, agencies)


def _make_private(folder: Path) -> None:
    """Make a folder and those above it that are missing, for their owner only."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir(mode=_OWN_FOLDER, exist_ok=True)


def write_settings(folder: Path, plan: Plan, agencies: tuple[StandIn, ...]) -> None:
    """Write the settings of both programs; files that are there are kept as `.old`."""
    _write(folder / SIMULATOR_FILE, simulator_settings(plan, agencies))
    _write(folder / GATEWAY_FILE, gateway_settings(plan, agencies))


def _write(path: Path, text: str) -> None:
    """Write a file that only its owner reads: a database address may hold a password.

    The file that it replaces is kept as `.old`.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(create(draft), "wb") as file:
        file.write(text.encode())
    with suppress(FileNotFoundError):
        path.replace(path.with_name(f"{path.name}.old"))
    draft.replace(path)
