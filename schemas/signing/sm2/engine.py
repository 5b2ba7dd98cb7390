"""SM2 with SM3 (国密签名): the port, its two back ends to choose from, and the engine of the suite.

A signature is the 64 bytes r‖s. The signer's ID enters every hash, so both sides have to mean the
same one; many programs differ in what they take when none is given, so it is always explicit here.

Source: GB/T 32918.2 and .5 (GM/T 0003), GB/T 35276 (default ID).
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final, Protocol

from schemas.signing.signature_errors import KeyRefused, Refusal
from schemas.signing.sm2.libcrypto import open_libcrypto
from schemas.signing.sm2.plain import (
    SCALAR_BYTES,
    N,
    PlainSm2,
    check_scalar,
    hashed,
    identity_hash,
    read_point,
    sign_with,
)

DEFAULT_SIGNER_ID: Final = "1234567812345678"
MAX_SIGNER_ID_BYTES: Final = 255


class Sm2Verifier(Protocol):
    """A public key made ready; may be shared by threads."""

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Say whether the 64 bytes r‖s are the key's over `message`; never raises for them."""
        ...


class Sm2Signer(Protocol):
    """A private key made ready; may be shared by threads."""

    @property
    def point(self) -> bytes:
        """The public half, 65 bytes `04‖X‖Y`."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes r‖s over `message`."""
        ...


class Sm2(Protocol):
    """What can do SM2: a library, plain Python, or one day a device (密码机)."""

    @property
    def name(self) -> str:
        """A word for `doctor` and the log."""
        ...

    @property
    def can_sign(self) -> bool:
        """Whether `signer` works."""
        ...

    def verifier(self, point: bytes, signer_id: bytes) -> Sm2Verifier:
        """Return the public key `04‖X‖Y` made ready."""
        ...

    def signer(self, scalar: bytes, signer_id: bytes) -> Sm2Signer:
        """Return the private key, 32 bytes, made ready.

        Raises:
            KeyRefused: `key.signer-unavailable`: what has to be installed.
        """
        ...


class SelfTestFailed(RuntimeError):
    """A back end computes otherwise than the standard: nothing it says may be used."""


@cache
def select_sm2() -> Sm2:
    """Return the system's libcrypto if it can do SM2, else plain Python that only verifies.

    Raises:
        SelfTestFailed: What was found does not reproduce the standard's example.
    """
    return choose_sm2(open_libcrypto())


def choose_sm2(library: Sm2 | None) -> Sm2:
    """Return `library`, or plain Python in its absence, after its self-test."""
    chosen = PlainSm2() if library is None else library
    self_test(chosen)
    return chosen


@dataclass(frozen=True, slots=True)
class Example:
    """The signature example of GM/T 0003.5 annex A (GB/T 32918.5); its private key is public."""

    scalar: bytes = bytes.fromhex(
        "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8"
    )
    point: bytes = bytes.fromhex(
        "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
        "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
    )
    message: bytes = b"message digest"
    signer_id: bytes = DEFAULT_SIGNER_ID.encode()
    z: bytes = bytes.fromhex("b2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3")
    e: int = 0xF0B43E94_BA45ACCA_ACE692ED_534382EB_17E6AB5A_19CE7B31_F4486FDF_C0D28640
    k: int = 0x59276E27_D506861A_16680F3A_D9C02DCC_EF3CC1FA_3CDBE4CE_6D54B80D_EAC1BC21
    signature: bytes = bytes.fromhex(
        "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
        "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
    )


EXAMPLE: Final = Example()


def self_test(sm2: Sm2) -> None:
    """Hold `sm2` against the standard's example, plain Python also with the prescribed k.

    Raises:
        SelfTestFailed: Naming the step.
    """
    example = EXAMPLE
    verifier = sm2.verifier(example.point, example.signer_id)
    _must(identity_hash(example.point, example.signer_id) == example.z, sm2, "Z")
    _must(hashed(example.z, example.message) == example.e, sm2, "e")
    _must(verifier.verify(example.message, example.signature), sm2, "verify")
    _must(not verifier.verify(example.message + b"!", example.signature), sm2, "refuse")
    if isinstance(sm2, PlainSm2):
        d = int.from_bytes(example.scalar, "big")
        _must(sign_with(example.e, d, example.k) == example.signature, sm2, "sign with k")
    if sm2.can_sign:
        signer = sm2.signer(example.scalar, example.signer_id)
        _must(signer.point == example.point, sm2, "public key")
        _must(verifier.verify(example.message, signer.sign(example.message)), sm2, "sign")


def _must(holds: bool, sm2: Sm2, step: str) -> None:
    if not holds:
        raise SelfTestFailed(f"SM2 by {sm2.name}: self-test failed at: {step}")


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
            raise KeyRefused(
                Refusal.KEY_MALFORMED, f"an SM2 signer ID has 1-{MAX_SIGNER_ID_BYTES} bytes"
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
            raise KeyRefused(Refusal.KEY_CANNOT_SIGN, "a public key cannot sign")
        return self.signer.sign(base)

    def verify(self, base: bytes, signature: bytes) -> bool:
        """Verify; there is one valid signature for each random number, none can be altered."""
        return self.verifier.verify(base, signature)

    def public_bytes(self) -> bytes:
        """Return the 65 bytes 04‖X‖Y."""
        return self.point


def sm2_private(scalar: bytes, use: Sm2Use) -> Sm2Engine:
    """Return the engine of a private key, 32 bytes; `KeyRefused` if unfit or nothing can sign."""
    check_scalar(scalar)
    sm2, signer_id = use.select(), use.id_bytes()
    signer = sm2.signer(scalar, signer_id)
    return Sm2Engine(signer, sm2.verifier(signer.point, signer_id), signer.point)


def sm2_public(point: bytes, use: Sm2Use) -> Sm2Engine:
    """Return the engine of a public key, 65 bytes; `KeyRefused` if not on the curve."""
    read_point(point)
    return Sm2Engine(None, use.select().verifier(point, use.id_bytes()), point)


def draw_sm2() -> bytes:
    """Return a fresh private key, a number from 1 to n - 2 in 32 bytes."""
    return (secrets.randbelow(N - 2) + 1).to_bytes(SCALAR_BYTES, "big")
