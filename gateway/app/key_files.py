"""The key files that the settings name: each is read once and judged by what was read."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.adapters.link_keys import read_link
from gateway.config import Settings
from schemas.signing import Link
from storage import sealing_keys
from storage.sealing import LedgerKeys


@dataclass(frozen=True, slots=True)
class GatewayKeys:
    """The keys of the ledger, of the connection to the portal, and by code of each agency's."""

    ledger: LedgerKeys
    portal: Link
    agencies: Mapping[str, Link]


def read_keys(settings: Settings) -> GatewayKeys:
    """Return the keys of a gateway; all of them keep to the cryptography profile (密码体系).

    Raises:
        Misconfigured, StoreMisconfigured: Which key file cannot be read, is open to others or does
            not keep to the profile, by which rule, and the cure.
    """
    profile = settings.crypto_profile
    return GatewayKeys(
        sealing_keys.load(settings.ledger_keys, profile),
        read_link(settings.portal.key_file, settings.portal.answer_key_file, profile),
        {one.code: read_link(one.our_key_file, one.key_file, profile) for one in settings.agency},
    )
