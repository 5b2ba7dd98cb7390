"""Who may call, by key id."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gateway.errors import Misconfigured
from gateway.setting_reasons import SettingReason
from schemas.reference.clock import Now
from schemas.signing import Link


class Role(StrEnum):
    """What a key may be used for; it follows from the key, never from a message."""

    AGENCY = "agency"
    PORTAL = "portal"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Caller:
    """The authenticated calling party: the portal, an agency or a system of operators by code."""

    role: Role
    name: str
    link: Link


class Keyring:
    """The callers and their keys by key id, and the clock that signatures are judged by.

    Its callers may be exchanged while requests are verified: each look-up sees the old ones or the
    new ones.
    """

    def __init__(self, callers: Mapping[str, Caller], now: Now) -> None:
        """Hold `callers` by key id; see `of`."""
        self.now = now
        self.callers = callers
        self.links: Mapping[str, Link] = {key_id: one.link for key_id, one in callers.items()}

    @classmethod
    def of(cls, callers: Sequence[Caller], now: Now) -> "Keyring":
        """Return the keyring of `callers`.

        Raises:
            Misconfigured: Two of them share a key id, so neither could be told from the other.
        """
        named = [(key_id, one) for one in callers for key_id in one.link.theirs.key_ids]
        by_key = dict(named)
        if len(by_key) < len(named):
            raise Misconfigured(SettingReason.KEY_ID_SHARED.at())
        return cls(by_key, now)

    def exchange(self, fresh: "Keyring") -> None:
        """Know the callers of `fresh` from now on."""
        self.callers, self.links = fresh.callers, fresh.links
