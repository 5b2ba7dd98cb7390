"""ECDSA on P-256 with SHA-256; a signature is the 64 bytes r‖s.

Source: RFC 9421 section 3.3.4.
"""

from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from schemas.signing.key_reasons import KeyReason
from schemas.signing.signature_errors import KeyRejected, SignatureErrorCode

_SCALAR_BYTES: Final = 32
_POINT_BYTES: Final = 65
_SIGNATURE_BYTES: Final = 64
_CURVE: Final = ec.SECP256R1()
_SCHEME: Final = ec.ECDSA(SHA256())


@dataclass(frozen=True, slots=True)
class P256Engine:
    """A P-256 key, private or public only."""

    private: ec.EllipticCurvePrivateKey | None
    public: ec.EllipticCurvePublicKey

    def sign(self, base: bytes) -> bytes:
        """Return 64 bytes r‖s; refuse with `key.cannot-sign` where only the public key is held."""
        if self.private is None:
            raise KeyRejected(SignatureErrorCode.KEY_CANNOT_SIGN, KeyReason.PUBLIC_ONLY.at())
        r, s = decode_dss_signature(self.private.sign(base, _SCHEME))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def verify(self, base: bytes, signature: bytes) -> bool:
        """Verify; n - s in place of s holds as well, so a signature is no identity (use nonces)."""
        if len(signature) != _SIGNATURE_BYTES:
            return False
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        try:
            self.public.verify(encode_dss_signature(r, s), base, _SCHEME)
        except InvalidSignature:
            return False
        return True

    def public_bytes(self) -> bytes:
        """Return the 65 bytes 04‖X‖Y."""
        return self.public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def p256_private(scalar: bytes) -> P256Engine:
    """Return the engine of a private key: 32 bytes, from 1 to n - 1."""
    if len(scalar) != _SCALAR_BYTES:
        raise KeyRejected(
            SignatureErrorCode.KEY_MALFORMED, KeyReason.P256_SIZE.at(bytes=_SCALAR_BYTES)
        )
    try:
        private = ec.derive_private_key(int.from_bytes(scalar, "big"), _CURVE)
    except ValueError:
        raise KeyRejected(SignatureErrorCode.KEY_MALFORMED, KeyReason.P256_NUMBER.at()) from None
    return P256Engine(private, private.public_key())


def p256_public(point: bytes) -> P256Engine:
    """Return the engine of a public key, 65 bytes 04‖X‖Y."""
    if len(point) != _POINT_BYTES:
        raise KeyRejected(SignatureErrorCode.KEY_MALFORMED, KeyReason.P256_FORM.at())
    try:
        return P256Engine(None, ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, point))
    except ValueError:
        raise KeyRejected(SignatureErrorCode.KEY_MALFORMED, KeyReason.P256_OFF_CURVE.at()) from None


def draw_p256() -> bytes:
    """Return a fresh private key, 32 bytes."""
    number = ec.generate_private_key(_CURVE).private_numbers().private_value
    return number.to_bytes(_SCALAR_BYTES, "big")
