"""Who may call, by key id."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gateway.errors import Misconfigured
from schemas.reference.clock import Now
from schemas.signing import Link


class Role(StrEnum):
    """What a key may be used for; it follows from the key, never from a message."""

    AGENCY = "agency"
    PORTAL = "portal"


@dataclass(frozen=True, slots=True)
class Caller:
    """The authenticated calling party: an agency by its code, or the portal."""

    role: Role
    name: str
    link: Link


@dataclass(frozen=True, slots=True)
class Keyring:
    """The callers and their keys by key id, and the clock that signatures are judged by."""

    callers: Mapping[str, Caller]
    links: Mapping[str, Link]
    now: Now

    @classmethod
    def of(cls, callers: list[Caller], now: Now) -> "Keyring":
        """Return the keyring of `callers`.

        Raises:
            Misconfigured: Two of them share a key id, so neither could be told from the other.
        """
        named = [(key_id, caller) for caller in callers for key_id in caller.link.theirs.key_ids]
        by_key = dict(named)
        if len(by_key) < len(named):
            raise Misconfigured("two connections share a key id; each needs a key of its own")
        return cls(by_key, {key_id: caller.link for key_id, caller in by_key.items()}, now)
