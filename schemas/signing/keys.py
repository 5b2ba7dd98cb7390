"""Keys (密钥) of the two parties, parsed once, never printed."""

import re
from dataclasses import dataclass, field
from typing import Final, Self

from schemas.signing.refusals import KeyRefused, Refusal
from schemas.signing.suites import SUITES, Engine, Role, Suite

KEY_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@/-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Key:
    """One party's key record (密钥登记): make it with `secret`, `private`, `public` or `new_key`.

    `key_id` is 1–64 characters of `A-Z a-z 0-9 . _ : @ / -` and distinguishes upper from lower.
    """

    key_id: str
    suite: Suite
    role: Role
    material: bytes = field(repr=False)
    digest: str = field(repr=False, compare=False)
    engine: Engine = field(repr=False, compare=False)

    @classmethod
    def secret(cls, key_id: str, suite: Suite, secret: bytes) -> Self:
        """Return a key shared by both parties; at least 32 bytes, else `KeyRefused`."""
        return cls._of(key_id, suite, Role.SECRET, secret)

    @classmethod
    def private(cls, key_id: str, suite: Suite, seed: bytes) -> Self:
        """Return a key that signs and verifies; Ed25519: the 32-byte seed of RFC 8032."""
        return cls._of(key_id, suite, Role.PRIVATE, seed)

    @classmethod
    def public(cls, key_id: str, suite: Suite, raw: bytes) -> Self:
        """Return a key that only verifies; Ed25519: the 32-byte public key."""
        return cls._of(key_id, suite, Role.PUBLIC, raw)

    @classmethod
    def _of(cls, key_id: str, suite: Suite, role: Role, material: bytes) -> Self:
        if KEY_ID.fullmatch(key_id) is None:
            raise KeyRefused(Refusal.KEY_MALFORMED, "a key id is 1-64 letters, digits, . _ : @ / -")
        spec = SUITES[suite]
        if role not in spec.roles:
            raise KeyRefused(Refusal.KEY_MALFORMED, f"{suite} has no {role} key")
        return cls(key_id, suite, role, material, spec.digest, spec.ready(role, material))

    @property
    def can_sign(self) -> bool:
        """Whether more than the public half is held."""
        return self.role is not Role.PUBLIC

    def public_half(self) -> "Key":
        """Return the part to hand to the other party; a shared secret is its own."""
        if self.role is not Role.PRIVATE:
            return self
        return Key.public(self.key_id, self.suite, self.engine.public_bytes())


def new_key(key_id: str, suite: Suite) -> Key:
    """Return a fresh key from the system's random source."""
    role, material = SUITES[suite].draw()
    return (
        Key.private(key_id, suite, material)
        if role is Role.PRIVATE
        else Key.secret(key_id, suite, material)
    )


@dataclass(frozen=True, slots=True)
class Link:
    """The two keys of one connection; with a shared secret both are the same key."""

    ours: Key
    theirs: Key
