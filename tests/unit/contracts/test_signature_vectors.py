"""The signature vectors: every suite comes to the verdict that is published."""

from base64 import b64decode
from functools import cache

import pytest
from multidict import CIMultiDict

from contracts.publish.answer_vectors import AnswerVector
from contracts.publish.signature_alterations import PAIRED
from contracts.publish.signature_vectors import (
    SHARED,
    SHIPPED,
    Vector,
    VectorFile,
    vectors_of,
)
from schemas.records.dispatches import Pong
from schemas.signing import (
    Key,
    Link,
    SignatureErrorCode,
    SignatureRejected,
    Suite,
    Target,
    verify_answer,
    verify_request,
)


@cache
def published(suite: Suite) -> VectorFile:
    return VectorFile.read((SHIPPED / f"{suite}.json").read_bytes())


def theirs(suite: Suite) -> Key:
    file = published(suite)
    if suite in SHARED:
        return Key.secret(file.key_id, suite, b64decode(file.secret or ""))
    return Key.public(file.key_id, suite, b64decode(file.public or ""))


def verdict(suite: Suite, vector: Vector) -> str:
    """Return what a verifier says that remembers the nonce of the vector received before."""
    target = Target.from_url(vector.method, vector.url)
    key = theirs(suite)
    try:
        proven = verify_request(
            {key.key_id: Link(ours=key, theirs=key)},
            target,
            CIMultiDict(vector.headers),
            vector.body.encode(),
            now=vector.received_at,
        )
    except SignatureRejected as refused:
        return refused.code.value
    earlier = [one for one in published(suite).vectors if one.name == vector.after]
    met = any(f'nonce="{proven.nonce}"' in one.headers["Signature-Input"] for one in earlier)
    return SignatureErrorCode.REPLAYED.value if met else "accepted"


@pytest.mark.parametrize("suite", Suite)
def test_a_verifier_comes_to_every_published_verdict(suite: Suite) -> None:
    vectors = published(suite).vectors
    assert {one.name: verdict(suite, one) for one in vectors} == {
        one.name: one.verdict for one in vectors
    }
    wire = {code.value for code in SignatureErrorCode if code.startswith("signature.")}
    wire -= set() if suite in PAIRED else {SignatureErrorCode.DER_ENCODED.value}
    assert {one.verdict for one in vectors} == {"accepted", *wire}


def answer_verdict(suite: Suite, vector: AnswerVector) -> str:
    try:
        verify_answer(
            theirs(suite),
            status=vector.status,
            headers=CIMultiDict(vector.headers),
            body=vector.body.encode(),
            request_signature=vector.request_signature,
            now=vector.received_at,
        )
    except SignatureRejected as refused:
        return refused.code.value
    return "accepted"


@pytest.mark.parametrize("suite", Suite)
def test_a_caller_comes_to_every_published_verdict_on_an_answer(suite: Suite) -> None:
    answers = published(suite).answers
    assert {one.name: answer_verdict(suite, one) for one in answers} == {
        one.name: one.verdict for one in answers
    }
    assert len({one.verdict for one in answers}) >= 5


@pytest.mark.parametrize("suite", Suite)
def test_an_answer_belongs_to_the_first_request_and_its_base_is_what_was_signed(
    suite: Suite,
) -> None:
    request, answer = published(suite).vectors[0], published(suite).answers[0]
    assert answer.request_signature == request.headers["Signature"]
    assert answer.signature_base is not None
    signature = answer.headers["Signature"].removeprefix("duijie=:").removesuffix(":")
    assert theirs(suite).engine.verify(answer.signature_base.encode(), b64decode(signature))
    assert isinstance(Pong.read(answer.body), Pong)


@pytest.mark.parametrize("suite", [Suite.HMAC_SHA256, Suite.ED25519, Suite.HMAC_SM3])
def test_a_signer_without_chance_comes_to_the_same_bytes(suite: Suite) -> None:
    assert published(suite) == vectors_of(suite)


@pytest.mark.parametrize("suite", Suite)
def test_the_written_out_base_is_what_was_signed(suite: Suite) -> None:
    written = [one for one in published(suite).vectors if one.signature_base is not None]
    for vector in written:
        signature = vector.headers["Signature"].removeprefix("duijie=:").removesuffix(":")
        base = (vector.signature_base or "").encode()
        assert theirs(suite).engine.verify(base, b64decode(signature)), vector.name
    lines = {line for one in written for line in (one.signature_base or "").split("\n")}
    assert lines >= {'"@query": ?', '"@authority": entry.example.cn:8600', '"@method": GET'}


@pytest.mark.parametrize("suite", sorted(set(Suite) - SHARED))
def test_the_public_half_belongs_to_the_private_one(suite: Suite) -> None:
    file = published(suite)
    pair = Key.private(file.key_id, suite, b64decode(file.private or ""))
    assert pair.public_half().material == b64decode(file.public or "")
