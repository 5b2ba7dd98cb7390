"""Answers: bound to their request, their status and their body."""

from datetime import timedelta

import pytest
from multidict import CIMultiDict

from schemas.signing import (
    Key,
    KeyRejected,
    SignatureErrorCode,
    SignatureRejected,
    Suite,
    sign_answer,
    verify_answer,
)
from schemas.signing.digests import content_digest
from tests.unit.schemas.signing_messages import CREATED, NOW, a_key, a_message

BODY = b'{"items":[{"result":"accepted"}]}'
REQUEST = a_message().verify().signature


def an_answer(key: Key, *, status: int = 200, body: bytes = BODY) -> CIMultiDict[str]:
    return CIMultiDict(
        sign_answer(key, status=status, body=body, request_signature=REQUEST, now=NOW)
    )


def verdict(
    headers: CIMultiDict[str],
    key: Key,
    *,
    status: int = 200,
    body: bytes = BODY,
    request: str = REQUEST,
    late_s: int = 0,
) -> str:
    """Return the code of the rejection, or "accepted"."""
    try:
        verify_answer(
            key,
            status=status,
            headers=headers,
            body=body,
            request_signature=request,
            now=NOW + timedelta(seconds=late_s),
        )
    except SignatureRejected as refused:
        return refused.code.value
    return "accepted"


@pytest.mark.parametrize("suite", list(Suite))
@pytest.mark.parametrize(("status", "body"), [(200, BODY), (204, b""), (503, b"{}")])
def test_an_answer_is_verified_with_the_other_partys_key(
    suite: Suite, status: int, body: bytes
) -> None:
    key = a_key(suite)

    headers = an_answer(key, status=status, body=body)
    assert verdict(headers, key.public_half(), status=status, body=body) == "accepted"


@pytest.mark.parametrize("suite", list(Suite))
def test_a_wait_can_be_covered_and_is_then_told_as_covered(suite: Suite) -> None:
    key = a_key(suite)
    headers = CIMultiDict(
        sign_answer(
            key, status=503, body=b"", request_signature=REQUEST, now=NOW, retry_after="600"
        )
    )
    headers["Retry-After"] = "600"

    def covered() -> tuple[str, ...]:
        return verify_answer(
            key.public_half(),
            status=503,
            headers=headers,
            body=b"",
            request_signature=REQUEST,
            now=NOW,
        )

    assert '"retry-after"' in covered()
    headers["Retry-After"] = "6000"
    with pytest.raises(SignatureRejected):
        covered()


def test_the_headers_of_an_answer_are_those_of_the_contract() -> None:
    assert an_answer(a_key())["Signature-Input"] == (
        f'duijie=("@status" "content-digest" "signature";req);created={CREATED}'
        ';keyid="province-410000";alg="hmac-sha256";tag="duijie-v1"'
    )


def test_an_answer_cannot_be_moved_to_another_request_status_or_body() -> None:
    key, headers = a_key(), an_answer(a_key())
    other = a_message(now=NOW + timedelta(seconds=1)).verify().signature

    assert verdict(headers, key, request=other) == SignatureErrorCode.MISMATCH
    assert verdict(headers, key, status=202) == SignatureErrorCode.MISMATCH
    assert verdict(headers, key, body=BODY + b" ") == SignatureErrorCode.DIGEST_MISMATCH
    headers["Content-Digest"] = content_digest("sha-256", b"{}")
    assert verdict(headers, key, body=b"{}") == SignatureErrorCode.MISMATCH


def test_an_answer_without_signature_or_digest_is_refused() -> None:
    key = a_key()

    assert verdict(CIMultiDict(), key) == SignatureErrorCode.MISSING
    headers = an_answer(key)
    del headers["Content-Digest"]
    assert verdict(headers, key) == SignatureErrorCode.DIGEST_MISSING


def test_an_answer_by_another_key_is_refused() -> None:
    headers = an_answer(a_key())

    assert verdict(headers, a_key(key_id="province-430000")) == SignatureErrorCode.UNKNOWN_KEY
    assert verdict(headers, a_key(fill=8)) == SignatureErrorCode.MISMATCH
    assert verdict(headers, a_key(Suite.HMAC_SM3)) == SignatureErrorCode.ALGORITHM_MISMATCH


def test_an_answer_ages_like_a_request() -> None:
    key, headers = a_key(), an_answer(a_key())

    assert verdict(headers, key, late_s=300) == "accepted"
    assert verdict(headers, key, late_s=-60) == "accepted"
    assert verdict(headers, key, late_s=301) == SignatureErrorCode.EXPIRED
    assert verdict(headers, key, late_s=-61) == SignatureErrorCode.NOT_YET_VALID


@pytest.mark.parametrize("left_out", ['"@status" ', '"content-digest" ', ' "signature";req'])
def test_an_answer_that_covers_less_is_refused(left_out: str) -> None:
    key, headers = a_key(), an_answer(a_key())
    assert left_out in headers["Signature-Input"]
    headers["Signature-Input"] = headers["Signature-Input"].replace(left_out, "")

    assert verdict(headers, key) == SignatureErrorCode.COMPONENT_MISSING


def test_a_request_played_back_is_not_an_answer() -> None:
    message = a_message(body=BODY)

    assert verdict(message.headers, a_key()) == SignatureErrorCode.COMPONENT_MISSING


def test_an_answer_to_a_request_whose_signature_field_is_not_ascii_cannot_be_signed() -> None:
    with pytest.raises(SignatureRejected) as refused:
        sign_answer(a_key(), status=200, body=b"", request_signature="签", now=NOW)

    assert refused.value.code is SignatureErrorCode.MALFORMED


def test_a_public_key_cannot_sign_an_answer() -> None:
    with pytest.raises(KeyRejected):
        an_answer(a_key(Suite.ED25519).public_half())
