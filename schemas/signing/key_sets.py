"""Several keys of one party (密钥组), so that a key can be exchanged without a missed message."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol

from schemas.signing.key_reasons import KeyReason
from schemas.signing.keys import Key
from schemas.signing.signature_errors import KeyRejected, SignatureErrorCode, SignatureRejected
from schemas.signing.tags import PLAIN_TAGS, Tags

_FIRST: Final = datetime.min.replace(tzinfo=UTC)


class Keys(Protocol):
    """What one party signs with: a `Key`, or a `KeySet` while a key is exchanged for another."""

    @property
    def key_ids(self) -> tuple[str, ...]:
        """The ids, whether the keys count now or not."""
        ...

    def __iter__(self) -> Iterator[Key]:
        """Yield every key, whether it counts now or not."""
        ...

    def signing(self, at: datetime) -> Key:
        """Return the newest key that counts at an instant; raise `KeyRejected` where none does."""
        ...

    def verifying(self, key_id: str, at: datetime) -> Key:
        """Return the key with this id.

        Raises:
            SignatureRejected: `signature.unknown-key`: there is none, or it did not count at the
                instant of signing: expired, revoked, not yet valid. The message does not say which.
        """
        ...


@dataclass(frozen=True, slots=True)
class KeySet:
    """The keys of one party, with distinct ids; at least one."""

    keys: tuple[Key, ...]

    def __post_init__(self) -> None:
        """Refuse an empty set, and two keys under one id."""
        if not self.keys or len(set(self.key_ids)) < len(self.keys):
            raise KeyRejected(SignatureErrorCode.KEY_MALFORMED, KeyReason.SET.at())

    def __iter__(self) -> Iterator[Key]:
        """Yield every key."""
        return iter(self.keys)

    @property
    def key_ids(self) -> tuple[str, ...]:
        """The ids in the order of the file."""
        return tuple(key.key_id for key in self.keys)

    def signing(self, at: datetime) -> Key:
        """Return the key that began to count last; of several from the same instant the last."""
        valid = [key for key in self.keys if key.validity.holds(at)]
        if not valid:
            reason = KeyReason.NONE_VALID.at(key_ids=self.key_ids)
            raise KeyRejected(SignatureErrorCode.KEY_NOT_VALID, reason)
        return max(reversed(valid), key=lambda key: key.validity.since or _FIRST)

    def verifying(self, key_id: str, at: datetime) -> Key:
        """Return the key with this id if it counts."""
        for key in self.keys:
            if key.key_id == key_id:
                return key.verifying(key_id, at)
        raise SignatureRejected(SignatureErrorCode.UNKNOWN_KEY, "signed with another key")


class ReloadableKeys:
    """Keys that are exchanged while they are in use: whoever holds them sees the new ones."""

    def __init__(self, keys: Keys) -> None:
        """Begin with `keys`."""
        self._keys = keys

    def replace(self, keys: Keys) -> None:
        """Use `keys` from now on."""
        self._keys = keys._keys if isinstance(keys, ReloadableKeys) else keys  # no chain of them

    @property
    def key_ids(self) -> tuple[str, ...]:
        """The ids of today's keys."""
        return self._keys.key_ids

    def __iter__(self) -> Iterator[Key]:
        """Yield today's keys."""
        return iter(self._keys)

    def signing(self, at: datetime) -> Key:
        """Return the newest of today's keys that counts."""
        return self._keys.signing(at)

    def verifying(self, key_id: str, at: datetime) -> Key:
        """Return the one of today's keys that has this id."""
        return self._keys.verifying(key_id, at)


@dataclass(frozen=True, slots=True)
class Link:
    """The keys of one connection and its tags; with a shared secret both keys are the same."""

    ours: Keys
    theirs: Keys
    tags: Tags = PLAIN_TAGS

    def reloadable(self) -> "Link":
        """Return the link with keys that `exchange` can replace."""
        return Link(ReloadableKeys(self.ours), ReloadableKeys(self.theirs), self.tags)

    def exchange(self, fresh: "Link") -> None:
        """Use the keys of `fresh` from now on, in place, so that whoever holds this link does.

        Raises:
            TypeError: The link was not made by `reloadable`.
        """
        for held, keys in ((self.ours, fresh.ours), (self.theirs, fresh.theirs)):
            if not isinstance(held, ReloadableKeys):
                raise TypeError("the keys of this link cannot be exchanged")
            held.replace(keys)
