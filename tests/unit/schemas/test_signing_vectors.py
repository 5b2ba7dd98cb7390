"""Known answers (已知答案): what others published comes out of this code byte for byte."""

import hashlib
import json
from base64 import b64decode
from dataclasses import dataclass
from pathlib import Path

import pytest
from multidict import CIMultiDict

from schemas.signing import (
    Key,
    Link,
    SignatureErrorCode,
    SignatureRejected,
    Suite,
    Target,
    verify_request,
)
from schemas.signing.bases import signature_base
from schemas.signing.digests import (
    check_content_digest,
    choose_sm3,
    content_digest,
    hmac_sm3_by_cryptography,
    hmac_sm3_by_hashlib,
    sm3,
    sm3_by_cryptography,
    sm3_by_hashlib,
)
from schemas.signing.fields import InnerList, Item, parse_dictionary
from tests.unit.schemas.signing_messages import NOW

VECTORS = json.loads(
    (Path(__file__).parents[2] / "vectors" / "rfc9421" / "appendix-b.json").read_text()
)
BY_NAME = {vector["name"]: vector for vector in VECTORS["signatures"]}
TRANSFORMED = VECTORS["transformations"]["messages"]
HELLO = b'{"hello": "world"}'


@dataclass(frozen=True, slots=True)
class Read:
    """A vector's signature, taken apart by the parser under test."""

    key: Key
    base: bytes
    signature: bytes


def key_named(name: str) -> Key:
    record = VECTORS["keys"][name]
    if "secret" in record:
        return Key.secret(name, Suite(record["suite"]), b64decode(record["secret"]))
    return Key.private(name, Suite(record["suite"]), b64decode(record["private"]))


def read(message: dict[str, object], signature_input: str, signature: str) -> Read:
    ((label, described),) = parse_dictionary(signature_input).items()
    value = parse_dictionary(signature)[label]
    assert isinstance(described, InnerList)
    assert isinstance(value, Item)
    assert isinstance(value.value, bytes)
    target, headers = wire(message)
    derived = {
        '"@method"': target.method,
        '"@authority"': target.authority,
        '"@path"': target.path,
        '"@query"': f"?{target.query}",
    }
    covered = [item.text for item in described.items]
    base = signature_base(covered, described.text, derived, headers)
    return Read(key_named(str(described.params["keyid"])), base, value.value)


def wire(message: dict[str, object]) -> tuple[Target, CIMultiDict[str]]:
    lines = message["headers"]
    assert isinstance(lines, list)
    target = Target.from_url(str(message["method"]), str(message["url"]))
    return target, CIMultiDict((name, value) for name, value in lines)


@pytest.mark.parametrize("name", ["B.2.5", "B.2.6"])
def test_the_published_base_and_signature_are_reproduced(name: str) -> None:
    vector = BY_NAME[name]
    found = read(vector["message"], vector["signature_input"], vector["signature"])

    assert found.base.decode() == vector["base"]
    assert found.key.engine.sign(found.base) == found.signature
    assert found.key.public_half().engine.verify(found.base, found.signature)


def test_the_published_public_key_is_the_half_of_the_published_private_key() -> None:
    published = b64decode(VECTORS["keys"]["test-key-ed25519"]["public"])

    assert key_named("test-key-ed25519").public_half().material == published


@pytest.mark.parametrize("message", TRANSFORMED, ids=[each["name"] for each in TRANSFORMED])
def test_a_transformation_breaks_the_signature_exactly_when_published_so(
    message: dict[str, object],
) -> None:
    vector = VECTORS["transformations"]
    found = read(message, vector["signature_input"], vector["signature"])

    assert found.key.engine.verify(found.base, found.signature) is message["verifies"]


@pytest.mark.parametrize("message", TRANSFORMED, ids=[each["name"] for each in TRANSFORMED])
def test_policy_refuses_the_published_transformations_because_they_leave_the_query_open(
    message: dict[str, object],
) -> None:
    # Given the published signature, and the same covered list under our own tag and window
    vector = VECTORS["transformations"]
    target, headers = wire(message)
    key = key_named("test-key-ed25519")
    created = int(NOW.timestamp())
    params = (
        f'("@method" "@path" "@authority" "accept");created={created};expires={created + 60}'
        ';nonce="AAECAwQFBgcICQoLDA0ODw";keyid="test-key-ed25519";tag="duijie-v1"'
    )
    links = {key.key_id: Link(ours=key, theirs=key.public_half())}

    for described, code in (
        (vector["signature_input"], SignatureErrorCode.WRONG_TAG),
        (f"transform={params}", SignatureErrorCode.COMPONENT_MISSING),
    ):
        headers["Signature-Input"], headers["Signature"] = described, vector["signature"]
        with pytest.raises(SignatureRejected) as refused:
            verify_request(links, target, headers, b"", now=NOW)
        assert refused.value.code is code


def test_sm3_of_abc_is_that_of_the_standard() -> None:  # GB/T 32905 appendix A.1
    expected = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"

    assert sm3(b"abc").hex() == expected
    assert sm3_by_cryptography(b"abc").hex() == expected


def test_both_ways_to_compute_sm3_agree() -> None:
    if "sm3" not in hashlib.algorithms_available:
        pytest.skip("this interpreter's hashlib has no sm3")
    for size in (0, 1, 55, 56, 64, 3000):
        data, secret = bytes(range(256)) * 12, bytes(range(40))
        assert sm3_by_hashlib(data[:size]) == sm3_by_cryptography(data[:size])
        assert hmac_sm3_by_hashlib(secret, data[:size]) == hmac_sm3_by_cryptography(
            secret, data[:size]
        )


def test_sm3_comes_from_cryptography_where_hashlib_lacks_it() -> None:
    assert choose_sm3({"sha256"}) == (sm3_by_cryptography, hmac_sm3_by_cryptography)
    assert choose_sm3({"sha256", "sm3"}) == (sm3_by_hashlib, hmac_sm3_by_hashlib)


def test_hmac_is_the_construction_of_rfc_2104_over_sm3() -> None:
    secret, data = bytes(range(32)), b"base"
    block = secret.ljust(64, b"\0")
    inner = sm3(bytes(byte ^ 0x36 for byte in block) + data)

    assert hmac_sm3_by_cryptography(secret, data) == sm3(
        bytes(byte ^ 0x5C for byte in block) + inner
    )


@pytest.mark.parametrize(
    ("algorithm", "body", "field"),
    [
        ("sha-256", HELLO, "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"),
        ("sha-256", HELLO + b"\n", "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"),
        ("sha-512", HELLO, BY_NAME["B.2.5"]["message"]["headers"][3][1]),
    ],
)
def test_the_sample_digests_of_rfc_9530_and_9421_come_out(
    algorithm: str, body: bytes, field: str
) -> None:
    assert content_digest(algorithm, body) == field
    check_content_digest(field, body, algorithm=algorithm)
