"""Keys (密钥) of the two parties, parsed once, never printed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Self

from schemas.signing.key_reasons import KeyReason
from schemas.signing.pem import read_pem
from schemas.signing.signature_errors import KeyRejected, SignatureErrorCode, SignatureRejected
from schemas.signing.sm2.engine import Sm2Use
from schemas.signing.suites import SUITES, Engine, KeyKind, Suite

KEY_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@/-]{0,63}", re.ASCII)
_DEFAULT_USE: Final = Sm2Use()


@dataclass(frozen=True, slots=True)
class Validity:
    """When a key counts (有效期): from an instant on, until another; revoked it never does.

    Either end may be open. `until` itself is no longer within.
    """

    since: datetime | None = None
    until: datetime | None = None
    revoked: bool = False

    def __post_init__(self) -> None:
        """Refuse ends without a zone, and an end that is not after the beginning."""
        if any(end is not None and end.tzinfo is None for end in (self.since, self.until)):
            raise ValueError("the ends of a validity need a time zone")
        if self.since is not None and self.until is not None and self.until <= self.since:
            raise ValueError("a validity ends after it begins")

    def holds(self, at: datetime) -> bool:
        """Say whether a key of this validity counts at an instant."""
        return (
            not self.revoked
            and (self.since is None or self.since <= at)
            and (self.until is None or at < self.until)
        )


ALWAYS: Final = Validity()


@dataclass(frozen=True, slots=True)
class Key:
    """One party's key record (密钥登记): make it with `secret`, `private`, `public` or `new_key`.

    `key_id` is 1–64 characters of `A-Z a-z 0-9 . _ : @ / -` and distinguishes upper from lower.
    """

    key_id: str
    suite: Suite
    kind: KeyKind
    material: bytes = field(repr=False)
    signer_id: str  # of SM2, with other suites empty
    digest: str = field(repr=False, compare=False)
    engine: Engine = field(repr=False, compare=False)
    validity: Validity = ALWAYS

    @classmethod
    def secret(cls, key_id: str, suite: Suite, secret: bytes) -> Self:
        """Return a key shared by both parties; at least 32 bytes, else `KeyRejected`."""
        return cls._of(key_id, suite, KeyKind.SECRET, secret, _DEFAULT_USE)

    @classmethod
    def private(cls, key_id: str, suite: Suite, seed: bytes, sm2: Sm2Use = _DEFAULT_USE) -> Self:
        """Return a key that signs and verifies.

        Args:
            key_id: The name both parties know it by.
            suite: A suite of key pairs.
            seed: 32 bytes: the seed of RFC 8032, or the private number, big-endian.
            sm2: The signer's ID and what computes SM2; for that suite only.

        Raises:
            KeyRejected: Unfit, or `key.signer-unavailable`: nothing here can sign with SM2.
        """
        return cls._of(key_id, suite, KeyKind.PRIVATE, seed, sm2)

    @classmethod
    def public(cls, key_id: str, suite: Suite, raw: bytes, sm2: Sm2Use = _DEFAULT_USE) -> Self:
        """Return a key that only verifies; Ed25519: 32 bytes, P-256 and SM2: 65, 04‖X‖Y."""
        return cls._of(key_id, suite, KeyKind.PUBLIC, raw, sm2)

    @classmethod
    def from_pem(cls, key_id: str, text: str, sm2: Sm2Use = _DEFAULT_USE) -> Self:
        """Return the one key in a PEM text; its suite follows from algorithm and curve.

        Of a certificate only the key is taken: who vouches for it is not judged here.

        Raises:
            KeyRejected: Not one unencrypted key of a suite of key pairs.
        """
        found = read_pem(text)
        suite = Suite(found.suite)
        sm2 = sm2 if SUITES[suite].has_signer_id else _DEFAULT_USE
        if found.private is None:
            return cls._of(key_id, suite, KeyKind.PUBLIC, found.public or b"", sm2)
        key = cls._of(key_id, suite, KeyKind.PRIVATE, found.private, sm2)
        if found.public not in {None, key.engine.public_bytes()}:
            raise KeyRejected(SignatureErrorCode.KEY_MALFORMED, KeyReason.HALVES_DIFFER.at())
        return key

    @classmethod
    def _of(cls, key_id: str, suite: Suite, kind: KeyKind, material: bytes, sm2: Sm2Use) -> Self:
        if KEY_ID.fullmatch(key_id) is None:
            raise KeyRejected(SignatureErrorCode.KEY_MALFORMED, KeyReason.KEY_ID.at())
        spec = SUITES[suite]
        if kind not in spec.kinds:
            reason = KeyReason.KIND.at(suite=suite, kind=kind)
            raise KeyRejected(SignatureErrorCode.KEY_MALFORMED, reason)
        if sm2 != _DEFAULT_USE and not spec.has_signer_id:
            reason = KeyReason.NO_SIGNER_ID.at(suite=suite)
            raise KeyRejected(SignatureErrorCode.KEY_MALFORMED, reason)
        signer_id = sm2.signer_id if spec.has_signer_id else ""
        engine = spec.ready(kind, material, sm2)
        return cls(key_id, suite, kind, material, signer_id, spec.digest, engine)

    @property
    def can_sign(self) -> bool:
        """Whether more than the public half is held."""
        return self.kind is not KeyKind.PUBLIC

    @property
    def key_ids(self) -> tuple[str, ...]:
        """The key id, as the one of a set with one key."""
        return (self.key_id,)

    def __iter__(self) -> Iterator["Key"]:
        """Yield the key, as a set with one key does."""
        yield self

    def valid(self, validity: Validity) -> "Key":
        """Return the key with another validity."""
        return replace(self, validity=validity)

    def signing(self, at: datetime) -> "Key":
        """Return the key itself.

        Raises:
            KeyRejected: `key.not-valid`: it does not count at that instant.
        """
        if not self.validity.holds(at):
            reason = KeyReason.NOT_VALID.at(key_id=self.key_id)
            raise KeyRejected(SignatureErrorCode.KEY_NOT_VALID, reason)
        return self

    def verifying(self, key_id: str, at: datetime) -> "Key":
        """Return the key itself if it has this id.

        Raises:
            SignatureRejected: `signature.unknown-key`: it is another, or did not count at the
                instant of signing.
        """
        if key_id != self.key_id:
            raise SignatureRejected(SignatureErrorCode.UNKNOWN_KEY, "signed with another key")
        if not self.validity.holds(at):
            raise SignatureRejected(SignatureErrorCode.UNKNOWN_KEY, "the key is not valid")
        return self

    def public_half(self) -> "Key":
        """Return the part to hand to the other party; a shared secret is its own."""
        if self.kind is not KeyKind.PRIVATE:
            return self
        sm2 = Sm2Use(self.signer_id) if self.signer_id else _DEFAULT_USE
        half = Key.public(self.key_id, self.suite, self.engine.public_bytes(), sm2)
        return half.valid(self.validity)


def new_key(key_id: str, suite: Suite) -> Key:
    """Return a fresh key from the system's random source."""
    kind, material = SUITES[suite].draw()
    return (
        Key.private(key_id, suite, material)
        if kind is KeyKind.PRIVATE
        else Key.secret(key_id, suite, material)
    )
