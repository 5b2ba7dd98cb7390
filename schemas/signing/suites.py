"""The signature suites (算法套件): one table, one entry each; the suite belongs to the key."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hmac import compare_digest
from types import MappingProxyType
from typing import Final, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from schemas.signing.digests import Mac, hmac_sha256, hmac_sm3
from schemas.signing.key_reasons import KeyReason
from schemas.signing.p256 import draw_p256, p256_private, p256_public
from schemas.signing.signature_errors import KeyRejected, SignatureErrorCode
from schemas.signing.sm2.engine import Sm2Use, draw_sm2, sm2_private, sm2_public

MIN_SECRET_BYTES: Final = 32
MAX_SECRET_BYTES: Final = 1024
_ED25519_BYTES: Final = 32

# A public key of small order accepts signatures that nobody made. The points of small order
# have these five y coordinates (mod p); the sign bit does not matter.
_P: Final = 2**255 - 19
_Y_ORDER_8: Final = int.from_bytes(
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
)
_SMALL_ORDER_Y: Final = frozenset({0, 1, _P - 1, _Y_ORDER_8, _P - _Y_ORDER_8})


class Suite(StrEnum):
    """The names of the suites, as the parameter `alg` carries them."""

    HMAC_SHA256 = "hmac-sha256"
    ED25519 = "ed25519"
    ECDSA_P256_SHA256 = "ecdsa-p256-sha256"
    HMAC_SM3 = "hmac-sm3"
    SM2_SM3 = "sm2-sm3"


class KeyKind(StrEnum):
    """Which part of a key is held; also the member name in a key file."""

    SECRET = "secret"  # noqa: S105 - a word, not a password
    PRIVATE = "private"
    PUBLIC = "public"


class Engine(Protocol):
    """A key made ready for use, parsed once."""

    def sign(self, base: bytes) -> bytes:
        """Return the signature over `base`."""
        ...

    def verify(self, base: bytes, signature: bytes) -> bool:
        """Say whether `signature` is the key's over `base`; never raises, constant time."""
        ...

    def public_bytes(self) -> bytes:
        """Return the raw public key; empty where there is none."""
        ...


@dataclass(frozen=True, slots=True)
class HmacEngine:
    """A shared secret with its keyed hash."""

    secret: bytes = field(repr=False)
    mac: Mac

    def sign(self, base: bytes) -> bytes:
        """Return the keyed hash of `base`."""
        return self.mac(self.secret, base)

    def verify(self, base: bytes, signature: bytes) -> bool:
        """Compare in constant time."""
        return compare_digest(self.mac(self.secret, base), signature)

    def public_bytes(self) -> bytes:
        """Return nothing: a shared secret has no public half."""
        return b""


@dataclass(frozen=True, slots=True)
class Ed25519Engine:
    """An Ed25519 key (RFC 8032), private or public only."""

    private: Ed25519PrivateKey | None
    public: Ed25519PublicKey

    def sign(self, base: bytes) -> bytes:
        """Return 64 bytes; refuse with `key.cannot-sign` where only the public key is held."""
        if self.private is None:
            raise KeyRejected(SignatureErrorCode.KEY_CANNOT_SIGN, KeyReason.PUBLIC_ONLY.at())
        return self.private.sign(base)

    def verify(self, base: bytes, signature: bytes) -> bool:
        """Verify; a scalar that is not reduced (S + L) is refused, so there is one signature."""
        try:
            self.public.verify(signature, base)
        except InvalidSignature:
            return False
        return True

    def public_bytes(self) -> bytes:
        """Return the 32 raw bytes."""
        return self.public.public_bytes_raw()


@dataclass(frozen=True, slots=True)
class Spec:
    """All that sets one suite apart from another."""

    digest: str  # the member of Content-Digest that counts
    kinds: frozenset[KeyKind]
    ready: Callable[[KeyKind, bytes, Sm2Use], Engine]  # raises KeyRejected
    draw: Callable[[], tuple[KeyKind, bytes]]  # a fresh key
    has_signer_id: bool = False  # the signer's ID enters every signature
    signs_in_pairs: bool = False  # a signature is r‖s, which other programs write as DER


def _ready_hmac(mac: Mac) -> Callable[[KeyKind, bytes, Sm2Use], Engine]:
    def ready(_kind: KeyKind, material: bytes, _use: Sm2Use) -> Engine:
        if len(material) < MIN_SECRET_BYTES:
            raise KeyRejected(
                SignatureErrorCode.KEY_TOO_SHORT,
                KeyReason.SECRET_TOO_SHORT.at(bytes=MIN_SECRET_BYTES),
            )
        if len(material) > MAX_SECRET_BYTES:
            raise KeyRejected(
                SignatureErrorCode.KEY_MALFORMED,
                KeyReason.SECRET_TOO_LONG.at(bytes=MAX_SECRET_BYTES),
            )
        return HmacEngine(material, mac)

    return ready


def _ready_ed25519(kind: KeyKind, material: bytes, _use: Sm2Use) -> Engine:
    if len(material) != _ED25519_BYTES:
        raise KeyRejected(
            SignatureErrorCode.KEY_MALFORMED,
            KeyReason.SIZE.at(suite=Suite.ED25519, bytes=_ED25519_BYTES),
        )
    if kind is KeyKind.PRIVATE:
        private = Ed25519PrivateKey.from_private_bytes(material)
        return Ed25519Engine(private, private.public_key())
    y = int.from_bytes(material, "little") & ((1 << 255) - 1)
    if y >= _P or y in _SMALL_ORDER_Y:
        raise KeyRejected(SignatureErrorCode.KEY_MALFORMED, KeyReason.ED25519_UNSOUND.at())
    return Ed25519Engine(None, Ed25519PublicKey.from_public_bytes(material))


def _ready_p256(kind: KeyKind, material: bytes, _use: Sm2Use) -> Engine:
    return p256_private(material) if kind is KeyKind.PRIVATE else p256_public(material)


def _ready_sm2(kind: KeyKind, material: bytes, use: Sm2Use) -> Engine:
    return sm2_private(material, use) if kind is KeyKind.PRIVATE else sm2_public(material, use)


def _draw_secret() -> tuple[KeyKind, bytes]:
    return KeyKind.SECRET, secrets.token_bytes(MIN_SECRET_BYTES)


def _draw_ed25519() -> tuple[KeyKind, bytes]:
    return KeyKind.PRIVATE, Ed25519PrivateKey.generate().private_bytes_raw()


def _draw_p256() -> tuple[KeyKind, bytes]:
    return KeyKind.PRIVATE, draw_p256()


def _draw_sm2() -> tuple[KeyKind, bytes]:
    return KeyKind.PRIVATE, draw_sm2()


_SHARED: Final = frozenset({KeyKind.SECRET})
_PAIR: Final = frozenset({KeyKind.PRIVATE, KeyKind.PUBLIC})

SUITES: Final[Mapping[Suite, Spec]] = MappingProxyType(
    {
        Suite.HMAC_SHA256: Spec("sha-256", _SHARED, _ready_hmac(hmac_sha256), _draw_secret),
        Suite.ED25519: Spec("sha-256", _PAIR, _ready_ed25519, _draw_ed25519),
        Suite.ECDSA_P256_SHA256: Spec(
            "sha-256", _PAIR, _ready_p256, _draw_p256, signs_in_pairs=True
        ),
        Suite.HMAC_SM3: Spec("sm3", _SHARED, _ready_hmac(hmac_sm3), _draw_secret),
        Suite.SM2_SM3: Spec(
            "sm3", _PAIR, _ready_sm2, _draw_sm2, has_signer_id=True, signs_in_pairs=True
        ),
    }
)

# What a province on national cryptography (国密) may use, by one setting of the gateway.
NATIONAL: Final = frozenset(suite for suite, spec in SUITES.items() if spec.digest == "sm3")
