"""The self-test of a back end: it reproduces the signature example that the standard prints.

Source: GM/T 0003.5 annex A (GB/T 32918.5).
"""

from dataclasses import dataclass
from typing import Final

from schemas.signing.sm2.plain import PlainSm2, hashed, identity_hash, sign_with
from schemas.signing.sm2.port import DEFAULT_SIGNER_ID, Sm2


class SelfTestFailed(RuntimeError):
    """A back end computes otherwise than the standard: nothing it says may be used."""


@dataclass(frozen=True, slots=True)
class StandardExample:
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


EXAMPLE: Final = StandardExample()


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
