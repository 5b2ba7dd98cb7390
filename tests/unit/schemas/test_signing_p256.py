"""ECDSA on P-256: the published signature of RFC 9421, and what is refused."""

import json
from base64 import b64decode
from pathlib import Path

import pytest
from multidict import CIMultiDict

from schemas.signing import Key, KeyRejected, SignatureErrorCode, Suite, new_key
from schemas.signing.bases import signature_base
from schemas.signing.fields import InnerList, parse_dictionary

PUBLISHED = json.loads(
    (Path(__file__).parents[2] / "vectors" / "rfc9421" / "p256.json").read_text()
)
KEY = Key.from_pem("test-key-ecc-p256", PUBLISHED["pem"])
SIGNATURE = b64decode(PUBLISHED["signature"].removeprefix("sig-b24=:").removesuffix(":"))
N = 0xFFFFFFFF_00000000_FFFFFFFF_FFFFFFFF_BCE6FAAD_A7179E84_F3B9CAC2_FC632551


def test_the_published_base_comes_out_and_its_signature_verifies() -> None:
    (described,) = parse_dictionary(PUBLISHED["signature_input"]).values()
    assert isinstance(described, InnerList)
    headers = CIMultiDict((name, value) for name, value in PUBLISHED["headers"])
    derived = {'"@status"': str(PUBLISHED["status"])}
    base = signature_base([item.text for item in described.items], described.text, derived, headers)

    assert base.decode() == PUBLISHED["base"]
    assert KEY.suite is Suite.ECDSA_P256_SHA256
    assert KEY.public_half().engine.verify(base, SIGNATURE)
    assert not KEY.engine.verify(base + b" ", SIGNATURE)


def test_a_signature_is_64_bytes_however_small_its_numbers() -> None:
    engine = new_key("province-410000", Suite.ECDSA_P256_SHA256).engine
    for number in range(300):
        base = number.to_bytes(2, "big")
        signature = engine.sign(base)
        assert len(signature) == 64
        assert engine.verify(base, signature)


def test_numbers_out_of_range_and_other_lengths_are_refused() -> None:
    base = PUBLISHED["base"].encode()
    r, s = int.from_bytes(SIGNATURE[:32], "big"), int.from_bytes(SIGNATURE[32:], "big")
    for pair in ((0, s), (r, 0), (0, 0), (N, s), (r, N), (2**256 - 1, s)):
        unfit = b"".join(number.to_bytes(32, "big") for number in pair)
        assert not KEY.engine.verify(base, unfit)
    for unfit in (b"", SIGNATURE[:-1], SIGNATURE + b"\0"):
        assert not KEY.engine.verify(base, unfit)


@pytest.mark.parametrize(
    ("private", "material"),
    [
        (True, bytes(32)),
        (True, N.to_bytes(32, "big")),
        (True, b"\1" * 31),
        (False, b"\4" + bytes(64)),
        (False, b"\2" + KEY.engine.public_bytes()[1:33]),
        (False, KEY.engine.public_bytes()[:-1] + b"\0"),
    ],
)
def test_what_is_no_key_is_refused(private: bool, material: bytes) -> None:
    make = Key.private if private else Key.public
    with pytest.raises(KeyRejected) as refused:
        make("a", Suite.ECDSA_P256_SHA256, material)
    assert refused.value.code is SignatureErrorCode.KEY_MALFORMED


@pytest.mark.parametrize("suite", [Suite.ECDSA_P256_SHA256, Suite.SM2_SM3])
def test_a_public_key_does_not_sign(suite: Suite) -> None:
    half = new_key("a", suite).public_half()
    with pytest.raises(KeyRejected) as refused:
        half.engine.sign(b"base")
    assert refused.value.code is SignatureErrorCode.KEY_CANNOT_SIGN
