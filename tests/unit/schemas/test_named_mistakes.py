"""Mistakes that every second signer makes are named as such, and nothing else is taken for them."""

from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from multidict import CIMultiDict

from schemas.signing import (
    Key,
    SignatureErrorCode,
    SignatureRejected,
    Suite,
    Target,
    sign_answer,
    verify_answer,
)
from schemas.signing.suites import SUITES
from tests.unit.schemas.signing_messages import BODY, NOW, Message, a_key, a_message

PAIRED = (Suite.ECDSA_P256_SHA256, Suite.SM2_SM3)
BARE_URL = "https://entry.example.cn/national/v1/ping"


def base_of(message: Message) -> str:
    """Return what was signed, written out by hand."""
    lines = [
        f'"@method": {message.target.method}',
        f'"@authority": {message.target.authority}',
        f'"@path": {message.target.path}',
        f'"@query": ?{message.target.query}',
        f'"content-type": {message.headers["Content-Type"]}',
        f'"content-digest": {message.headers["Content-Digest"]}',
        f'"@signature-params": {message.headers["Signature-Input"].removeprefix("duijie=")}',
    ]
    return "\n".join(lines)


def with_signature(message: Message, signature: bytes) -> Message:
    message.headers["Signature"] = f"duijie=:{b64encode(signature).decode()}:"
    return message


def in_der(pair: bytes) -> bytes:
    r, s = (int.from_bytes(half, "big") for half in (pair[:32], pair[32:]))
    return encode_dss_signature(r, s)


def test_only_these_suites_sign_in_pairs_of_64_bytes() -> None:
    assert {suite for suite, spec in SUITES.items() if spec.signs_in_pairs} == set(PAIRED)
    assert {len(a_key(suite).engine.sign(b"x")) for suite in PAIRED} == {64}


@pytest.mark.parametrize("suite", PAIRED)
def test_a_signature_in_der_is_named_as_such(suite: Suite) -> None:
    message = a_message(suite)
    signature = in_der(a_key(suite).engine.sign(base_of(message).encode()))
    assert with_signature(message, signature).rejection() == SignatureErrorCode.DER_ENCODED


@pytest.mark.parametrize("suite", PAIRED)
def test_an_answer_signed_in_der_is_named_as_such(suite: Suite) -> None:
    key, request = a_key(suite), a_message(suite).verify().signature
    headers = CIMultiDict(
        sign_answer(key, status=200, body=BODY, request_signature=request, now=NOW)
    )
    headers["Signature"] = f"duijie=:{b64encode(in_der(bytes([1]) * 64)).decode()}:"
    with pytest.raises(SignatureRejected) as refused:
        verify_answer(
            key, status=200, headers=headers, body=BODY, request_signature=request, now=NOW
        )
    assert refused.value.code is SignatureErrorCode.DER_ENCODED


@pytest.mark.parametrize(
    ("suite", "signature"),
    [
        (Suite.ECDSA_P256_SHA256, b"\x30\x3e\x02" + bytes(61)),  # 64 bytes
        (Suite.ECDSA_P256_SHA256, b"\x30\x45\x02" + bytes(67)),  # not as long as it says
        (Suite.ECDSA_P256_SHA256, bytes(71)),
        (Suite.ECDSA_P256_SHA256, b"\x30"),
        (Suite.ECDSA_P256_SHA256, b""),
        (Suite.SM2_SM3, bytes(63)),
        (Suite.ED25519, in_der(bytes([1]) * 64)),
        (Suite.HMAC_SHA256, in_der(bytes([1]) * 64)),
    ],
)
def test_what_is_not_der_is_a_mismatch(suite: Suite, signature: bytes) -> None:
    message = with_signature(a_message(suite), signature)
    assert message.rejection() == SignatureErrorCode.MISMATCH


@pytest.mark.parametrize("suite", Suite)
@pytest.mark.parametrize("query", ["", "?limit=1&wait=30"])
def test_a_query_without_its_mark_is_named_as_such(suite: Suite, query: str) -> None:
    message = a_message(suite)
    message.target = Target.from_url("POST", BARE_URL + query)
    bare = base_of(message).replace('"@query": ?', '"@query": ')
    signature = a_key(suite).engine.sign(bare.encode())
    assert with_signature(message, signature).rejection() == SignatureErrorCode.QUERY_MARK_MISSING


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('"@query": ?', '"@query": ??'),
        ('"@query": ?', '"@query":'),
        ('"@path": /', '"@path": '),
        ('"@method": POST', '"@method": post'),
    ],
)
def test_any_other_base_is_a_mismatch(right: str, wrong: str) -> None:
    message = a_message()
    message.target = Target.from_url("POST", BARE_URL)
    signature = a_key().engine.sign(base_of(message).replace(right, wrong).encode())
    assert with_signature(message, signature).rejection() == SignatureErrorCode.MISMATCH


def test_whoever_has_another_key_is_told_nothing_of_the_query() -> None:
    message = a_message()
    message.target = Target.from_url("POST", BARE_URL)
    bare = base_of(message).replace('"@query": ?', '"@query": ')
    other: Key = a_key(fill=8)
    signature = other.engine.sign(bare.encode())
    assert with_signature(message, signature).rejection() == SignatureErrorCode.MISMATCH
