"""SM2 (国密椭圆曲线签名) in plain Python: always good for verifying, for signing only on demand.

Verifying touches public values only. Signing here is not constant-time: whoever can measure it
may learn the private key, so it stays off unless switched on.

Source: GB/T 32918.2 (GM/T 0003).
"""

import secrets
import warnings
from typing import Final

from schemas.signing.digests import sm3
from schemas.signing.key_reasons import KeyReason
from schemas.signing.signature_errors import KeyRejected, SignatureErrorCode
from schemas.signing.sm2.curve import (
    INFINITY,
    B,
    G,
    N,
    P,
    add_base,
    multiply,
    odd_multiples,
    read_point,
    to_affine,
    write_point,
)

SIGNATURE_BYTES: Final = 64


class PlainSm2:
    """`Sm2` without any library; `signing` switches signing on, with a warning."""

    def __init__(self, *, signing: bool = False) -> None:
        if signing:
            warnings.warn(
                "SM2 signing in plain Python is not constant-time: for trials only",
                RuntimeWarning,
                stacklevel=2,
            )
        self.name = "plain"
        self.can_sign = signing

    def verifier(self, point: bytes, signer_id: bytes) -> "PlainVerifier":
        """Return a public key made ready."""
        return PlainVerifier(point, signer_id)

    def signer(self, scalar: bytes, signer_id: bytes) -> "PlainSigner":
        """Return a private key made ready; refuse with what to install unless switched on."""
        if not self.can_sign:
            raise KeyRejected(
                SignatureErrorCode.KEY_SIGNER_UNAVAILABLE, KeyReason.SM2_SIGNER_MISSING.at()
            )
        return PlainSigner(scalar, signer_id)


class PlainVerifier:
    """A public key with the multiples that every verification needs."""

    def __init__(self, point: bytes, signer_id: bytes) -> None:
        self._z = identity_hash(point, signer_id)
        self._odd = odd_multiples(read_point(point))

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Say whether the 64 bytes r‖s are the key's over `message` (GB/T 32918.2, 7)."""
        if len(signature) != SIGNATURE_BYTES:
            return False
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        return self.holds(hashed(self._z, message), r, s)

    def holds(self, e: int, r: int, s: int) -> bool:
        """Say whether (r, s) is the key's over the hash `e`; only reduced numbers count."""
        t = (r + s) % N
        if not (0 < r < N and 0 < s < N) or t == 0:
            return False
        x, _, z = add_base(multiply(t, self._odd), s)
        return z != 0 and (e + x * pow(z, -2, P) % P) % N == r


class PlainSigner:
    """A private key; `point` is its public half."""

    def __init__(self, scalar: bytes, signer_id: bytes) -> None:
        self._d = int.from_bytes(scalar, "big")
        self.point = write_point(self._d)
        self._z = identity_hash(self.point, signer_id)

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes r‖s over `message` (GB/T 32918.2, 6)."""
        e = hashed(self._z, message)
        while True:
            signature = sign_with(e, self._d, secrets.randbelow(N - 1) + 1)
            if signature is not None:
                return signature


def sign_with(e: int, d: int, k: int) -> bytes | None:
    """Return r‖s for the hash `e`, private key `d`, fresh secret `k`; `None`: draw another k."""
    r = (e + to_affine([add_base(INFINITY, k)])[0][0]) % N
    s = pow(1 + d, -1, N) * (k - r * d) % N
    if r == 0 or r + k == N or s == 0:
        return None
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def identity_hash(point: bytes, signer_id: bytes) -> bytes:
    """Return Z (杂凑值 Z_A): the signer's ID, the curve and the public key under SM3."""
    constants = (value.to_bytes(32, "big") for value in (P - 3, B, *G))
    return sm3(
        (8 * len(signer_id)).to_bytes(2, "big") + signer_id + b"".join(constants) + point[1:]
    )


def hashed(z: bytes, message: bytes) -> int:
    """Return e = SM3(Z‖M)."""
    return int.from_bytes(sm3(z + message), "big")
