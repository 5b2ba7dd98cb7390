"""密钥文件: the keys of a demonstration, one file each; a key that exists is kept."""

from contextlib import suppress
from pathlib import Path
from typing import Final

from duijie.demo.agencies import StandIn, shares_secret
from duijie.demo.plan import Plan
from schemas.signing import Suite, new_key, read_key_file, write_key_file
from storage import sealing_keys
from storage.sealing import CryptoProfile

OPERATOR_KEYS: Final = ("operator-desk.json", "gateway-desk.json")
"""The files of the operators' system's key and of the gateway's key for it."""
_PORTAL_SUITE: Final = {
    CryptoProfile.INTERNATIONAL: Suite.ED25519,
    CryptoProfile.NATIONAL: Suite.SM2_SM3,
}


def make_keys(folder: Path, plan: Plan, agencies: tuple[StandIn, ...]) -> None:
    """Make the keys of ledger, portal, national side and agencies that are not there yet.

    Raises:
        KeyRejected: A key file there is damaged or readable by others.
    """
    with suppress(FileExistsError):
        sealing_keys.create(folder / "ledger.json", plan.crypto)
    for name in (f"portal-{plan.province}.json", "national.json", "national-push.json"):
        _make_key(folder, name, _PORTAL_SUITE[plan.crypto])
    for name in OPERATOR_KEYS:
        _make_key(folder, name, _PORTAL_SUITE[plan.crypto])
    for agency in agencies:
        for name in sorted(set(key_names(agency))):
            _make_key(folder, name, agency.suite)


def _make_key(folder: Path, name: str, suite: Suite) -> None:
    """Make a key and, where it has one, its public half beside it; what exists is kept."""
    path = folder / name
    with suppress(FileExistsError):
        write_key_file(path, new_key(path.stem, suite))
    if not shares_secret(suite):
        half = read_key_file(path).public_half()
        with suppress(FileExistsError):
            write_key_file(folder / public_name(name, suite), half)


def key_names(agency: StandIn) -> tuple[str, str]:
    """Return the files of the agency's key and of the gateway's key for it; a secret is both."""
    agency_key = f"agency-{agency.code}.json"
    return agency_key, agency_key if shares_secret(agency.suite) else f"gateway-{agency.code}.json"


def public_name(name: str, suite: Suite) -> str:
    """Return the file of the public half; a secret has none and is its own."""
    return name if shares_secret(suite) else name.replace(".json", ".public.json")
