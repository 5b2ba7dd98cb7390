"""SM2 with SM3 (国密签名): the engine of the suite, on whichever back end was selected.

A signature is the 64 bytes r‖s. The signer's ID enters every hash, so both sides have to mean the
same one; many programs differ in what they take when none is given, so it is always explicit here.

Source: GB/T 32918.2 and .5 (GM/T 0003).
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from schemas.signing.key_reasons import KeyReason
from schemas.signing.signature_errors import KeyRejected, SignatureErrorCode
from schemas.signing.sm2.curve import SCALAR_BYTES, N, check_scalar, read_point
from schemas.signing.sm2.port import DEFAULT_SIGNER_ID, Sm2, Sm2Signer, Sm2Verifier
from schemas.signing.sm2.selection import select_sm2

MAX_SIGNER_ID_BYTES: Final = 255


@dataclass(frozen=True, slots=True)
class Sm2Use:
    """How an SM2 key is used: the signer's ID, and the back end where not the selected one."""

    signer_id: str = DEFAULT_SIGNER_ID
    select: Callable[[], Sm2] = select_sm2

    def id_bytes(self) -> bytes:
        """Return the ID in UTF-8; refuse an empty one and one above 255 bytes."""
        try:
            encoded = self.signer_id.encode()
        except UnicodeEncodeError:
            encoded = b""
        if not 0 < len(encoded) <= MAX_SIGNER_ID_BYTES:
            raise KeyRejected(
                SignatureErrorCode.KEY_MALFORMED,
                KeyReason.SIGNER_ID.at(bytes=MAX_SIGNER_ID_BYTES),
            )
        return encoded


@dataclass(frozen=True, slots=True)
class Sm2Engine:
    """An SM2 key with its ID, private or public only."""

    signer: Sm2Signer | None
    verifier: Sm2Verifier
    point: bytes

    def sign(self, base: bytes) -> bytes:
        """Return 64 bytes r‖s; refuse with `key.cannot-sign` where only the public key is held."""
        if self.signer is None:
            raise KeyRejected(SignatureErrorCode.KEY_CANNOT_SIGN, KeyReason.PUBLIC_ONLY.at())
        return self.signer.sign(base)

    def verify(self, base: bytes, signature: bytes) -> bool:
        """Verify; there is one valid signature for each random number, none can be altered."""
        return self.verifier.verify(base, signature)

    def public_bytes(self) -> bytes:
        """Return the 65 bytes 04‖X‖Y."""
        return self.point


def sm2_private(scalar: bytes, use: Sm2Use) -> Sm2Engine:
    """Return the engine of a private key, 32 bytes; `KeyRejected` if unfit or nothing can sign."""
    check_scalar(scalar)
    sm2, signer_id = use.select(), use.id_bytes()
    signer = sm2.signer(scalar, signer_id)
    return Sm2Engine(signer, sm2.verifier(signer.point, signer_id), signer.point)


def sm2_public(point: bytes, use: Sm2Use) -> Sm2Engine:
    """Return the engine of a public key, 65 bytes; `KeyRejected` if not on the curve."""
    read_point(point)
    return Sm2Engine(None, use.select().verifier(point, use.id_bytes()), point)


def draw_sm2() -> bytes:
    """Return a fresh private key, a number from 1 to n - 2 in 32 bytes."""
    return (secrets.randbelow(N - 2) + 1).to_bytes(SCALAR_BYTES, "big")
