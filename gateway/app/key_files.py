"""The key files that the settings name: each is read once and judged by what was read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from gateway.adapters.link_keys import LinkSettings, named_keys, read_link, require_separate_keys
from gateway.config import AgencySettings, OperatorSettings, PortalSettings, Settings
from gateway.errors import Misconfigured
from gateway.setting_reasons import SettingReason
from schemas.signing import (
    Direction,
    Key,
    Link,
    SignatureErrorCode,
    Tags,
    fingerprint,
)
from storage import sealing_keys
from storage.sealing import LedgerKeys


@dataclass(frozen=True, slots=True)
class GatewayKeys:
    """The keys of the ledger, of the connection to the portal, and by code of each caller's.

    An agency that exchanges no messages has none. `push` is what the portal pushes by, None where
    it does not: the key that signs what it pushes, and ours that signs the answers.
    """

    ledger: LedgerKeys
    portal: Link
    agencies: Mapping[str, Link]
    operators: Mapping[str, Link]
    push: Link | None = None

    def links(self) -> tuple[Link, ...]:
        """Every connection, in the order of the settings."""
        pushes = () if self.push is None else (self.push,)
        return self.portal, *pushes, *self.agencies.values(), *self.operators.values()


def read_keys(settings: Settings) -> GatewayKeys:
    """Return the keys of a gateway; all of them keep to the cryptography profile (密码体系).

    Raises:
        Misconfigured, StoreMisconfigured: Which key file cannot be read, is weak, is open to
            others, stands for two connections or does not keep to the profile; by setting, rule
            and cure.
    """
    profile = settings.crypto_profile
    ledger = sealing_keys.load(settings.ledger_keys, profile)
    portal_files = portal_link_settings(settings.portal)
    portal = read_link(portal_files, profile)
    files_of = {one.code: agency_link_settings(one) for one in settings.agency if one.key_files}
    agencies = {code: read_link(files, profile) for code, files in files_of.items()}
    operators = {
        one.code: read_link(operator_link_settings(one), profile) for one in settings.operator
    }
    push_files = push_link_settings(settings.portal)
    push = None if push_files is None else read_link(push_files, profile)
    links = [(portal_files, portal), *((files_of[code], agencies[code]) for code in files_of)]
    links += [(operator_link_settings(one), operators[one.code]) for one in settings.operator]
    uses = [list(named_keys(files, link)) for files, link in links]
    if push_files is not None and push is not None:
        uses.append([(push_files.their_setting, key) for key in push.theirs])
    require_separate_keys(uses)
    for named in uses:
        _require_other_than(ledger, named)
    return GatewayKeys(ledger, portal, agencies, operators, push)


def portal_link_settings(portal: PortalSettings) -> LinkSettings:
    """Return what the settings say of the keys of the connection to the portal."""
    return LinkSettings(
        portal.key_file,
        portal.answer_key_file,
        "portal.key_file",
        "portal.answer_key_file",
        Tags.of(Direction.PROVINCE_TO_NATIONAL, portal.tag),
    )


def push_link_settings(portal: PortalSettings) -> LinkSettings | None:
    """Return what the settings say of the keys of the portal's pushes; None without them."""
    if portal.push_key_file is None:
        return None
    return LinkSettings(
        portal.key_file,
        portal.push_key_file,
        "portal.key_file",
        "portal.push_key_file",
        Tags.of(Direction.PROVINCE_TO_NATIONAL, portal.tag),
    )


def agency_link_settings(agency: AgencySettings) -> LinkSettings:
    """Return what the settings say of the keys of the connection to an agency that has keys."""
    name = f"agency {agency.code}"
    theirs, ours = agency.key_files
    return LinkSettings(
        ours,
        theirs,
        f"{name} our_key_file",
        f"{name} key_file",
        Tags.of(Direction.PROVINCE_TO_AGENCY, agency.tag),
    )


def operator_link_settings(operator: OperatorSettings) -> LinkSettings:
    """Return what the settings say of the keys of the connection to a system of operators."""
    name = f"operator {operator.code}"
    return LinkSettings(
        operator.our_key_file,
        operator.key_file,
        f"{name} our_key_file",
        f"{name} key_file",
        Tags.of(Direction.PROVINCE_TO_OPERATOR, operator.tag),
    )


def _require_other_than(ledger: LedgerKeys, named: Iterable[tuple[str, Key]]) -> None:
    """Refuse a signing key that also seals the ledger: the peer would hold it."""
    held = (*ledger.data.values(), *ledger.index.values())
    sealing = {sha256(key).hexdigest() for key in held}
    for setting, key in named:
        if {fingerprint(key), sha256(key.material).hexdigest()} & sealing:
            where = (setting, SignatureErrorCode.KEY_SHARED)
            raise Misconfigured(SettingReason.KEY_OF_THE_LEDGER.at(*where))
