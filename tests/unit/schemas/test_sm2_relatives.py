"""SM3 and SM4-GCM, which travel with SM2, give the published answers."""

import json
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from schemas.signing.digests import sm3, sm3_by_cryptography

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "sm" / "sm3-sm4.json").read_text())
GCM = {name: value for name, value in VECTORS["sm4_gcm"].items() if name != "source"}
KEY, NONCE, ASSOCIATED, PLAIN, SEALED, TAG = (
    bytes.fromhex(GCM[name]) for name in ("key", "nonce", "associated", "plain", "sealed", "tag")
)


@pytest.mark.parametrize("example", VECTORS["sm3"]["examples"], ids=["abc", "abcd x 16"])
def test_sm3_gives_the_published_digests(example: dict[str, str]) -> None:
    assert sm3(example["text"].encode()).hex() == example["digest"]
    assert sm3_by_cryptography(example["text"].encode()).hex() == example["digest"]


def opened(sealed: bytes, associated: bytes, tag: bytes) -> bytes:
    state = Cipher(algorithms.SM4(KEY), modes.GCM(NONCE, tag)).decryptor()
    state.authenticate_additional_data(associated)
    return state.update(sealed) + state.finalize()


def test_sm4_gcm_seals_as_published() -> None:
    state = Cipher(algorithms.SM4(KEY), modes.GCM(NONCE)).encryptor()
    state.authenticate_additional_data(ASSOCIATED)

    assert state.update(PLAIN) + state.finalize() == SEALED
    assert state.tag == TAG


def test_sm4_gcm_opens_the_published_text_and_nothing_else() -> None:
    assert opened(SEALED, ASSOCIATED, TAG) == PLAIN
    for sealed, associated, tag in (
        (SEALED[:-1] + b"\0", ASSOCIATED, TAG),
        (SEALED, ASSOCIATED[:-1], TAG),
        (SEALED, ASSOCIATED, TAG[:-1] + b"\0"),
    ):
        with pytest.raises(InvalidTag):
            opened(sealed, associated, tag)
